"""Checks of the benchmarks themselves, run by hand: what they found, in sentences, and whether it holds.

The other timer that our own is held against is the one that the framework itself brings, in the same child, on the same
steps and in turn; so what may differ is only how the steps are repeated and waited for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean, median
from typing import NamedTuple

import numpy as np

from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchOptions, RunContext, Variant, chosen_cases, chosen_frameworks
from pipeline.bench.process import Lost
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import open_context, run_certificate
from pipeline.bench.worker_slot import VariantState, WorkerSlot
from pipeline.errors import Interrupted
from pipeline.jobs.bench import keep_measured, log_event
from pipeline.jobs.context import set_by_interrupt
from pipeline.jobs.publish import published_job
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
