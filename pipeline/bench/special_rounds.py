"""The machine's peaks and the special measurements of a run, each in a fresh child, whatever becomes of any.

And the A/A certificate: one framework against itself, by the same plan that compares frameworks. Each side is a process
of its own in every launch, in the same random rounds, so all that differs between two frameworks but the frameworks
themselves differs here too. What their ratios show is this machine's own noise.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from pipeline.bench.case_measurement import CaseMeasurement
from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchOptions, Plan, RunContext, Variant, chosen_frameworks, refuse_unknown
from pipeline.bench.process import Lost, WorkerProcess, lost_to_system, new_worker
from pipeline.bench.registry import SPECIAL_MEASUREMENTS, adapter_class
from pipeline.bench.runner import UNFINISHED, Measurement, Progress
from pipeline.bench.special_measurement import PEAK_UNITS, SpecialMeasurement
from pipeline.records.benchmarks import BenchPeak, BenchSample, BenchSelfSample, BenchSpecialMeasurement, Outcome, Side
from pipeline.reference import COMPARED
from pipeline.reference.frameworks import BenchEntry

_PEAK_SECONDS, _SPECIAL_SECONDS = 60, 180


@dataclass
class Peaks(Measurement):
    """A plain product and a plain copy, taken before any worker is there; where the child failed, rows that say so."""

    _context: RunContext
    _rows: list[BenchPeak] = field(default_factory=list, init=False)

    def take(self, progress: Progress) -> None:
        """Ask a child; it is given a framework's adapter and never starts it."""
        del progress
        try:
            entry = self._context.options.registered[0]
            with closing(new_worker(self._context, entry, needs_framework=False)) as worker:
                found = worker.ask("peaks", _PEAK_SECONDS)["peaks"]
        except Lost as lost:
            none = {"workload": "none", "library": "NumPy", "repeats_count": 0}
            none |= {"outcome": lost.outcome, "message": lost.message}
            found = [{**none, "measure": measure, "unit": unit} for measure, unit in PEAK_UNITS.items()]
        context = self._context
        of_run = {"run_id": context.options.run_id, "threads_count": context.protocol.threads_count, "device": CPU}
        self._rows = [BenchPeak(**of_run | each) for each in found]

    def rows(self) -> list[BenchPeak]:
        """Return both, or none if it was interrupted."""
        return self._rows


@dataclass
class SpecialRound(Measurement):
    """One child of one special measurement; it has a row for each figure, had or not."""

    steps_count = 3
    """As long as so many builds, or rounds of a case, about."""
    _context: RunContext
    _special: SpecialMeasurement
    _entry: BenchEntry
    _place: Mapping[str, Any]
    """Mode, device, number of threads and of the round."""
    _rows: list[BenchSpecialMeasurement] = field(default_factory=list, init=False)

    def take(self, progress: Progress) -> None:
        """Measure in a folder of its own."""
        device, mode, threads = (self._place[name] for name in ("device", "mode", "threads_count"))
        where = "" if device == CPU else f" on {device}"
        progress.tell("built", f"{self._special.title}: {self._entry.title}{where}, {mode}, {threads} threads")
        try:
            with tempfile.TemporaryDirectory(dir=self._context.scratch, ignore_cleanup_errors=True) as name:
                self._special.prepare(Path(name), self._context.protocol.seed)
                self._rows = self._measured(Path(name))
        except (Lost, OSError) as error:
            lost = lost_to_system(error) if isinstance(error, OSError) else error
            self._rows = self._without(lost.outcome, lost.message)

    def rows(self) -> list[BenchSpecialMeasurement]:
        """Return the figures, or why there are none."""
        return self._rows or self._without(self.unfinished, UNFINISHED[self.unfinished])

    def _measured(self, folder: Path) -> list[BenchSpecialMeasurement]:
        """Measure with this round's threads and folder, and if need be an empty cache."""
        context, is_cold = self._context, self._special.needs_cold_cache
        own = replace(
            context,
            scratch=folder,
            options=replace(context.options, cache_folder=folder / "cache") if is_cold else context.options,
            protocol=replace(context.protocol, threads_count=self._place["threads_count"], is_quick=is_cold),
        )
        told = {"name": self._special.name, "mode": self._place["mode"], "folder": str(folder)}
        with closing(new_worker(own, self._entry, self._place["device"])) as worker:
            started = worker.ask("start", own.protocol.limits.start_seconds)
            values = worker.ask("special_measurement", _SPECIAL_SECONDS, **told)["values"]
        with ThreadPoolExecutor() as pool, ExitStack() as held:
            places = range(1, self._special.further_count + 1)
            workers = [held.enter_context(closing(new_worker(own, self._entry))) for _ in places]

            def ask(worker: WorkerProcess, place: int) -> dict[str, Any]:
                return worker.ask("special_measurement", _SPECIAL_SECONDS, **told, place=place)

            for answer in pool.map(ask, workers, places):
                values[0].update(*answer["values"])
        said = {"framework": started["read_back"], "allocators": started["memory_policy"]}
        conditions, version = json.dumps(said, sort_keys=True), started["framework_version"]
        measured = partial(self._row, outcome="measured", framework_version=version, conditions=conditions)
        return [
            measured(measure, repetition=repetition, value=float(value))
            for repetition, found in enumerate(values)
            for measure, value in found.items()
        ]

    def _without(self, outcome: Outcome, message: str) -> list[BenchSpecialMeasurement]:
        return [self._row(measure, outcome=outcome, message=message) for measure in self._special.measures]

    def _row(self, measure: str, **values: Any) -> BenchSpecialMeasurement:  # noqa: ANN401 — columns of any type
        return BenchSpecialMeasurement(
            run_id=self._context.options.run_id,
            probe_name=self._special.name,
            framework=self._entry.id,
            measure=measure,
            unit=self._special.measures[measure],
            workload=self._special.workload,
            **self._place,
            **values,
        )


def wanted_special_measurements(options: BenchOptions) -> tuple[str, ...]:
    """Return the names of the special measurements to take: those asked for, all in a full run without cases by name.

    Unasked, a usual run of its own length takes the short form of those that are in its tier.

    Raises:
        BadInput: there is none of that name.
    """
    known = tuple(special.name for special in SPECIAL_MEASUREMENTS)
    refuse_unknown("special measurement", options.special_measurements, known)
    if options.full and not options.cases:
        return known
    is_usual = not (options.full or options.quick or options.cases or options.budget_seconds)
    short = tuple(special.name for special in SPECIAL_MEASUREMENTS if is_usual and special.tier == "default")
    return options.special_measurements or short


def special_rounds(context: RunContext) -> Iterator[SpecialRound]:
    """Yield the rounds of the special measurements that were asked for, in the order they are taken.

    Raises:
        BadInput: there is none of a name that was asked for.
    """
    protocol, names = context.protocol, wanted_special_measurements(context.options)
    is_short = not (protocol.is_full or context.options.special_measurements)
    for special in SPECIAL_MEASUREMENTS:
        if special.name not in names:
            continue
        devices = (CPU,) if special.is_host_only else context.options.devices or (CPU,)
        threads = special.threads(protocol.threads_count, protocol.cores_count)
        rounds_count = 1 if is_short else special.rounds_count
        rounds = product(range(rounds_count), threads, chosen_frameworks(context.options), devices)
        for round_index, threads_count, entry, device in rounds:
            modes = special.modes(adapter_class(entry.adapter))
            for mode in modes[:1] if is_short else modes:
                place = {"mode": mode, "device": device, "threads_count": threads_count, "round_index": round_index}
                yield SpecialRound(context, special, entry, place)


USUAL_COMPARISONS = 20
"""In each full run; from so many on they say by how much frameworks must differ here."""
_SIDES: tuple[Side, Side] = ("one", "other")
_PAIRED = (
    ("matmul", "large"), ("convolution", "small"), ("mlp_inference", "small"),
    ("mlp_training", "small"), ("transformer_inference", "small"),
)  # fmt: skip
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
    """Return how many comparisons of a framework with itself were asked for; unasked, a whole full run has some."""
    return options.comparisons_count or (USUAL_COMPARISONS if options.full and not options.cases else 0)


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
