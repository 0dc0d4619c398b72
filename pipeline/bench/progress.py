"""How far a run of several parts is, how long the rest will take, and when its time is over."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from pipeline.bench.plan import BenchEvent, OnEvent
from pipeline.clock import perf_counter


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
            return None
        elapsed = perf_counter() - self._started_at
        return min(self.left_seconds, elapsed / done_count * (self._total_count - done_count))
