"""The one loop that takes every part of a run, whatever its kind, and what the kinds have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from pipeline.bench.plan import BenchEvent, OnEvent, RunContext
from pipeline.bench.process import Stopped
from pipeline.clock import perf_counter
from pipeline.records.benchmarks import RunRow


class Measurement(ABC):
    """One part of a run: cases, the machine's peaks, a special measurement, or a framework against itself.

    Whatever goes wrong with what is measured becomes a row of it; the other parts go on.
    """

    steps_count: int = 0
    """How many steps of the run's progress it counts."""
    is_interrupted = False
    """Whether it was ended early, or not begun since the run was."""

    @abstractmethod
    def take(self, on_event: OnEvent, left_seconds: float) -> None:
        """Measure, with so much time left for the whole run; no worker is left afterwards, however it ends.

        Raises:
            KeyboardInterrupt: Ctrl-C; what was measured until then stays.
            Stopped: the run was stopped; likewise.
        """

    @abstractmethod
    def rows(self) -> Iterable[RunRow]:
        """Return what was measured, and why the rest was not."""


def run_measurements(context: RunContext, measurements: Sequence[Measurement], on_event: OnEvent) -> list[RunRow]:
    """Take the measurements in turn and return the rows of all.

    Once Ctrl-C or `context.stop` ends one, those after it are not begun; nor is any after the time of a full run.
    """
    options = context.options
    steps_counts = [measurement.steps_count for measurement in measurements]
    progress = Progress(steps_counts, on_event, options.budget_seconds if options.full else None)
    for place, measurement in enumerate(measurements):
        measurement.is_interrupted = context.stop.is_set()
        try:
            if not measurement.is_interrupted and (left_seconds := progress.left_seconds):
                measurement.take(progress.of_part(place), left_seconds)
        except (KeyboardInterrupt, Stopped):
            measurement.is_interrupted = True
            context.stop.set()
    return [row for measurement in measurements for row in measurement.rows()]


class Progress:
    """The parts of one run on their way: each counts its own steps, and who watches is told those of the whole."""

    def __init__(self, steps_counts: Sequence[int], on_event: OnEvent, budget_seconds: float | None = None) -> None:
        """Begin to count the time; `steps_counts` has each part's steps, in the order they are measured."""
        self._before = [sum(steps_counts[:place]) for place in range(len(steps_counts))]
        self._total_count = sum(steps_counts)
        self._on_event = on_event
        self._started_at = perf_counter()
        self._over_at = inf if budget_seconds is None else self._started_at + budget_seconds

    @property
    def left_seconds(self) -> float:
        """What is left of the budget, at least 0; infinite without one."""
        return max(0.0, self._over_at - perf_counter())

    def of_part(self, place: int) -> OnEvent:
        """Return what tells an event of that part with the count and the time of the whole run."""

        def tell(event: BenchEvent) -> None:
            done = self._before[place] + event.done_count
            self._on_event(
                replace(event, done_count=done, total_count=self._total_count, left_seconds=self._rest_seconds(done))
            )

        return tell

    def _rest_seconds(self, done_count: int) -> float | None:
        """Return how long the rest takes at the pace so far, at most what the budget leaves; None before a step."""
        if not done_count:
            self._started_at = perf_counter()  # frameworks are imported before the first step, which says nothing of it
            return None
        elapsed = perf_counter() - self._started_at
        return min(self.left_seconds, elapsed / done_count * (self._total_count - done_count))
