"""How a step is timed: warm-up until it is steady, then blocks long enough to be measured. The clock is handed in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import ceil
from statistics import median

_TAIL_BLOCKS = 3
_MOST_PARTS = 10
"""Of a block: enough that the median of their step times does not bend to one interruption by something else."""
_LOAD_SLACK = 0.25
"""Load is counted in ticks of 10 ms: in a block of 50 ms an idle machine can look a quarter of a processor busy."""


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
    for count in _parts_of(steps_count):
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


def _parts_of(steps_count: int) -> Iterator[int]:
    """Yield the steps of each part: as equal as they can be, the larger ones first."""
    parts_count = min(_MOST_PARTS, steps_count)
    least, larger_count = divmod(steps_count, parts_count)
    yield from (least + (place < larger_count) for place in range(parts_count))


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
