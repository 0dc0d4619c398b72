"""The one loop that takes every part of a run, whatever its kind, and what the kinds have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from threading import Lock

from pipeline.bench.plan import BenchEvent, EventKind, OnEvent, RunContext
from pipeline.bench.process import Stopped
from pipeline.clock import perf_counter
from pipeline.records.benchmarks import Outcome, RunRow

UNFINISHED: Mapping[Outcome, str] = {
    "not run: quick": "a quick run leaves it out; a full run measures it",
    "not run: time budget": "the run's time was over before; a longer time budget measures it",
    "not run: interrupted": "the run was interrupted before",
}
"""Why something was not measured with which nothing went wrong."""
_FULL_STEP_SECONDS = 2.5
"""What a step of a full run takes, as on a virtual machine with two cores, before the pace of this one is known."""


class Measurement(ABC):
    """One part of a run: cases, the machine's peaks, a special measurement, or a framework against itself.

    Whatever goes wrong with what is measured becomes a row of it; the other parts go on.
    """

    steps_count: int = 0
    """How many steps of the run's progress it counts."""
    is_interrupted = False
    """Whether it was ended early, or not begun since the run was."""

    @property
    def unfinished(self) -> Outcome:
        """Why a part of it that was not reached has no figure."""
        return "not run: interrupted" if self.is_interrupted else "not run: time budget"

    @abstractmethod
    def take(self, progress: "Progress") -> None:
        """Measure within the time that is left of the run; no worker is left afterwards, however it ends.

        Raises:
            KeyboardInterrupt: Ctrl-C; what was measured until then stays.
            Stopped: the run was stopped; likewise.
        """

    @abstractmethod
    def rows(self) -> Iterable[RunRow]:
        """Return what was measured, and why the rest was not."""


def run_measurements(context: RunContext, measurements: Sequence[Measurement], on_event: OnEvent) -> list[RunRow]:
    """Take the measurements in turn and return the rows of all.

    Once Ctrl-C or `context.stop` ends one, those after it are not begun; nor is any after the budget that was given.
    """
    steps_counts = [measurement.steps_count for measurement in measurements]
    progress = Progress(steps_counts, on_event, context.options.budget_seconds)
    progress.usual_step_seconds = _FULL_STEP_SECONDS if context.protocol.is_full else None
    for place, measurement in enumerate(measurements):
        measurement.is_interrupted = context.stop.is_set()
        try:
            if not measurement.is_interrupted and progress.left_seconds:
                progress.begin(place)
                measurement.take(progress)
        except (KeyboardInterrupt, Stopped):
            measurement.is_interrupted = True
            context.stop.set()
    return [row for measurement in measurements for row in measurement.rows()]


class Progress:
    """The parts of one run on their way: who watches is told how far the whole is, and how long the rest takes."""

    usual_step_seconds: float | None = None
    """What a step takes as long as the run's own pace is not known."""

    def __init__(self, steps_counts: Sequence[int], on_event: OnEvent, budget_seconds: float | None = None) -> None:
        """Begin to count the time; `steps_counts` has each part's steps, in the order they are measured."""
        self._before = [sum(steps_counts[:place]) for place in range(len(steps_counts))]
        self._done_count, self._total_count = 0, sum(steps_counts)
        self._on_event = on_event
        self._lock = Lock()
        self._started_at = perf_counter()
        self._over_at = inf if budget_seconds is None else self._started_at + budget_seconds

    @property
    def left_seconds(self) -> float:
        """What is left of the budget, at least 0; infinite without one."""
        return max(0.0, self._over_at - perf_counter())

    def begin(self, place: int) -> None:
        """Count on from where that part begins, whatever those before it left out."""
        self._done_count = self._before[place]

    def tell(self, kind: EventKind, sentence: str, *, steps_count: int = 0) -> None:
        """Tell of something when so many steps more are done; threads are told of one after the other."""
        with self._lock:
            self._done_count += steps_count
            done, total = self._done_count, self._total_count
            now = perf_counter()
            self._started_at = self._started_at if done else now  # importing frameworks says nothing of the pace
            # At the pace so far, or else the usual one, if there is one; at most what the budget leaves.
            pace = (now - self._started_at) / done if done else self.usual_step_seconds
            rest = None if pace is None else min(self.left_seconds, pace * (total - done))
            self._on_event(
                BenchEvent(kind=kind, sentence=sentence, done_count=done, total_count=total, left_seconds=rest)
            )
