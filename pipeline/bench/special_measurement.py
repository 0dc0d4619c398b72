"""What is measured once in a fresh child, and is no steady step: special measurements, and the machine's own peaks.

One is an object in `special_measurements/` and an entry in `entries.toml`. A round of it is one child of one framework:
nothing that was done before can have warmed a cache, filled a memory or compiled a step.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from pipeline.bench.contract import Case, Framework, Problem, State, Tier
from pipeline.bench.timing import Block, Clock, SamplingTimes, time_block, warm_up

_PEAK_SIDE = 2048
_PEAK_NUMBERS = 1 << 25
_LEAST_REPEATS, _MOST_REPEATS = 3, 12
_PEAK_SECONDS = 1.0
_BYTES = 4
PEAK_UNITS = {"product": "flop/s", "copy": "byte/s"}
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
    """Of the child within the round; in further ones, from 1 on, the framework is not started yet."""

    def built(self, case: Case, size: str) -> State:
        """Return the case at that size, bound to the framework in this mode; no step was taken."""
        return self.framework.setup(case, case.problem(size, "float32", self.seed), self.mode)

    def check(self, case: Case, problem: Problem, state: State, result: object, what: str) -> None:
        """Hold what the last step made against the reference.

        Raises:
            OutputsDiffer: it is not what it should be; `what` says of which it is told.
        """
        from pipeline.bench.reference import expected  # noqa: PLC0415 — brings 60 MiB
        from pipeline.bench.worker_slot import compare  # noqa: PLC0415 — as above

        outputs, wanted = self.framework.outputs(case, problem, state, result), expected(case, problem)
        agreement = compare(outputs, wanted, case.tolerances[problem.dtype])
        if not agreement.agrees:
            raise OutputsDiffer(f"{what}: {agreement.sentence}")

    def step_seconds(self, state: State, *, waits_each_step: bool = True) -> float:
        """Return the median step time of five blocks after a warm-up."""
        return median(self.in_turns(state, waits_each_step=waits_each_step)[0])

    def in_turns(self, *states: State, waits_each_step: bool = True) -> list[tuple[float, ...]]:
        """Return for each its step times in five blocks; when all are warm, they take turns block by block."""

        def measure(state: State, steps_count: int) -> Block:
            sync = self.framework.sync
            return time_block(state.step, sync, steps_count, self.clock, waits_each_step=waits_each_step)

        sized = [(state, warm_up(partial(measure, state), self.pace).steps_per_sample) for state in states]
        return list(zip(*([measure(*each).step_seconds for each in sized] for _ in range(5)), strict=True))


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
    further_count: int = 0
    """Children that follow the first one in a round, all at once, in the same folder; their figures join its own."""
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


def plain_peaks(threads_count: int, clock: Clock) -> list[dict[str, object]]:
    """Measure a product by NumPy's BLAS, and a copy by every thread at once; takes 400 MB meanwhile.

    Each repeats for about a second, three times at least; an entry is the best of the repeats, in the columns of a
    `BenchPeak`. What a framework reaches is set against these, measured in the same run with as many threads. They are
    no limit of the hardware: a better library can pass them, and then the share is above 100 % and says so.
    """
    products = f"{_PEAK_SIDE} x {_PEAK_SIDE} times {_PEAK_SIDE} x {_PEAK_SIDE}, float32"
    copies = f"{_PEAK_NUMBERS:,} numbers of 32 bits read and written"
    found = (
        ("product", products, 2 * _PEAK_SIDE**3, _product_seconds(clock)),
        ("copy", copies, 2 * _BYTES * _PEAK_NUMBERS, _copy_seconds(threads_count, clock)),
    )
    return [
        {
            "measure": measure,
            "unit": PEAK_UNITS[measure],
            "workload": workload,
            "library": f"NumPy {np.__version__}",
            "repeats_count": len(seconds),
            "value": amount / min(seconds),
        }
        for measure, workload, amount, seconds in found
    ]


def _product_seconds(clock: Clock) -> Sequence[float]:
    generator = np.random.default_rng(0)
    left, right = (generator.standard_normal((_PEAK_SIDE, _PEAK_SIDE)).astype(np.float32) for _ in range(2))
    out = np.empty((_PEAK_SIDE, _PEAK_SIDE), dtype=np.float32)
    return _repeated(lambda: np.matmul(left, right, out=out), clock)


def _copy_seconds(threads_count: int, clock: Clock) -> Sequence[float]:
    source, target = np.ones(_PEAK_NUMBERS, dtype=np.float32), np.zeros(_PEAK_NUMBERS, dtype=np.float32)
    parts = list(zip(np.array_split(target, threads_count), np.array_split(source, threads_count), strict=True))
    with ThreadPoolExecutor(max_workers=threads_count) as pool:
        # NumPy lets other threads run while it copies.
        return _repeated(lambda: list(pool.map(lambda part: np.copyto(*part), parts)), clock)


def _repeated(work: Callable[[], object], clock: Clock) -> Sequence[float]:
    work()  # pages are touched and threads started before anything counts
    seconds: list[float] = []
    while len(seconds) < _LEAST_REPEATS or (sum(seconds) < _PEAK_SECONDS and len(seconds) < _MOST_REPEATS):
        started = clock.wall_seconds()
        work()
        seconds.append(clock.wall_seconds() - started)
    return seconds
