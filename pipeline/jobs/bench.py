"""The step that measures the frameworks on this machine, and what follows from its samples.

It stands apart from the other steps for what it brings along: a scan or an audit has no use for it.
"""

import json
import threading
from dataclasses import dataclass

from pipeline.bench.run import BenchOptions, BenchResult, run_benchmarks
from pipeline.estimate.ratios import derive_performance, derive_self_comparisons, margin_for
from pipeline.estimate.retakes import counted
from pipeline.jobs.bench_summary import account_of, refuse_gaps, told
from pipeline.jobs.interrupt import set_by_interrupt
from pipeline.jobs.steps import Job
from pipeline.log import logger
from pipeline.records.benchmarks import BenchRun, Machine
from pipeline.warehouse.bench import load_bench
from pipeline.warehouse.certificate import read_certificate

_LOG = logger("refresh")


@dataclass(frozen=True, kw_only=True)
class BenchChoices:
    """What a person may ask of the benchmarks; named and explained as in `BenchOptions`."""

    full: bool = False
    cases: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    special_measurements: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    threads_count: int | None = None
    budget_seconds: float | None = None


def measure(job: Job, choices: BenchChoices = BenchChoices()) -> str:
    """Measure the installed frameworks on this machine and keep every sample and every outcome.

    Raises:
        BadInput: a choice cannot be had, or the folder for what compilers leave cannot be written.
        Interrupted: Ctrl-C ended it early; what was measured until then is kept, and the rest is told to be missing.
        Unmeasured: something went wrong; that is recorded, and everything else is kept.
    """
    folder = job.settings.data_folder / "bench"
    options = BenchOptions(
        run_id=job.run_id, cache_folder=folder, quick=job.params.quick, peaks=not job.params.quick, **vars(choices)
    )
    stop = threading.Event()
    with set_by_interrupt(stop):
        result = run_benchmarks(options, lambda event: _LOG.info("%s", told(event)), stop)
    keep_measured(job, result)
    refuse_gaps(result, is_chosen=bool(choices.frameworks))
    return account_of(result)


def keep_measured(job: Job, result: BenchResult) -> None:
    """Store what a run measured and what follows from it.

    The margin of the verdicts is what the machine's certificate supports with as many threads.
    """
    load_bench(job.connection, [*result.rows, *derive_self_comparisons(result.self_samples)])
    margin = certified_margin(job, result.machine, result.run)
    load_bench(job.connection, derive_performance(counted(result.samples), margin))


def certified_margin(job: Job, machine: Machine, run: BenchRun) -> float:
    """Return by how much step times of a run must differ to be called different, by its machine's certificate."""
    certificate = read_certificate(job.connection, machine.machine_id)
    threads_count = json.loads(run.settings)["threads_count"]
    return margin_for(machine, certificate.margin_for(threads_count) if certificate else None)
