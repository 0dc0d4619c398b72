"""Measuring the frameworks on this machine, and deriving from the samples what is published."""

import json
import threading
from dataclasses import dataclass

from pipeline.bench.run import BenchOptions, BenchResult, run_benchmarks
from pipeline.estimate.ratios import derive_performance, derive_self_comparisons, margin_for
from pipeline.estimate.retakes import counted
from pipeline.jobs.bench_summary import log_event, refuse_gaps, summary_of
from pipeline.jobs.context import JobContext
from pipeline.jobs.interrupt import set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.records.benchmarks import BenchRun, Machine
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench
from pipeline.warehouse.certificate import read_certificate


@dataclass(frozen=True, kw_only=True)
class BenchChoices:
    """The choices of a person who measures; named and explained as in `BenchOptions`."""

    quick: bool = False
    full: bool = False
    cases: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    special_measurements: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    threads_count: int | None = None
    budget_seconds: float | None = None


def measure_and_publish(settings: Settings, choices: BenchChoices) -> str:
    """Measure the installed frameworks and publish; return one sentence about it.

    Raises:
        BadInput: a choice cannot be had on this machine.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; what was measured until then is published.
        Unmeasured: something went wrong; its outcome and everything else is published.
    """
    with published_job(settings, "bench, quick" if choices.quick else "bench") as job:
        return measure(job, choices)


def measure(job: JobContext, choices: BenchChoices) -> str:
    """Measure the installed frameworks on this machine and keep every sample and every outcome.

    Raises:
        BadInput: a choice cannot be had, or the folder for what compilers leave cannot be written.
        Interrupted: Ctrl-C ended it early; what was measured until then is kept, and the rest is reported as missing.
        Unmeasured: something went wrong; that is recorded, and everything else is kept.
    """
    folder = job.settings.data_folder / "bench"
    options = BenchOptions(run_id=job.run_id, cache_folder=folder, peaks=not choices.quick, **vars(choices))
    stop = threading.Event()
    with set_by_interrupt(stop):
        result = run_benchmarks(options, log_event, stop)
    keep_measured(job, result)
    refuse_gaps(result, is_chosen=bool(choices.frameworks))
    return summary_of(result)


def keep_measured(job: JobContext, result: BenchResult) -> None:
    """Store what a run measured and what follows from it.

    The margin of the verdicts is what the machine's certificate supports with as many threads.
    """
    load_bench(job.connection, [*result.rows, *derive_self_comparisons(result.self_samples)])
    margin = certified_margin(job, result.machine, result.run)
    load_bench(job.connection, derive_performance(counted(result.samples), margin))


def certified_margin(job: JobContext, machine: Machine, run: BenchRun) -> float:
    """Return by how much step times of a run must differ to be called different, by its machine's certificate."""
    certificate = read_certificate(job.connection, machine.machine_id)
    threads_count = json.loads(run.settings)["threads_count"]
    return margin_for(machine, certificate.margin_for(threads_count) if certificate else None)
