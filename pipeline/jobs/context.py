"""The context of a job: the warehouse, which it alone may write to, the run recorded there, and its early end."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from pipeline.bench.system_load import give_back_freed_memory
from pipeline.clock import now_utc
from pipeline.log import logger
from pipeline.reference.toml_file import read_toml, validated
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import SourceEntry, load_source_entries
from pipeline.warehouse.runs import SourceRun, record_source_run, start_run
from pipeline.warehouse.views import prepare, template_file

if TYPE_CHECKING:
    from pipeline.detect.files.scan import Scanner

_LOG = logger("refresh")
_OWN_SOURCES = Path(__file__).with_name("own_sources.toml")


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """One run and the warehouse that it alone may write to."""

    settings: Settings
    connection: DuckDBPyConnection
    run_id: str
    failures: list[str] = field(default_factory=list)
    """One sentence per part that failed; a run with failures is published as one with gaps."""
    remarks: list[str] = field(default_factory=list)
    """Sentences for a person that are no failures."""
    alerts: list[str] = field(default_factory=list)
    """Sentences on what should be looked at although nothing failed."""
    scanner: "Scanner | None" = None
    """What reads fetched code, where that is not one process of this machine."""

    def introduce(self, sources: Iterable[SourceEntry]) -> None:
        """Make sources known to the warehouse; one that is known already keeps its as-of date."""
        known = dict(self.connection.execute("select source_id, as_of from ref.source").fetchall())
        days = [(entry, {"as_of": known.get(entry.source_id, entry.as_of)}) for entry in sources]
        load_source_entries(self.connection, [entry.model_copy(update=day) for entry, day in days])

    def record(self, source_run: SourceRun) -> None:
        """Record how a source fared in this run."""
        record_source_run(self.connection, self.run_id, source_run)


@contextmanager
def open_job(settings: Settings, mode: str, figures: str = "") -> Iterator[JobContext]:
    """Hold the warehouse, prepared and with a run begun under that mode, for as long as the block runs.

    A missing warehouse is a copy of what the set-up keeps: one with the figures of that digest, or else an empty one.

    Raises:
        Busy: another run holds it.
        BadInput: the folder cannot be written, or a reference list is wrong.
    """
    template = next((kept for kept in map(template_file, (figures, "")) if kept.exists()), None)
    if not (template or settings.warehouse_file.exists()):
        with open_warehouse(settings.warehouse_file) as made:  # once it is closed, what it takes to make views is free
            prepare(made, settings.reference_folder)
        give_back_freed_memory()
    with open_warehouse(settings.warehouse_file, template) as connection:
        _LOG.info("Preparing the warehouse")
        prepare(connection, settings.reference_folder)
        run_id = start_run(connection, mode, now_utc())
        _LOG.info("Run %s: %s", run_id, mode)
        yield JobContext(settings=settings, connection=connection, run_id=run_id)


def introduce_own(connection: DuckDBPyConnection, source_id: str, as_of: date) -> None:
    """Make known what this machine itself gives rows of, by its entry in `own_sources.toml`."""
    entries: dict[str, Any] = read_toml(_OWN_SOURCES)
    entry = {"source_id": source_id, "as_of": as_of, **entries[source_id]}
    load_source_entries(connection, [validated(_OWN_SOURCES, SourceEntry, entry)])


@contextmanager
def set_by_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM in this block sets; the next one does what it usually does.

    Outside the main thread, which alone receives them, nothing is changed, nor is a signal that the process ignores.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    answered = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in answered:
        signal.signal(number, on_signal)
    try:
        yield stop
    finally:
        for number in answered:
            signal.signal(number, before[number])
