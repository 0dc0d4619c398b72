"""The one loop that takes every part of a run, whatever its kind, and what the kinds have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from pipeline.bench.plan import OnEvent, RunContext
from pipeline.bench.process import Stopped
from pipeline.bench.progress import Progress
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
