"""The special measurements of a run: each in fresh children, one after the other, whatever becomes of any of them."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

from pipeline.bench.contract import CPU
from pipeline.bench.plan import BenchEvent, BenchOptions, OnEvent, RunContext, chosen_frameworks
from pipeline.bench.process import Lost, Stopped, WorkerProcess, lost_to_system
from pipeline.bench.registry import FrameworkEntry, adapter_class
from pipeline.bench.special import SpecialMeasurement
from pipeline.bench.specials.registry import PROBES
from pipeline.bench.worker import WorkerSpec
from pipeline.errors import BadInput
from pipeline.records.benchmarks import BenchProbe, Outcome

_PROBE_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One child of one probe."""

    probe: SpecialMeasurement
    entry: FrameworkEntry
    mode: str
    device: str
    threads_count: int
    round_index: int

    @property
    def sentence(self) -> str:
        """What it is, for who watches."""
        where = "" if self.device == CPU else f" on {self.device}"
        return f"{self.probe.title}: {self.entry.title}{where}, {self.mode}, {self.threads_count} threads"


def wanted_probes(options: BenchOptions) -> tuple[str, ...]:
    """Return the names of the special measurements that were asked for; a full run without cases by name takes all.

    Raises:
        BadInput: there is none of that name.
    """
    known = tuple(probe.name for probe in PROBES)
    for name in options.probes:
        if name not in known:
            raise BadInput(f"there is no special measurement {name}; choose from: {', '.join(known)}.")
    return known if options.full and not options.cases else options.probes


def probe_steps_count(context: RunContext, names: tuple[str, ...]) -> int:
    """Return how many children the special measurements of these names take."""
    return sum(1 for _ in _rounds(context, names))


def run_probes(
    context: RunContext,
    names: tuple[str, ...],
    on_event: OnEvent,
    left_seconds: Callable[[], float] = lambda: inf,
) -> list[BenchProbe]:
    """Take the special measurements of these names and return a row for each figure, had or not.

    Once Ctrl-C or `context.stop` ends it, or `left_seconds` gives 0, each round that is left has rows that say so.
    """
    rounds = list(_rounds(context, names))
    rows: list[BenchProbe] = []
    for place, each in enumerate(rounds):
        if not left_seconds():
            rows += _without(context, each, "not run: time budget", "the run's time was over before")
            continue
        if not context.stop.is_set():
            on_event(BenchEvent(kind="built", sentence=each.sentence, done_count=place, total_count=len(rounds)))
        rows += _taken_unless_stopped(context, each)
    return rows


def _taken_unless_stopped(context: RunContext, each: _Round) -> list[BenchProbe]:
    if not context.stop.is_set():
        try:
            return _taken(context, each)
        except (KeyboardInterrupt, Stopped):
            context.stop.set()
    return _without(context, each, "not run: interrupted", "the run was interrupted before")


def _rounds(context: RunContext, names: tuple[str, ...]) -> Iterator[_Round]:
    protocol = context.protocol
    for probe in PROBES:
        if probe.name not in names:
            continue
        devices = (CPU,) if probe.is_host_only else context.options.devices or (CPU,)
        for round_index in range(probe.rounds_count):
            for threads in probe.threads(protocol.threads_count, protocol.cores_count):
                for entry, device in product(chosen_frameworks(context.options), devices):
                    for mode in probe.modes(adapter_class(entry.adapter)):
                        yield _Round(
                            probe=probe,
                            entry=entry,
                            mode=mode,
                            device=device,
                            threads_count=threads,
                            round_index=round_index,
                        )


def _taken(context: RunContext, each: _Round) -> list[BenchProbe]:
    if find_spec(adapter_class(each.entry.adapter).package) is None:
        return _without(context, each, "missing", f"{each.entry.title} is not installed")
    try:
        with tempfile.TemporaryDirectory(dir=context.scratch, ignore_cleanup_errors=True) as name:
            each.probe.prepare(Path(name), context.protocol.seed)
            started, answer = _answered(context, each, Path(name))
    except Lost as lost:
        return _without(context, each, lost.outcome, lost.message)
    except OSError as error:
        told = lost_to_system(error)
        return _without(context, each, told.outcome, told.message)
    return _rows(context, each, started, answer["values"])


def _answered(context: RunContext, each: _Round, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    protocol = context.protocol
    spec = WorkerSpec(
        adapter=each.entry.adapter,
        threads_count=each.threads_count,
        device=each.device,
        seed=protocol.seed,
        memory_limit_bytes=protocol.memory_limit_bytes,
        pace=protocol.pace,
    )
    cache = folder / "cache" if each.probe.needs_cold_cache else context.options.cache_folder
    process = WorkerProcess(
        spec, cache, context.stop, evidence_file=folder / "evidence.log", is_quick=each.probe.needs_cold_cache
    )
    try:
        started = process.ask("start", protocol.limits.start_seconds)
        arguments = {"name": each.probe.name, "mode": each.mode, "folder": str(folder)}
        return started, process.ask("probe", _PROBE_SECONDS, **arguments)
    finally:
        process.end()


def _rows(
    context: RunContext, each: _Round, started: Mapping[str, Any], values: list[dict[str, float]]
) -> list[BenchProbe]:
    conditions = {"framework": started["read_back"], "allocators": started["memory_policy"]}
    return [
        _row(context, each, measure).model_copy(
            update={
                "repetition": repetition,
                "value": float(value),
                "framework_version": started["version"],
                "conditions": json.dumps(conditions, sort_keys=True),
            }
        )
        for repetition, found in enumerate(values)
        for measure, value in found.items()
    ]


def _without(context: RunContext, each: _Round, outcome: Outcome, message: str) -> list[BenchProbe]:
    update = {"outcome": outcome, "message": message}
    return [_row(context, each, measure).model_copy(update=update) for measure in each.probe.measures]


def _row(context: RunContext, each: _Round, measure: str) -> BenchProbe:
    return BenchProbe(
        run_id=context.options.run_id,
        probe_name=each.probe.name,
        framework=each.entry.name,
        mode=each.mode,
        device=each.device,
        threads_count=each.threads_count,
        round_index=each.round_index,
        repetition=0,
        measure=measure,
        unit=each.probe.measures[measure],
        workload=each.probe.workload,
        outcome="measured",
        message=None,
        value=None,
        framework_version=None,
        conditions="{}",
    )
