"""How a step is timed, and what else went on meanwhile. The clock is handed in.

It is warmed up until it is steady; then blocks are taken that are long enough to be measured. A block counts as
disturbed by the load of others or by one of four signs, each of which can be there without the others: the host took
processor time away (steal), something waited for a processor (pressure), the measured threads were put aside against
their will (switches), the processor's clock changed. They are all that is looked at; how long the block took never is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import ceil
from statistics import median
from typing import Any

from pipeline.bench import system_load

_TAIL_BLOCKS = 3
_MOST_PARTS = 10
"""Of a block: enough that the median of their step times does not bend to one interruption by something else."""
_LOAD_SLACK = 0.25
"""Load is counted in ticks of 10 ms: in a block of 50 ms an idle machine can look a quarter of a processor busy."""
_STOLEN_CPUS = 0.25
"""Steal is counted in ticks of 10 ms: one of them in a block of 50 ms is a fifth of a processor."""
_PRESSURE_FRACTION = 0.25
_SWITCHES = 3
"""Whatever the length of the block: timers and the system's own threads need a processor now and then."""
_SWITCHES_A_THREAD_SECOND = 20
"""A neighbour on the same processor costs a turn every few milliseconds, which is a hundred and more."""
_SWITCHES_OVER_OWN = 3
"""Frameworks with more threads than processors put their own aside: only what is beyond their own habit counts."""
_CLOCK_FRACTION = 0.1
_ALONE_FRACTION = 0.97
"""Of the processors that the measured threads may use; what is left to others is below the least margin, 5 %."""
Surroundings = Mapping[str, float | int | None]
"""Counters and readings at one moment; None wherever the system does not tell."""


@dataclass(frozen=True, kw_only=True)
class SamplingTimes:
    """How long things take on purpose."""

    block_seconds: float = 0.05
    """A sample lasts at least this long."""
    minimum_steps: int = 3
    """And has at least so many steps, unless they are long."""
    long_step_seconds: float = 0.5
    """A step as long as this is a sample by itself: it is far longer than a block, and its rounds are many."""
    warmup_block_seconds: float = 0.02
    warmup_seconds: float = 0.3
    """The warm-up gives up being flat after this."""
    flat_fraction: float = 0.05
    """Flat: the slowest of the last three blocks is at most so much slower than the fastest."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Three readings; only differences between two of the same kind mean anything."""

    wall_seconds: Callable[[], float]
    cpu_seconds: Callable[[], float]
    """Of this process, all threads."""
    busy_seconds: Callable[[], float | None]
    """Of all processors that this process may use, by anybody; None where the system does not tell."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """What one timed block of steps took."""

    steps_count: int
    wall_seconds: float
    cpu_seconds: float
    other_cpus: float | None
    """Processors that anything but this process kept busy."""
    parts_step_seconds: tuple[float, ...] = ()
    """Wall time of one step in each part of the block, in their order."""

    @property
    def step_seconds(self) -> float:
        """Wall time of one step: the median over the parts, of a block without parts its mean."""
        return median(self.parts_step_seconds) if self.parts_step_seconds else self.wall_seconds / self.steps_count


@dataclass(frozen=True, kw_only=True)
class WarmUp:
    """How the warm-up went and what it found out."""

    steps_count: int
    is_flat: bool
    steps_per_sample: int


def time_block(
    step: Callable[[], object],
    sync: Callable[[object], None],
    steps_count: int,
    clock: Clock,
    *,
    waits_each_step: bool = True,
) -> Block:
    """Run `steps_count` steps in up to ten parts, each ending with its last result there, inside the timed region.

    Every step is waited for before the next begins, as by someone who uses each result: what is measured is latency.
    Without that only the last of each part is, and a framework may work on several at once: throughput.
    """
    result: object = None
    parts: list[float] = []
    busy_before = clock.busy_seconds()
    cpu_before = clock.cpu_seconds()
    started = clock.wall_seconds()
    parts_count = min(_MOST_PARTS, steps_count)
    for place in range(parts_count):
        count = (steps_count + parts_count - 1 - place) // parts_count  # as equal as can be, the larger ones first
        part_started = clock.wall_seconds()
        for _ in repeat(None, count):
            result = step()
            if waits_each_step:
                sync(result)
        if not waits_each_step:
            sync(result)
        parts.append((clock.wall_seconds() - part_started) / count)
    wall = clock.wall_seconds() - started
    cpu = clock.cpu_seconds() - cpu_before
    busy_after = clock.busy_seconds()
    other = None
    if busy_before is not None and busy_after is not None and wall > 0:
        other = max(0.0, busy_after - busy_before - cpu) / wall
    return Block(
        steps_count=steps_count, wall_seconds=wall, cpu_seconds=cpu, other_cpus=other, parts_step_seconds=tuple(parts)
    )


def calibrated_steps(step_seconds: float, pace: SamplingTimes) -> int:
    """Return how many steps make a sample of at least `block_seconds` and `minimum_steps`; of a long step, one."""
    least = 1 if step_seconds >= pace.long_step_seconds else pace.minimum_steps
    return max(least, steps_lasting(pace.block_seconds, step_seconds))


def steps_lasting(wanted_seconds: float, step_seconds: float) -> int:
    """Return the least number of steps, at least one, that lasts as long as wanted."""
    return max(1, ceil(wanted_seconds / step_seconds)) if step_seconds > 0 else 1


def is_flat(step_seconds: Sequence[float], pace: SamplingTimes) -> bool:
    """Say whether the last three blocks agree."""
    tail = step_seconds[-_TAIL_BLOCKS:]
    return len(tail) == _TAIL_BLOCKS and max(tail) <= min(tail) * (1 + pace.flat_fraction)


def warm_up(measure: Callable[[int], Block], pace: SamplingTimes) -> WarmUp:
    """Run blocks until the last three agree or the warm-up's time is over, then size the samples.

    `measure` runs a block of so many steps. At least three blocks are run, however long they take. The sample's size
    comes from the median of the last three.
    """
    trial = measure(1)
    found = [trial.step_seconds]
    steps_count, spent = 1, trial.wall_seconds
    steps = steps_lasting(pace.warmup_block_seconds, trial.step_seconds)
    while not is_flat(found, pace) and (len(found) < _TAIL_BLOCKS or spent < pace.warmup_seconds):
        block = measure(steps)
        found.append(block.step_seconds)
        steps_count += steps
        spent += block.wall_seconds
        steps = steps_lasting(pace.warmup_block_seconds, block.step_seconds)
    return WarmUp(
        steps_count=steps_count,
        is_flat=is_flat(found, pace),
        steps_per_sample=calibrated_steps(median(found[-_TAIL_BLOCKS:]), pace),
    )


def is_disturbed(other_cpus: float | None, threads_count: int, cores_count: int) -> bool:
    """Say whether others needed a processor that the measured threads were on, as far as the system tells."""
    return other_cpus is not None and other_cpus + threads_count > cores_count + _LOAD_SLACK


def look_around(cpus: frozenset[int] | None) -> Surroundings:
    """Read everything now, of these processors and of this process."""
    return {
        "stolen_seconds": system_load.stolen_seconds(cpus),
        "waited_seconds": system_load.waited_seconds(),
        "clock_mhz": system_load.clock_mhz(cpus),
        **system_load.usage(),
    }


def between(before: Surroundings, after: Surroundings, wall_seconds: float) -> dict[str, float | int | None]:
    """Return what happened from one moment to a later one, and what this process used meanwhile."""
    changes = {
        name: None if earlier is None or (later := after[name]) is None else later - earlier
        for name, earlier in before.items()
    }
    stolen, waited, clock = (changes.pop(name) for name in ("stolen_seconds", "waited_seconds", "clock_mhz"))
    clock_before = before["clock_mhz"]
    return {
        "stolen_cpus": None if stolen is None else max(0.0, stolen) / wall_seconds,
        "pressure_fraction": None if waited is None else min(1.0, max(0.0, waited) / wall_seconds),
        **changes,
        "clock_change_fraction": None if clock is None or not clock_before else abs(clock) / clock_before,
    }


def disturbances(
    block: Mapping[str, Any], threads_count: int, cores_count: int, own_switches: Sequence[int | None] = ()
) -> tuple[str, ...]:
    """Return what disturbed a block, in words.

    Threads that hand steps to each other on one processor wait for it and put each other aside. Neither is a sign
    where the measured threads had as many processors all the time: nobody else can have been on these.

    Args:
        block: what `between` gives, `other_cpus`, `wall_seconds`, `steps_count` and `cpu_seconds` of a step.
        threads_count: threads that the framework was given.
        cores_count: processors that it may use.
        own_switches: involuntary switches in earlier blocks of the same variant.
    """
    others = [each for each in own_switches if each is not None]
    usual = _SWITCHES + _SWITCHES_A_THREAD_SECOND * threads_count * block["wall_seconds"]
    habit = _SWITCHES_OVER_OWN * median(others) if others else 0.0
    limits = {
        "steal": ("stolen_cpus", _STOLEN_CPUS),
        "pressure": ("pressure_fraction", _PRESSURE_FRACTION),
        "switches": ("involuntary_switches_count", max(usual, habit)),
        "clock": ("clock_change_fraction", _CLOCK_FRACTION),
    }
    if block["cpu_seconds"] * block["steps_count"] >= _ALONE_FRACTION * threads_count * block["wall_seconds"]:
        del limits["pressure"], limits["switches"]
    load = ["other load"] if is_disturbed(block["other_cpus"], threads_count, cores_count) else []
    return (*load, *(sign for sign, (column, limit) in limits.items() if (block[column] or 0) > limit))
