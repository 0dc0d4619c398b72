"""The A/A certificate: one framework against itself, by the same plan that compares frameworks.

Each side is a process of its own in every launch, in the same random rounds, so all that differs between two frameworks
but the frameworks themselves differs here too. What their ratios show is this machine's own noise.
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from math import ceil, inf

from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchOptions, OnEvent, Plan, RunContext, Variant, chosen_frameworks
from pipeline.bench.registry import REFERENCE_FRAMEWORK, FrameworkEntry, adapter_class
from pipeline.bench.runner import Runner
from pipeline.clock import perf_counter
from pipeline.records.bench_trust import BenchSelfSample, Side
from pipeline.records.benchmarks import BenchSample

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


def wanted_comparisons(options: BenchOptions) -> int:
    """Return how many comparisons of a framework with itself are part of the run; only a whole full run has any."""
    return USUAL_COMPARISONS if options.full and not options.cases else 0


def certificate_steps_count(context: RunContext, comparisons_count: int | None = None) -> int:
    """Return the steps of so many comparisons, or of those that are part of the run."""
    count = wanted_comparisons(context.options) if comparisons_count is None else comparisons_count
    entry = _first_installed(chosen_frameworks(context.options)) if count else None
    return 0 if entry is None else _repetitions_count(_plan(entry), count) * _plan(entry).steps_count(context.protocol)


def measure_itself(
    context: RunContext, comparisons_count: int, on_event: OnEvent, at_most_seconds: float = inf
) -> list[BenchSelfSample]:
    """Return the samples of at least so many comparisons of the first installed framework, PyTorch if it is there.

    Without any framework there is no sample. Ended by Ctrl-C or `context.stop`, it returns those of the repetitions
    that were finished; none is begun after `at_most_seconds`.
    """
    entry = _first_installed(chosen_frameworks(context.options))
    if entry is None:
        return []
    plan = _plan(entry)
    samples: list[BenchSelfSample] = []
    over_at = perf_counter() + at_most_seconds
    for repetition in range(_repetitions_count(plan, comparisons_count)):
        if perf_counter() >= over_at:
            break
        steps_before = repetition * plan.steps_count(context.protocol)
        campaign = Runner(_apart(context, entry, repetition), plan, _counted_on(on_event, steps_before))
        campaign.run()
        if campaign.is_interrupted:
            context.stop.set()
            break
        samples += [_renamed(sample, entry, repetition) for sample in campaign.sample_rows()]
    return samples


def _repetitions_count(plan: Plan, comparisons_count: int) -> int:
    return ceil(comparisons_count / (len(plan.variants) / len(_SIDES)))


def _counted_on(on_event: OnEvent, steps_before: int) -> OnEvent:
    return lambda event: on_event(replace(event, done_count=steps_before + event.done_count))


def _first_installed(entries: Sequence[FrameworkEntry]) -> FrameworkEntry | None:
    ordered = sorted(entries, key=lambda entry: entry.name != REFERENCE_FRAMEWORK)
    return next((entry for entry in ordered if find_spec(adapter_class(entry.adapter).package)), None)


def _plan(entry: FrameworkEntry) -> Plan:
    adapter = adapter_class(entry.adapter)
    modes = [mode for mode in adapter.modes if adapter.mode_tiers.get(mode) != "full"]
    variants = tuple(
        Variant(case_name=case, size=size, dtype=_DTYPE, device=CPU, framework=side, mode=mode)
        for (case, size), side, mode in product(_PAIRED, _SIDES, modes)
    )
    return Plan(stages=(variants,), left_out=())


def _apart(context: RunContext, entry: FrameworkEntry, repetition: int) -> RunContext:
    """Return the context in which both sides are frameworks of their own; each repetition draws its own orders."""
    sides = tuple(replace(entry, name=side, title=f"{entry.title}, {side} side") for side in _SIDES)
    return replace(
        context,
        options=replace(context.options, registered=sides, frameworks=_SIDES, devices=(CPU,)),
        protocol=replace(context.protocol, seed=context.protocol.seed + repetition, budget_seconds=_REPETITION_SECONDS),
    )


def _renamed(sample: BenchSample, entry: FrameworkEntry, repetition: int) -> BenchSelfSample:
    values = sample.model_dump() | {"framework": entry.name}
    return BenchSelfSample(**values, repetition=repetition, side="one" if sample.framework == "one" else "other")
