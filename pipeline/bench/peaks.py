"""The machine's peaks within a run: taken in a child of their own, before any worker is there."""

from contextlib import closing

from pipeline.bench.contract import CPU
from pipeline.bench.peak import UNITS
from pipeline.bench.plan import RunContext
from pipeline.bench.process import Lost, new_worker
from pipeline.bench.runner import Measurement, Progress
from pipeline.records.benchmarks import BenchPeak

_PEAK_SECONDS = 60


class Peaks(Measurement):
    """A plain product and a plain copy, of which each has a row; where the child failed, rows that say so."""

    def __init__(self, context: RunContext) -> None:
        """Keep what the child is to be given."""
        self._context = context
        self._rows: list[BenchPeak] = []

    def take(self, progress: Progress) -> None:
        """Ask a child; it is given a framework's adapter and never starts it."""
        del progress
        try:
            entry = self._context.options.registered[0]
            with closing(new_worker(self._context, entry, needs_framework=False)) as worker:
                found = worker.ask("peaks", _PEAK_SECONDS)["peaks"]
        except Lost as lost:
            none = {"workload": "none", "library": "NumPy", "repeats_count": 0}
            none |= {"outcome": lost.outcome, "message": lost.message}
            found = [{**none, "measure": measure, "unit": unit} for measure, unit in UNITS.items()]
        context = self._context
        of_run = {"run_id": context.options.run_id, "threads_count": context.protocol.threads_count, "device": CPU}
        self._rows = [BenchPeak(**of_run | each) for each in found]

    def rows(self) -> list[BenchPeak]:
        """Return both, or none if it was interrupted."""
        return self._rows
