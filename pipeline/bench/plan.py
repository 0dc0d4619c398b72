"""What one run is to do: its choices, the protocol they amount to, and the variants in the order they are measured."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import groupby, product
from math import inf
from pathlib import Path
from typing import Literal, TypeVar

from pipeline.bench.contract import CPU, DEVICES, Case, Framework, Tier
from pipeline.bench.machine import native_dtypes
from pipeline.bench.registry import CASES, adapter_class
from pipeline.bench.system_load import usable_cores_count
from pipeline.bench.timing import SamplingTimes
from pipeline.errors import BadInput
from pipeline.records.benchmarks import BenchSample, usual_mode
from pipeline.reference import known_frameworks
from pipeline.reference.frameworks import BenchEntry

_Number = TypeVar("_Number", int, float)
Group = tuple[str, str, str, str]
"""What is compared with each other: one case, size, number type and device."""
_QUICK_TIMES = SamplingTimes(block_seconds=0.03, warmup_block_seconds=0.015, warmup_seconds=0.15)
_FULL_TIMES = SamplingTimes(warmup_seconds=1)
"""On a machine that is not quiet, three blocks of 20 ms in a row seldom agree within a third of a second."""


@dataclass(frozen=True, kw_only=True)
class RequestLimits:
    """After how many seconds a request is given up and its worker ended."""

    start_seconds: float = 60
    prepare_seconds: float = 90
    build_seconds: float = 120
    sample_seconds: float = 30


_FULL_LIMITS = RequestLimits(build_seconds=900, sample_seconds=180)
"""PyTorch needs minutes to compile a ResNet-50 training step for a processor: five of a busy one with four cores; and a
few steps of that network at its large size, by one thread beside a dozen other workers, need more than half of one."""


@dataclass(frozen=True, kw_only=True)
class _Usual:
    """What a kind of run does unless told otherwise."""

    budget_seconds: float
    launches_count: int
    rounds_count: int
    """At most; at least one is run of everything that is built in time."""
    pace: SamplingTimes
    limits: RequestLimits


_QUICK = _Usual(budget_seconds=12, launches_count=1, rounds_count=5, pace=_QUICK_TIMES, limits=RequestLimits())
_DEFAULT = _Usual(budget_seconds=78, launches_count=2, rounds_count=6, pace=SamplingTimes(), limits=RequestLimits())
_FULL = _Usual(budget_seconds=3600, launches_count=2, rounds_count=12, pace=_FULL_TIMES, limits=_FULL_LIMITS)
"""The time is each case's own, which ends with its rounds long before; a budget that is given is the whole run's.
Unless it was given, it begins when the frameworks are imported: that takes a busy machine longer than a quick run."""


def registered_frameworks() -> tuple[BenchEntry, ...]:
    """Return every way in which a framework is run, by the registry of frameworks."""
    return tuple(entry for _, entry in known_frameworks().bench())


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """The choices of one run; what is None is decided by `protocol_of`."""

    cache_folder: Path
    """Where compilers keep their results, and where outputs pass through."""
    run_id: str = "not kept"
    """Given by the job that keeps the run."""
    quick: bool = False
    full: bool = False
    """Every case, size, mode, framework, number type and special measurement, one case after the other."""
    cases: tuple[str, ...] = ()
    """Case names, each with all its sizes and usual modes; empty: as much as the kind of run has time for."""
    frameworks: tuple[str, ...] = ()
    """Framework names; empty: those that every run measures."""
    special_measurements: tuple[str, ...] = ()
    """Names of special measurements to take after the cases; a full run takes all.

    Without a budget each takes as long as it needs; of one, the cases leave them half, and none is begun after it.
    """
    comparisons_count: int = 0
    """So many comparisons of a framework with itself, at least, and nothing else; 0: as the kind of run has them."""
    peaks: bool = False
    """Whether the machine's own peaks are taken first, by a plain product and a plain copy."""
    devices: tuple[str, ...] = ()
    """Kinds of device; empty: the processor, and every other that a framework reports."""
    dtypes_by_device: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Number types of 16 bits that a device computes in by itself; found out for those that are not named."""
    threads_count: int | None = None
    budget_seconds: float | None = None
    launches_count: int | None = None
    rounds_count: int | None = None
    pace: SamplingTimes | None = None
    repeats_count: int = 2
    """How often at most a disturbed sample is taken again, where the time budget allows."""
    seed: int = 2024
    limits: RequestLimits | None = None
    registered: tuple[BenchEntry, ...] = field(default_factory=registered_frameworks)
    unsure: Callable[[Sequence[BenchSample]], Sequence[Group]] | None = None
    """Which comparisons the samples so far leave undecided, the least sure first; they get the time that is left."""


@dataclass(frozen=True, kw_only=True)
class Protocol(_Usual):
    """The options as they are carried out; stored with every run."""

    is_quick: bool
    is_full: bool
    """Then each launch ends before the next one starts, so that only one launch's workers hold memory at a time."""
    devices: tuple[str, ...]
    threads_count: int
    cores_count: int
    repeats_count: int
    """At most, of each disturbed sample; fewer where the time is over."""
    seed: int


@dataclass(frozen=True, kw_only=True, order=True)
class Variant:
    """One thing that is timed: a case at a size, in one framework and mode."""

    case_name: str
    size: str
    dtype: str
    device: str
    framework: str
    mode: str

    @property
    def group(self) -> Group:
        """What it is compared within: the same case, size, dtype and device."""
        return self.case_name, self.size, self.dtype, self.device


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Stages are built one after the other, each followed by all its rounds, so that what is finished has an answer."""

    stages: tuple[tuple[Variant, ...], ...]
    left_out: tuple[Variant, ...]
    """Not measured for time in a quick run."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All that is to be measured, in order."""
        return tuple(variant for stage in self.stages for variant in stage)

    def steps_count(self, protocol: Protocol) -> int:
        """Return the steps that measuring it takes: a build for each variant and launch, and the rounds."""
        turns = protocol.launches_count if protocol.is_full else 1
        return len(self.variants) * protocol.launches_count + protocol.rounds_count * len(self.stages) * turns


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What every part of one run shares."""

    options: BenchOptions
    protocol: Protocol
    stop: threading.Event
    """Set when the run is to end early; whoever waits looks it up."""
    scratch: Path
    """A folder of this run alone, removed after it."""


EventKind = Literal["started", "worker", "built", "round", "outcome", "finished"]


@dataclass(frozen=True, kw_only=True)
class BenchEvent:
    """Something worth showing while a run goes on."""

    kind: EventKind
    sentence: str
    done_count: int
    total_count: int
    """Steps of the run: a build for each variant and launch, the rounds, and each special measurement."""
    left_seconds: float | None = None
    """How long the rest takes at the pace so far; None before there is one."""


OnEvent = Callable[[BenchEvent], None]


def protocol_of(options: BenchOptions) -> Protocol:
    """Return how the run is carried out on this machine.

    Threads default to the usable cores less one, at least one: with a thread on every core one busy neighbour slows
    some frameworks sixfold.

    Raises:
        BadInput: a count or the budget is not positive, there are more threads than cores, a kind of device is not
            known, or it is to be both quick and full.
    """
    refuse_unknown("kind of device", options.devices, DEVICES)
    cores = usable_cores_count()
    threads = max(1, cores - 1) if options.threads_count is None else options.threads_count
    if not 1 <= threads <= cores:
        raise BadInput(f"{threads} threads cannot be had here; choose from 1 to {cores}.")
    if options.quick and options.full:
        raise BadInput("a run is either quick or full; leave one of the two out.")
    usual = _QUICK if options.quick else _FULL if options.full else _DEFAULT
    devices = options.devices or (CPU,)
    budget = _chosen("time budget", options.budget_seconds, usual.budget_seconds * len(devices))
    launches = _chosen("number of launches", options.launches_count, usual.launches_count)
    rounds = _chosen("number of rounds", options.rounds_count, usual.rounds_count)
    return Protocol(
        is_quick=options.quick,
        is_full=options.full,
        launches_count=launches,
        rounds_count=rounds,
        devices=devices,
        threads_count=threads,
        cores_count=cores,
        budget_seconds=budget,
        repeats_count=options.repeats_count,
        seed=options.seed,
        pace=options.pace or usual.pace,
        limits=options.limits or usual.limits,
    )


def _chosen(name: str, asked: _Number | None, usual: _Number) -> _Number:
    if asked is None:
        return usual
    if not 0 < asked < inf:  # nan is in no interval
        raise BadInput(f"the {name} must be greater than zero and finite; correct the option.")
    return asked


def chosen_frameworks(options: BenchOptions) -> tuple[BenchEntry, ...]:
    """Return the registered frameworks that were asked for; unasked, those that every run measures.

    Raises:
        BadInput: one is not registered.
    """
    known = {entry.id: entry for entry in options.registered}
    refuse_unknown("benchmark framework", options.frameworks, list(known))
    unasked = {name for name, entry in known.items() if options.full or entry.tier != "full"}
    return tuple(entry for name, entry in known.items() if name in (options.frameworks or unasked))


def chosen_cases(options: BenchOptions) -> tuple[Case, ...]:
    """Return the cases that were asked for.

    Raises:
        BadInput: there is none of that name.
    """
    refuse_unknown("benchmark case", options.cases, [case.name for case in CASES])
    return tuple(case for case in CASES if not options.cases or case.name in options.cases)


def parts_of(options: BenchOptions) -> tuple[BenchOptions, ...]:
    """Return the run as parts that are measured one after the other.

    A full run has one for each case: what is measured stays in its workers' memory until its part ends.

    Raises:
        BadInput: a case is not known.
    """
    if not options.full:
        return (options,)
    return tuple(replace(options, cases=(case.name,)) for case in chosen_cases(options))


def make_plan(options: BenchOptions) -> Plan:
    """Return what is measured in which order.

    Each case is a stage at each size, smaller sizes and what is cheap to compile first, deep networks last; of a full
    run, whose parts are cases, it is one stage. A quick run measures the eager modes first, then the compiled modes of
    each case's smallest size, so that a compiler that needs too long takes no other answer with it.
    What only full runs measure is left out unless its case was asked for by name.

    Raises:
        BadInput: a case or framework is not known.
    """
    cases, entries = chosen_cases(options), chosen_frameworks(options)
    tiers: set[Tier] = {"quick", "default", "full"} if options.cases or options.full else {"quick", "default"}
    variants = _in_order(options, cases, entries, tiers)
    if options.full:
        return Plan(stages=(tuple(variants),), left_out=())
    if not options.quick:
        return Plan(stages=_by_group(variants), left_out=())
    smallest = {(case.name, next(iter(case.sizes))) for case in cases}
    in_time = variants if options.cases else _in_order(options, cases, entries, {"quick"})
    eager = [variant for variant in in_time if variant.mode == "eager"]
    compiled = [v for v in in_time if v.mode != "eager" and (v.case_name, v.size) in smallest]
    taken = {*eager, *compiled}
    return Plan(
        stages=(*_by_group(eager), *_by_group(compiled)),
        left_out=tuple(variant for variant in variants if variant not in taken),
    )


def _by_group(variants: Iterable[Variant]) -> tuple[tuple[Variant, ...], ...]:
    return tuple(tuple(each) for _, each in groupby(variants, lambda variant: variant.group))


def _in_order(
    options: BenchOptions, cases: Sequence[Case], entries: Sequence[BenchEntry], tiers: AbstractSet[Tier]
) -> list[Variant]:
    devices = options.devices or (CPU,)
    types = {each: options.dtypes_by_device.get(each, native_dtypes() if each == CPU else ()) for each in devices}
    return [
        Variant(case_name=case.name, size=size, dtype=dtype, device=device, framework=entry.id, mode=mode)
        for is_deep, rank in product((False, True), range(max(len(case.sizes) for case in cases)))
        for case in cases
        if case.is_deep is is_deep
        for dtype in case.dtypes
        for device in devices
        if dtype == "float32" or (options.full and dtype in types[device])
        for size in list(case.sizes)[rank : rank + 1]
        if case.tier(size, dtype) in tiers
        for entry in entries
        for mode in _modes(adapter_class(entry.adapter), case, size, tiers, full=options.full)
        if mode == usual_mode(mode) or (dtype, device) == ("float32", CPU)
    ]


def _modes(adapter: type[Framework], case: Case, size: str, tiers: AbstractSet[Tier], *, full: bool) -> Iterator[str]:
    """Yield the modes that the kind of run has time for, those with a further setting last."""
    is_patient = not case.is_unrolled and ("full" in tiers or not case.is_deep)
    for mode in adapter.modes:
        if adapter.mode_tiers.get(mode, "quick") in tiers and (is_patient or mode not in adapter.slow_to_compile):
            yield mode
    yield from (mode for mode, takes in adapter.further_modes.items() if full and takes(case, size))


def refuse_unknown(kind: str, asked: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a name that is not known.

    Raises:
        BadInput: there is one.
    """
    for name in asked:
        if name not in known:
            raise BadInput(f"there is no {kind} {name}; choose from: {', '.join(known)}.")
