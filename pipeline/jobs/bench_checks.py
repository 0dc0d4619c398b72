"""Checks of the benchmarks themselves, run by hand, and changes on this machine since the last run.

The first say what they found, in sentences, and whether it holds. The other timer that our own is held against is the
one that the framework itself brings, in the same child, on the same steps and in turn; so what may differ is only how
the steps are repeated and waited for. Changes, and steps in the history of runs, are rows of tables.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean, median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.bench.contract import CPU
from pipeline.bench.machine import this_machine
from pipeline.bench.plan import BenchOptions, RunContext, Variant, chosen_cases, chosen_frameworks
from pipeline.bench.process import Lost
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import open_context, run_certificate
from pipeline.bench.worker_slot import VariantState, WorkerSlot
from pipeline.claims.wording import in_unit
from pipeline.errors import BadInput, Interrupted
from pipeline.estimate.change_points import FEWEST_RUNS, change_between, steps_in
from pipeline.estimate.moderated_variance import Floats
from pipeline.estimate.ratios import verdict_on
from pipeline.jobs.bench import keep_measured, log_event
from pipeline.jobs.context import set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.metrics.read import read_view
from pipeline.records.benchmarks import BenchSelfSample
from pipeline.reference import COMPARED
from pipeline.settings import Settings
from pipeline.warehouse.bench import Certificate, read_certificate

_MOST_DEVIATION = 0.03
"""The median deviation beyond which the two do not agree, as a fraction."""
_CHECKED_CASES = ("matmul", "softmax", "convolution", "mlp_inference", "mlp_training", "transformer_inference")
_SIZE, _DTYPE = "small", "float32"
_ROUNDS = 15
_MICRO = 1e6
_BUSY_SHARE = 0.1
"""Of the samples, beyond which a check says that the machine was busy."""
_CUT_SHORT = "The certificate was interrupted: the comparisons that were finished are kept; run it again for the rest."


class TrustReport(NamedTuple):
    """The findings of a check, and whether the figures may be trusted by it."""

    sentences: tuple[str, ...]
    holds: bool


@dataclass(frozen=True, kw_only=True)
class TimerCheck:
    """One variant by both timers, or why it has none."""

    case_name: str
    mode: str
    own_seconds: float | None = None
    """Median over the rounds of the step time as this project's samples have it."""
    other_seconds: float | None = None
    """Median over the rounds of what the framework's timer says."""
    message: str | None = None
    disturbed_share: float = 0.0
    """Of our samples, those that something else on the machine disturbed."""

    @property
    def ratio(self) -> float | None:
        """Our figure over the other's; None where one is missing."""
        return self.own_seconds / self.other_seconds if self.own_seconds and self.other_seconds else None


def check_timer_here(settings: Settings, *, cases: tuple[str, ...], threads_count: int | None) -> TrustReport:
    """Compare the harness with the framework's own timer on this machine; nothing is stored.

    Raises:
        BadInput: a choice cannot be had on this machine, or the cache folder cannot be written.
    """
    folder = settings.data_folder / "bench"
    return timer_report(check_timer(BenchOptions(cache_folder=folder, cases=cases, threads_count=threads_count)))


def timer_report(checks: Sequence[TimerCheck]) -> TrustReport:
    """Word the figures of both timers; without a figure by both it does not hold."""
    lines = tuple(map(_timer_line, checks))
    if (deviation := median_deviation(checks)) is None:
        return TrustReport((*lines, "Nothing could be timed by both."), holds=False)
    holds = deviation <= _MOST_DEVIATION
    word = "they agree" if holds else "they do not agree"
    verdict = f"Median deviation {deviation:.1%}; {_MOST_DEVIATION:.0%} is allowed: {word}."
    busy_share = mean(check.disturbed_share for check in checks if check.ratio)
    busy = f"The machine was busy: other load disturbed {busy_share:.0%} of the samples. Repeat it on a quieter one."
    return TrustReport((*lines, verdict, *([busy] if busy_share > _BUSY_SHARE else [])), holds=holds)


def check_timer(options: BenchOptions, framework: str = COMPARED[0]) -> list[TimerCheck]:
    """Measure the cases in every mode of one framework by both timers in random turns and return one row per variant.

    Of `options` the cases (the usual ones if none is named), threads, seed, rounds and pace are used.

    Raises:
        BadInput: an option is wrong, or the cache folder cannot be written.
    """
    (entry,) = chosen_frameworks(replace(options, frameworks=(framework,)))
    modes = adapter_class(entry.adapter).modes
    cases = [case.name for case in chosen_cases(options) if case.name in (options.cases or _CHECKED_CASES)]
    variants = [
        Variant(case_name=case, size=_SIZE, dtype=_DTYPE, device=CPU, framework=entry.id, mode=mode)
        for case, mode in product(cases, modes)
    ]
    with open_context(options) as context:
        slot = WorkerSlot(entry, 0, context)
        try:
            return _checked(slot, [VariantState(variant=variant, launch_index=0) for variant in variants], context)
        finally:
            slot.close()


def median_deviation(checks: Sequence[TimerCheck]) -> float | None:
    """Return the median over the variants of how far the ratio is from one, as a fraction; None if there is none."""
    deviations = [abs(check.ratio - 1) for check in checks if check.ratio]
    return median(deviations) if deviations else None


def _checked(slot: WorkerSlot, states: Sequence[VariantState], context: RunContext) -> list[TimerCheck]:
    others: list[list[float]] = [[] for _ in states]
    generator = np.random.default_rng(context.protocol.seed)
    for round_index in range(context.options.rounds_count or _ROUNDS):
        for place in generator.permutation(len(states)):
            state = states[place]
            if state.outcome is None:
                _take_both(slot, state, round_index, others[place], is_ours_first=bool(generator.integers(2)))
    return [_row(state, other) for state, other in zip(states, others, strict=True)]


def _take_both(
    slot: WorkerSlot, state: VariantState, round_index: int, others: list[float], *, is_ours_first: bool
) -> None:
    try:
        slot.warm_up(state)
        if is_ours_first:
            slot.sample(state, round_index, 0)
        others.append(slot.own_timer_seconds(state.variant))
        if not is_ours_first:
            slot.sample(state, round_index, 1)
    except Lost as lost:
        state.lose(lost.outcome, lost.message)


def _row(state: VariantState, others: Sequence[float]) -> TimerCheck:
    check = TimerCheck(case_name=state.variant.case_name, mode=state.variant.mode)
    if state.outcome is not None:
        return replace(check, message=f"{state.outcome}: {state.message}")
    own_seconds = median(sample.step_seconds for sample in state.samples)
    disturbed = mean(sample.is_disturbed for sample in state.samples)
    return replace(check, own_seconds=own_seconds, other_seconds=median(others), disturbed_share=disturbed)


def certify_here(settings: Settings, *, comparisons_count: int, threads_count: int | None) -> TrustReport:
    """Compare a framework with itself on this machine, keep and publish it, and say what margin it supports.

    Raises:
        BadInput: a choice cannot be had on this machine, or the cache folder cannot be written.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; the comparisons that were finished until then are published.
    """
    with published_job(settings, "bench, certificate") as job:
        folder = settings.data_folder / "bench"
        options = BenchOptions(run_id=job.run_id, cache_folder=folder, threads_count=threads_count)
        with set_by_interrupt() as stop:
            result = run_certificate(options, comparisons_count, log_event, stop)
        keep_measured(job, result)
        found = read_certificate(job.connection, result.machine.machine_id) if result.of(BenchSelfSample) else None
        if stop.is_set():
            raise Interrupted(_CUT_SHORT)
    return certificate_report(found)


def certificate_report(found: Certificate | None) -> TrustReport:
    """Word a certificate; without one it does not hold."""
    if found is None:
        return TrustReport(("Nothing was compared: no framework is installed.",), holds=False)
    if found.supported_margin_fraction is None:
        margin = "Too few were stable to say by how much frameworks must differ here: repeat it on a quieter machine."
    else:
        threads = f"{found.threads_count} thread{'s' if found.threads_count > 1 else ''}"
        beyond = f"{found.supported_margin_fraction:.0%} from now on"
        margin = f"With {threads} frameworks are called different here beyond {beyond}."
    held = (
        f"{found.containing_count} of {found.comparisons_count} intervals of a framework against itself hold 1.00 "
        f"({found.containing_share:.1%}; 95 % is what they promise)."
    )
    spread = (
        f"The ratios are off by {found.median_deviation_fraction:.1%} in the median and "
        f"{found.widest_deviation_fraction:.1%} at most; other load disturbed {found.disturbed_share:.0%} of the "
        "samples."
    )
    return TrustReport((held, spread, margin), holds=found.holds)


def _timer_line(check: TimerCheck) -> str:
    name = f"{check.case_name}, {check.mode}"
    if check.own_seconds is None or check.other_seconds is None:
        return f"{name}: {check.message}"
    own, other = check.own_seconds * _MICRO, check.other_seconds * _MICRO
    return f"{name}: harness {own:.1f} µs, Timer {other:.1f} µs, ratio {check.ratio:.3f}"


VARIANT = ("case_name", "size", "dtype", "device", "framework", "mode")
SERIES = (*VARIANT, "workload", "threads_count")
_NAME = ("case", "device", "framework", "mode")
CHANGE_COLUMNS = (*_NAME, "before", "now", "now/before", "95 % interval", "verdict", "version")
STEP_COLUMNS = (*_NAME, "since", "after/before", "runs", "version")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Ready for the terminal."""

    heading: str
    changes: list[tuple[str, ...]]
    """By `CHANGE_COLUMNS`; one row per variant of the newest run that an earlier one measured too."""
    steps: list[tuple[str, ...]]
    """By `STEP_COLUMNS`."""
    remark: str
    sure_slowdowns: tuple[float, ...]
    """By how much each is slower at least, by its interval, as a fraction; below 0 where it need not be slower."""


def compare_here(settings: Settings) -> Comparison:
    """Return how the newest published run of this machine compares with those before it.

    A variant is compared with the newest earlier run that did the same work with the same number of threads, whatever
    the versions, which are shown.

    Raises:
        BadInput: nothing was measured here yet.
    """
    machine = this_machine()
    own = {"machine_id": machine.machine_id}
    history = read_view(settings.published_file, "benchmark_history", own, ("measured_at", "run_id"))
    if history.empty:
        raise BadInput("nothing was measured on this machine yet; run `observatory bench` first.")
    newest = history[history["run_id"] == history["run_id"].iloc[-1]]
    known = newest[newest["previous_run_id"].notna()].sort_values(list(VARIANT))
    runs = {*newest["run_id"], *known["previous_run_id"]}
    samples = read_view(settings.published_file, "benchmark_samples", own | {"run_id": tuple(runs), "is_counted": True})
    changes = list(_changes(known, _launches(samples)))
    return Comparison(
        heading=f"{machine.title} ({machine.machine_id}): run {newest['run_id'].iloc[0]} against the one before",
        changes=[change for change, _ in changes],
        steps=list(_steps(history)),
        remark=_remark(len(newest), len(known), history),
        sure_slowdowns=tuple(slowdown for _, slowdown in changes),
    )


def _remark(newest_count: int, known_count: int, history: pd.DataFrame) -> str:
    sentences = []
    if new_count := newest_count - known_count:
        sentences.append(f"{new_count} of {newest_count} were not measured here before in the same way.")
    if (longest := int(history["run_number"].max())) < FEWEST_RUNS:
        sentences.append(f"Steps are looked for from {FEWEST_RUNS} runs on; the longest history has {longest}.")
    return " ".join(sentences)


def _launches(samples: pd.DataFrame) -> Mapping[tuple[str, ...], list[Floats]]:
    """Return the step times of each run and variant, one array per launch."""
    return {
        tuple(map(str, key)): [times.to_numpy(np.float64) for _, times in rows.groupby("launch_index")["step_seconds"]]
        for key, rows in samples.groupby(["run_id", *VARIANT])
    }


def _changes(
    known: pd.DataFrame, launches: Mapping[tuple[str, ...], list[Floats]]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield each change, and by how much it surely is slower; an unstable one is surely nothing."""
    for row in known.to_dict("records"):
        variant = tuple(str(row[column]) for column in VARIANT)
        ratio = change_between(launches[row["run_id"], *variant], launches[row["previous_run_id"], *variant])
        is_stable = row["stability"] == "stable"
        change = (
            *_name(row),
            in_unit(row["previous_step_seconds_median"], "s"),
            in_unit(row["step_seconds_median"], "s"),
            f"{row['change_ratio']:.2f}",
            f"{ratio.low:.2f} to {ratio.high:.2f}",
            verdict_on(ratio, row["margin_fraction"]) if is_stable else row["stability"],
            _versions(row["previous_framework_version"], row["framework_version"]),
        )
        yield change, ratio.low - 1 if is_stable else 0.0


def _steps(history: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for _, series in history.groupby(list(SERIES)):
        runs = series.to_dict("records")
        for step in steps_in([run["step_seconds_median"] for run in runs], max(run["margin_fraction"] for run in runs)):
            before, after = runs[step.place - 1], runs[step.place]
            yield (
                *_name(after),
                f"{after['measured_at']:%Y-%m-%d}",
                f"{step.ratio:.2f}",
                str(len(runs)),
                _versions(before["framework_version"], after["framework_version"]),
            )


def _name(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    return f"{row['case_name']} {row['size']} {row['dtype']}", row["device"], row["framework"], row["mode"]


def _versions(before: str | None, after: str | None) -> str:
    return str(after) if before == after else f"{before} to {after}"
