"""The A/A certificate: one framework against itself, by the same plan that compares frameworks.

Each side is a process of its own in every launch, in the same random rounds, so all that differs between two frameworks
but the frameworks themselves differs here too. What their ratios show is this machine's own noise.
"""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from math import ceil

from pipeline.bench.case_measurement import CaseMeasurement
from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchOptions, Plan, RunContext, Variant, chosen_frameworks
from pipeline.bench.registry import adapter_class
from pipeline.records.benchmarks import BenchSample, BenchSelfSample, Side
from pipeline.reference import COMPARED
from pipeline.reference.frameworks import BenchEntry

USUAL_COMPARISONS = 20
"""In each full run; from so many on they say by how much frameworks must differ here."""
_SIDES: tuple[Side, Side] = ("one", "other")
_PAIRED = (
    ("matmul", "large"),
    ("convolution", "small"),
    ("mlp_inference", "small"),
    ("mlp_training", "small"),
    ("transformer_inference", "small"),
)
"""Case and size: those of a default run that every framework has, from microseconds to milliseconds a step."""
_DTYPE = "float32"
_REPETITION_SECONDS = 900
"""It ends with its rounds long before; cut short by a busy machine it would certify another plan."""


class SelfComparison(CaseMeasurement):
    """One repetition: both sides are measured as frameworks of their own, in orders drawn for it alone."""

    def __init__(self, context: RunContext, entry: BenchEntry, plan: Plan, repetition: int) -> None:
        """Name the sides."""
        self._entry, self._repetition = entry, repetition
        sides = tuple(entry.model_copy(update={"id": side, "title": f"{entry.title}, {side} side"}) for side in _SIDES)
        options = replace(context.options, registered=sides, frameworks=_SIDES, devices=(CPU,))
        seed = context.protocol.seed + repetition
        protocol = replace(context.protocol, seed=seed, budget_seconds=_REPETITION_SECONDS)
        super().__init__(replace(context, options=options, protocol=protocol), plan)

    def rows(self) -> Iterator[BenchSelfSample]:
        """Yield the samples, under the framework's own name; of a repetition that was interrupted, none."""
        for sample in () if self.is_interrupted else super().rows():
            if isinstance(sample, BenchSample):
                side: Side = "one" if sample.framework == "one" else "other"
                values = sample.model_dump() | {"framework": self._entry.id}
                yield BenchSelfSample(**values, repetition=self._repetition, side=side)


def wanted_comparisons(options: BenchOptions) -> int:
    """Return how many comparisons of a framework with itself are part of the run; only a whole full run has any."""
    return USUAL_COMPARISONS if options.full and not options.cases else 0


def self_comparisons(context: RunContext, comparisons_count: int) -> list[SelfComparison]:
    """Return repetitions of at least so many comparisons of the first installed framework.

    That is the one that others are set in ratio to, if it is there; without any framework there is no repetition.
    """
    entries = sorted(chosen_frameworks(context.options), key=lambda each: each.id != COMPARED[0])
    entry = next((each for each in entries if find_spec(adapter_class(each.adapter).package)), None)
    if entry is None:
        return []
    adapter = adapter_class(entry.adapter)
    modes = [mode for mode in adapter.modes if adapter.mode_tiers.get(mode) != "full"]
    variants = tuple(
        Variant(case_name=case, size=size, dtype=_DTYPE, device=CPU, framework=side, mode=mode)
        for (case, size), side, mode in product(_PAIRED, _SIDES, modes)
    )
    plan = Plan(stages=(variants,), left_out=())
    repetitions_count = ceil(comparisons_count * len(_SIDES) / len(variants))
    return [SelfComparison(context, entry, plan, repetition) for repetition in range(repetitions_count)]
