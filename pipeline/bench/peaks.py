"""The machine's peaks within a run: taken in a child of their own, before any worker is there."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from pipeline.bench.contract import CPU
from pipeline.bench.peak import UNITS
from pipeline.bench.plan import OnEvent, RunContext
from pipeline.bench.process import Lost, new_worker
from pipeline.bench.runner import Measurement
from pipeline.records.bench_trust import BenchPeak

_PEAK_SECONDS = 60


class Peaks(Measurement):
    """A plain product and a plain copy, of which each has a row; where the child failed, rows that say so."""

    def __init__(self, context: RunContext) -> None:
        """Keep what the child is to be given."""
        self._context = context
        self._rows: list[BenchPeak] = []

    def take(self, on_event: OnEvent, left_seconds: float) -> None:
        """Ask a child; it is given a framework's adapter and never starts it."""
        del on_event, left_seconds
        try:
            with closing(new_worker(self._context, self._context.options.registered[0].adapter)) as worker:
                found = worker.ask("peaks", _PEAK_SECONDS)["peaks"]
        except Lost as lost:
            failed: dict[str, Any] = {
                "workload": "none", "library": "NumPy", "repeats_count": 0, "value": None, "outcome": lost.outcome,
                "message": lost.message,
            }  # fmt: skip
            self._rows = [self._row({**failed, "measure": name, "unit": unit}) for name, unit in UNITS.items()]
        else:
            self._rows = [self._row({**each, "outcome": "measured", "message": None}) for each in found]

    def rows(self) -> list[BenchPeak]:
        """Return both, or none if it was interrupted."""
        return self._rows

    def _row(self, values: Mapping[str, Any]) -> BenchPeak:
        context = self._context
        threads_count = context.protocol.threads_count
        return BenchPeak(run_id=context.options.run_id, device=CPU, threads_count=threads_count, **values)
