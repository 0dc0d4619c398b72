"""Whether our own timing agrees with a timer that others trust: the same steps, in one child, measured by both in turn.

The other timer is the one that the framework itself brings (of PyTorch: `torch.utils.benchmark.Timer`), so that what
may differ is only how the steps are repeated and waited for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean, median

import numpy as np

from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchOptions, RunContext, Variant, chosen_cases, chosen_frameworks
from pipeline.bench.process import Lost
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import open_context
from pipeline.bench.worker_slot import VariantState, WorkerSlot
from pipeline.reference import COMPARED

MOST_DEVIATION = 0.03
"""The median deviation beyond which the two do not agree, as a fraction."""
CHECKED_CASES = ("matmul", "softmax", "convolution", "mlp_inference", "mlp_training", "transformer_inference")
_SIZE, _DTYPE = "small", "float32"
_ROUNDS = 15


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


def check_timer(options: BenchOptions, framework: str = COMPARED[0]) -> list[TimerCheck]:
    """Measure the cases in every mode of one framework by both timers in random turns and return one row per variant.

    Of `options` the cases (the usual ones if none is named), threads, seed, rounds and pace are used.

    Raises:
        BadInput: an option is wrong, or the cache folder cannot be written.
    """
    (entry,) = chosen_frameworks(replace(options, frameworks=(framework,)))
    modes = adapter_class(entry.adapter).modes
    cases = [case.name for case in chosen_cases(options) if case.name in (options.cases or CHECKED_CASES)]
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
