"""Measuring the frameworks on this machine, and deriving from the samples what is published."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.bench.machine import this_machine
from pipeline.bench.plan import BenchEvent, BenchOptions, Group
from pipeline.bench.run import run_benchmarks
from pipeline.errors import Interrupted, Unmeasured
from pipeline.estimate.ratios import counted, derive_performance, derive_self_comparisons, margin_for
from pipeline.jobs.context import JobContext, set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.records.benchmarks import (
    BenchRun,
    BenchSample,
    BenchSelfSample,
    BenchSpecialMeasurement,
    BenchVariant,
    DerivedPerformance,
    Machine,
    MachineResults,
    Outcome,
    Verdict,
)
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench, read_certificate

_GONE_WRONG: frozenset[Outcome] = frozenset(
    {"crashed", "failed", "no space left", "out of memory", "outputs differ", "timed out"}
)
"""What is not installed, not supported or not reached is a result like any other; this is not."""
_WITHOUT_VERDICT: tuple[Verdict, ...] = ("no difference shown", "not comparable")
_LISTED_COUNT = 3
_MINUTES_FROM_SECONDS = 100
_HOURS_FROM_MINUTES = 60
_LOG = logger("refresh")


def measure_and_publish(settings: Settings, choices: BenchOptions) -> str:
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


def measure(job: JobContext, choices: BenchOptions) -> str:
    """Measure within a run and keep every sample and every outcome; errors as for `measure_and_publish`."""
    options = replace(choices, run_id=job.run_id, peaks=not choices.quick, unsure=unsure_groups)
    with set_by_interrupt() as stop:
        result = run_benchmarks(options, log_event, stop)
    derived = keep_measured(job, result)
    refuse_gaps(result, derived, is_chosen=bool(choices.frameworks))
    return f"{summary_of(result)}{verdicts_of(result, derived)}"


def unsure_groups(samples: Sequence[BenchSample]) -> list[Group]:
    """Return what is compared and not decided by these samples: what has too few first, then the widest interval."""
    rows = derive_performance(counted(samples), margin_for(this_machine()))
    unsure = [row for row in rows if row.ratio_low and row.ratio_high and row.verdict in _WITHOUT_VERDICT]
    unsure.sort(key=lambda row: (row.verdict != "not comparable", -(row.ratio_high or 0) / (row.ratio_low or 1)))
    return list(dict.fromkeys((row.case_name, row.size, row.dtype, row.device) for row in unsure))


def keep_measured(job: JobContext, result: MachineResults) -> list[DerivedPerformance]:
    """Store what a run measured and what follows from it; return the latter.

    The margin of the verdicts is what the machine's certificate supports with as many threads.
    """
    load_bench(job.connection, [result.machine, *result.rows, *derive_self_comparisons(result.of(BenchSelfSample))])
    (run,) = result.of(BenchRun)
    derived = judged(job, result.machine, run, result.of(BenchSample))
    load_bench(job.connection, derived)
    return derived


def judged(
    job: JobContext, machine: Machine, run: BenchRun, samples: Sequence[BenchSample]
) -> list[DerivedPerformance]:
    """Return what follows from a run's samples, by its threads and the margin of its machine's certificate."""
    certificate = read_certificate(job.connection, machine.machine_id)
    threads_count = json.loads(run.settings)["threads_count"]
    margin = margin_for(machine, certificate.margin_for(threads_count) if certificate else None)
    ((most_busy_cpus,),) = job.connection.execute("select most_busy_cpus(?)", [threads_count]).fetchall()
    return derive_performance(counted(samples), margin, most_busy_cpus)


def log_event(event: BenchEvent) -> None:
    """Log an event of a benchmark run."""
    _LOG.info("%s", progress_line(event))


def progress_line(event: BenchEvent) -> str:
    """Return an event with how far the run is and how long the rest will take at the pace so far."""
    if event.left_seconds is None:
        return event.sentence
    return f"{event.sentence} ({event.done_count} of {event.total_count}, {_rest(event.left_seconds)} left)"


def _rest(seconds: float) -> str:
    if seconds < _MINUTES_FROM_SECONDS:
        return f"about {seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < _HOURS_FROM_MINUTES else f"about {minutes // 60} h {minutes % 60} min"


def summary_of(result: MachineResults) -> str:
    """Return how much was measured, as a sentence without its full stop."""
    variants, specials = result.of(BenchVariant), result.of(BenchSpecialMeasurement)
    measured = sum(variant.outcome == "measured" for variant in variants)
    special = f", {len(specials)} special figures" if specials else ""
    samples_count = len(result.of(BenchSample))
    return f"{measured} of {len(variants)} benchmark variants measured, {samples_count} samples{special}"


def verdicts_of(result: MachineResults, derived: Sequence[DerivedPerformance]) -> str:
    """Return how the comparisons of a run came out, as a clause; of those without a verdict, why and what to do."""
    tally = Counter(row.verdict for row in derived if row.ratio)
    if not tally:
        return ""
    without = sum(tally.pop(verdict, 0) for verdict in _WITHOUT_VERDICT)
    told = [f"{count} {verdict}" for verdict, count in tally.most_common()]
    samples = result.of(BenchSample)
    kinds = Counter(kind for each in samples if each.disturbances for kind in each.disturbances.split(", "))
    shares = ", ".join(f"{n / len(samples):.0%} by {kind}" for kind, n in kinds.most_common(_LISTED_COUNT))
    reason = f"samples were disturbed, {shares}; measure while little else runs, or" if kinds else "measure"
    told += [f"{without} without a verdict ({reason} longer by --full)"] if without else []
    return f"; compared with the same in {derived[0].reference_framework}: {', '.join(told)}"


def refuse_gaps(result: MachineResults, derived: Sequence[DerivedPerformance], *, is_chosen: bool) -> None:
    """Raise an error where a run is not whole; `is_chosen`: its frameworks were chosen by name.

    Raises:
        Interrupted: it was ended early.
        Unmeasured: something went wrong, nothing of what was asked for could be measured, or the time was over before
            anything could be compared.
    """
    if any(run.is_interrupted for run in result.of(BenchRun)):
        raise Interrupted(f"The benchmarks were interrupted: {summary_of(result)}; that much is kept and published.")
    variants = result.of(BenchVariant)
    rows: tuple[BenchVariant | BenchSpecialMeasurement, ...] = (*variants, *result.of(BenchSpecialMeasurement))
    # One clause for each thing and outcome, whatever number of launches it befell.
    clauses = [f"{_name(row)}: {row.outcome} ({row.message})" for row in rows if row.outcome in _GONE_WRONG]
    if wrong := list(dict.fromkeys(clauses)):
        more = f"; and {len(wrong) - _LISTED_COUNT} more" if len(wrong) > _LISTED_COUNT else ""
        raise Unmeasured(
            f"{summary_of(result)}; {'; '.join(wrong[:_LISTED_COUNT])}{more}. `observatory query` with "
            '"from benchmark_outcomes" lists each.'
        )
    has_time_left_out = any(row.outcome == "not run: time budget" for row in variants)
    is_compared = any(row.verdict not in {"reference", "not comparable"} for row in derived)
    if has_time_left_out and not is_compared and len({row.framework for row in derived}) != 1:
        raise Unmeasured(f"{summary_of(result)}: the time was over before a comparison; give a larger --budget.")
    if is_chosen and not any(row.outcome == "measured" for row in rows):
        reasons = "; ".join(dict.fromkeys(row.message for row in variants if row.message))
        raise Unmeasured(f"Nothing was measured: {reasons}.")


def _name(row: BenchVariant | BenchSpecialMeasurement) -> str:
    what = row.probe_name if isinstance(row, BenchSpecialMeasurement) else f"{row.case_name} {row.size}"
    return f"{what}, {row.framework} {row.mode}"
