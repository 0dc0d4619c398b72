"""Measuring the frameworks on this machine, deriving from the samples what is published, and results that travel.

They travel between machines: out of the published copy into a file, and from a file in.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.bench.machine import this_machine
from pipeline.bench.plan import BenchEvent, BenchOptions, Group
from pipeline.bench.registry import CASES
from pipeline.bench.run import run_benchmarks
from pipeline.errors import BadInput, Interrupted, Unmeasured
from pipeline.estimate.ratios import counted, derive_performance, derive_self_comparisons, margin_for
from pipeline.jobs.context import JobContext, set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.metrics.read import open_published
from pipeline.records import benchmarks
from pipeline.records.bench_travel import MOST_BYTES, as_imported, from_file, to_file, without_samples
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchVariant, DerivedPerformance, MachineResults
from pipeline.settings import Settings
from pipeline.storage import read_plain, write_whole
from pipeline.warehouse.bench import load_bench, read_results, replace_imported, supported_margin

_GONE_WRONG: frozenset[benchmarks.Outcome] = frozenset(
    {"crashed", "failed", "no space left", "out of memory", "outputs differ", "timed out"}
)
"""What is not installed, not supported or not reached is a result like any other; this is not."""
_WITHOUT_VERDICT: tuple[benchmarks.Verdict, ...] = ("no difference shown", "not comparable")
_Measured = BenchVariant | benchmarks.BenchSpecialMeasurement
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
    compared = derive_self_comparisons(result.of(benchmarks.BenchSelfSample))
    load_bench(job.connection, [result.machine, *result.rows, *compared])
    (run,) = result.of(BenchRun)
    derived = judged(job, result.machine, run, result.of(BenchSample))
    load_bench(job.connection, derived)
    return derived


def judged(
    job: JobContext, machine: benchmarks.Machine, run: BenchRun, samples: Sequence[BenchSample]
) -> list[DerivedPerformance]:
    """Return what follows from a run's samples, by its threads and the margin of its machine's certificate."""
    threads_count = json.loads(run.settings)["threads_count"]
    margin = margin_for(machine, supported_margin(job.connection, machine.machine_id, threads_count))
    ((most_busy_cpus,),) = job.connection.execute("select most_busy_cpus(?)", [threads_count]).fetchall()
    return derive_performance(counted(samples), margin, most_busy_cpus)


def log_event(event: BenchEvent) -> None:
    """Log an event of a benchmark run."""
    _LOG.info("%s", progress_line(event))


def progress_line(event: BenchEvent) -> str:
    """Return an event with how far the run is and how long the rest will take at the pace so far."""
    if (seconds := event.left_seconds) is None:
        return event.sentence
    minutes = round(seconds / 60)
    rest = f"{minutes} min" if minutes < _HOURS_FROM_MINUTES else f"{minutes // 60} h {minutes % 60} min"
    rest = f"{seconds:.0f} s" if seconds < _MINUTES_FROM_SECONDS else rest
    return f"{event.sentence} ({event.done_count} of {event.total_count}, about {rest} left)"


def summary_of(result: MachineResults) -> str:
    """Return how much was measured, as a sentence without its full stop."""
    variants, specials = result.of(BenchVariant), result.of(benchmarks.BenchSpecialMeasurement)
    measured = sum(variant.outcome == "measured" for variant in variants)
    special = f", {len(specials)} special figures" if specials else ""
    late = dict.fromkeys(row.probe_name for row in specials if row.outcome == "not run: time budget")
    special += f" (the time was over before all of {', '.join(late)}; a larger --budget takes them)" if late else ""
    samples_count = len(result.of(BenchSample))
    return f"{measured} of {len(variants)} benchmark variants measured, {samples_count} samples{special}"


def verdicts_of(result: MachineResults, derived: Sequence[DerivedPerformance]) -> str:
    """Return how the comparisons of a run came out, as a clause; of those without a verdict, why and what to do."""
    tally = Counter(row.verdict for row in derived if row.ratio and row.mode == benchmarks.usual_mode(row.mode))
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
    rows: tuple[_Measured, ...] = (*variants, *result.of(benchmarks.BenchSpecialMeasurement))
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


def _name(row: _Measured) -> str:
    what = row.probe_name if isinstance(row, benchmarks.BenchSpecialMeasurement) else f"{row.case_name} {row.size}"
    return f"{what}, {row.framework} {row.mode}"


def export_here(settings: Settings, file: Path, *, figures_only: bool = False) -> str:
    """Write every published benchmark run of this machine to `file`, whole or not at all; return a sentence about it.

    `figures_only`: of the newest run what was derived from its samples, and not these, as `data/archive` holds it.

    Raises:
        BadInput: nothing was measured here, or the file cannot be written.
    """
    with open_published(settings.published_file) as connection:
        results = read_results(connection, this_machine().machine_id)
    kinds = benchmarks.OF_A_RUN if figures_only else benchmarks.TRAVELLING
    results = without_samples(results) if figures_only else results
    write_whole(file, to_file(file.name, results, kinds))
    runs_count, samples_count = (len(results.of(kind)) for kind in (BenchRun, BenchSample))
    return f"{file}: {runs_count} runs, {samples_count} samples of {results.machine.title}"


def import_here(settings: Settings, file: Path) -> str:
    """Take in the results of another machine from a file and publish; return a sentence about it.

    Raises:
        BadInput: the file cannot be read or is no export.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadInput(f"{file} is larger than any export; name the file of one.")
        content = read_plain(file)
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}); name the file of an export.") from error
    from_file(file.name, content)  # a wrong file is refused before a run is begun
    with published_job(settings, "bench import") as job:
        return load_export(job, file.name, content)


def load_export(job: JobContext, name: str, content: bytes) -> str:
    """Load an export into the warehouse of a job as that of another machine; return a sentence about it.

    Loading it again changes nothing. Runs of this machine stay as they are, whatever the file says: what is imported
    has ids of its own. Medians, ratios and intervals are derived anew from the samples.

    Raises:
        BadInput: it is no export, or its figures cannot be; nothing of it is kept.
    """
    results = as_imported(_grouped(from_file(name, content)))

    def verdicts() -> Iterator[DerivedPerformance]:
        for run in results.of(BenchRun):
            samples = [sample for sample in results.of(BenchSample) if sample.run_id == run.run_id]
            yield from judged(job, results.machine, run, samples)

    compared = derive_self_comparisons(results.of(benchmarks.BenchSelfSample))
    new_count = replace_imported(job.connection, results, compared, verdicts)
    here, machine = this_machine(), results.machine
    same = "this very machine" if here.identity == machine.identity else "a machine of the same make as this one"
    likeness = f" ({same}, kept apart)" if machine.fingerprint == here.fingerprint else ""
    unverified = "" if results.is_verified else "; unverified, since an export this old carries no checksum"
    sentence = f"{machine.title}{likeness}: {len(results.of(BenchRun))} runs, {new_count} of them new{unverified}"
    _LOG.info("Imported %s", sentence)
    return sentence


def _grouped(results: MachineResults) -> MachineResults:
    """Return the results with the groups that an export without them lacks, of the cases that are known here."""
    known = {(case.name, size): case.group_at(size) for case in CASES for size in case.sizes}
    rows = tuple(
        row.model_copy(update={"case_group": row.case_group or known.get((row.case_name, row.size))})
        if isinstance(row, BenchVariant)
        else row
        for row in results.rows
    )
    return replace(results, rows=rows)
