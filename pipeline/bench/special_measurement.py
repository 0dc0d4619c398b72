"""What is measured once in a fresh child, and is no steady step: the contract of a special measurement.

One is an object in `special_measurements/` and a line in `registry.py`. A round of it is one child of one framework:
nothing that was done before can have warmed a cache, filled a memory or compiled a step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pipeline.bench.contract import Case, Framework, State, Tier
from pipeline.bench.timing import Block, Clock, SamplingTimes, time_block, warm_up

Values = Mapping[str, float]
"""By the special measurement's measures; one that the system does not tell is left out."""


class OutputsDiffer(Exception):
    """What was computed or read on the way is not what it should be, so the figure means nothing."""


@dataclass(frozen=True, kw_only=True)
class SpecialTools:
    """The tools of a special measurement in its child."""

    framework: Framework
    mode: str
    seed: int
    clock: Clock
    pace: SamplingTimes
    folder: Path
    """Of this round alone, empty."""
    import_seconds: float
    """What importing the framework and setting it up took in this child."""
    place: int = 0
    """Of the child within the round: in the second one, 1, the framework is not started yet."""

    def built(self, case: Case, size: str) -> State:
        """Return the case at that size, bound to the framework in this mode; no step was taken."""
        return self.framework.setup(case, case.problem(size, "float32", self.seed), self.mode)

    def step_seconds(self, state: State, *, waits_each_step: bool = True) -> float:
        """Return the median step time of five blocks after a warm-up."""

        def measure(steps_count: int) -> Block:
            sync = self.framework.sync
            return time_block(state.step, sync, steps_count, self.clock, waits_each_step=waits_each_step)

        warm = warm_up(measure, self.pace)
        return median(measure(warm.steps_per_sample).step_seconds for _ in range(5))


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecialMeasurement:
    """One special measurement."""

    name: str
    title: str
    tier: Tier = "full"
    """Usual runs take the short form of what is `default`."""
    workload: str
    """In words."""
    measures: Mapping[str, str]
    """What a round gives, and its unit."""
    measure: Callable[[SpecialTools], Sequence[Values]]
    """Returns the figures of one child, one entry a repetition within it.

    It raises `Unsupported` where the framework cannot do this, and `OutputsDiffer` where it did something else.
    """
    rounds_count: int = 3
    """Fresh children of each framework and mode; one, of the first mode, in a run that takes the short form."""
    has_second_child: bool = False
    """Whether a round has another child, after the first, in the same folder; its figures join those of the first."""
    is_host_only: bool = False
    """Whether a device beside the processor has no part in it."""
    needs_cold_cache: bool = False
    """Whether compilers must find nothing of an earlier child's."""
    modes: Callable[[type[Framework]], Sequence[str]] = lambda adapter: adapter.modes
    """Those that are measured of a framework."""
    threads: Callable[[int, int], Sequence[int]] = lambda usual_count, _cores_count: (usual_count,)
    """The numbers of threads that are measured, given the run's own and the number of cores."""
    prepare: Callable[[Path, int], None] = lambda _folder, _seed: None
    """Writes what the framework is to find in the folder, by a seed; called before the child starts."""
