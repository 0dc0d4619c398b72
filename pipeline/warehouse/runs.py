"""The record of runs, one row per run, one per source and run; and what live collections hand over.

That is records, rejects, pages, how far each window has come, and what is kept apart.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal

from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint, HeldValue, Reject
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_source_records
from pipeline.warehouse.staging import BATCH, by_type, put, read_rows, stage, utc_naive

RunOutcome = Literal["complete", "with gaps", "failed"]
SourceState = Literal["live", "archived", "failed", "not asked"]


@dataclass(frozen=True, kw_only=True)
class SourceRun:
    """The result of one source in one run."""

    source_id: str
    state: SourceState
    """live: asked and answered; archived: the shipped snapshot was loaded; failed: asked in vain; not asked: for
    want of a key or a network, and no failure."""
    records_count: int
    rejects_count: int = 0
    message: str | None = None
    remedy: str | None = None


def start_run(connection: DuckDBPyConnection, mode: str, started_at: datetime) -> str:
    """Open a run and return its id; runs that were never finished are marked `interrupted`.

    The id is the start in UTC, e.g. `20260115T120000Z`, with a number behind it where that second is taken. A clock
    that was set back makes no run older than the one before it: the newest is the one that the page describes.
    """
    moment = utc_naive(started_at)
    with transaction(connection):
        (newest,) = connection.execute("select max(started_at) from ops.run").fetchall()[0]
        connection.execute(
            "update ops.run set outcome = 'interrupted', message = 'The process ended before the run did.' "
            "where outcome = 'running'"
        )
        taken = {row[0] for row in connection.execute("select run_id from ops.run").fetchall()}
        names = (f"{moment:%Y%m%dT%H%M%S}Z{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, len(taken) + 3))))
        run_id = next(name for name in names if name not in taken)
        connection.execute(
            "insert into ops.run (run_id, started_at, mode, outcome) values (?, ?, ?, 'running')",
            [run_id, max(moment, newest + timedelta(seconds=1)) if newest else moment, mode],
        )
    return run_id


def finish_run(
    connection: DuckDBPyConnection, run_id: str, outcome: RunOutcome, finished_at: datetime, message: str | None = None
) -> None:
    """Close a run; a later call corrects it.

    Do it before publishing, so that the published copy shows how the run ended.

    Raises:
        ContractBroken: there is no such run.
    """
    with transaction(connection):
        found = connection.execute(
            "update ops.run set outcome = ?, finished_at = greatest(?, started_at), message = ? where run_id = ? "
            "returning run_id",
            [outcome, utc_naive(finished_at), message, run_id],
        ).fetchall()
    if not found:
        raise ContractBroken(f"there is no run {run_id}; start it before it is finished.")


def note_checked(connection: DuckDBPyConnection, run_id: str, checked_at: datetime) -> None:
    """Note until when the run has collected, so that what came in after midnight is not taken for the future."""
    with transaction(connection):
        connection.execute("update ops.run set checked_at = ? where run_id = ?", [utc_naive(checked_at), run_id])


def record_source_run(connection: DuckDBPyConnection, run_id: str, source_run: SourceRun) -> None:
    """Store the result of a source in this run; a second call for the same source replaces the first."""
    with transaction(connection):
        put(connection, "ops.source_run", [{"run_id": run_id, **vars(source_run)}])


def replace_rejects(
    connection: DuckDBPyConnection, source_id: str, page_sha256s: Sequence[str], rejects: Sequence[Reject]
) -> None:
    """Make `ops.reject` hold, for these pages of the source, exactly these rows, in one transaction.

    A page that a corrected parser reads again thereby loses its old rejects.
    """
    with transaction(connection):
        connection.execute(
            "delete from ops.reject where source_id = ? and list_contains(?, page_sha256)",
            [source_id, list(page_sha256s)],
        )
        stage(connection, "ops.reject", map(vars, rejects))
        connection.execute(
            "insert into ops.reject by name select distinct on (source_id, page_sha256, locator) "
            f"source_id, page_sha256, locator, reason, seen_at from {BATCH} order by all"
        )


class WarehouseCollectionStore:
    """What collections yield, kept in the warehouse. Safe for several threads; every call may be repeated.

    A batch is loaded in steps that may each be repeated, with its checkpoint last: after a killed process the same
    batch is handed over again, and the rows are those of an undisturbed run.
    """

    def __init__(self, connection: DuckDBPyConnection) -> None:
        """Work beside the connection's other users, through a cursor of its own."""
        self._connection = connection.cursor()
        self._lock = Lock()

    def checkpoints(self, source_id: str) -> dict[str, Checkpoint]:
        """Return the state of every window of one source, by window_id."""
        with self._lock:
            rows = read_rows(self._connection, "from ops.checkpoint where source_id = ?", [source_id])
        for row in rows:
            row |= {"pagination_id": row.pop("walk_id"), "profile": json.loads(row["profile"])}
        return {row["window_id"]: Checkpoint(**row) for row in rows}

    def load(self, batch: Batch) -> None:
        """Load the records, rejects and pages, set the checkpoint, and drop what was in quarantine for the window.

        Raises:
            ContractBroken: a record does not fit its table; nothing of the batch is loaded.
        """
        with self._lock:
            load_source_records(self._connection, by_type(batch.records).items())
            pages = [page.sha256 for page in batch.pages]
            replace_rejects(self._connection, batch.checkpoint.source_id, pages, batch.rejects)
            with transaction(self._connection):
                self._put_pages(batch)
                self._put_held(batch)
                self._put_checkpoint(batch.checkpoint)
                self._clear_quarantine(batch.checkpoint)

    def held_values(self, source_id: str) -> list[HeldValue]:
        """Return the values of one source that are held back."""
        with self._lock:
            rows = read_rows(self._connection, "from ops.held_value where source_id = ?", [source_id])
        return [HeldValue(**row) for row in rows]

    def rows_on_file(self, kind: type[Record], source_id: str) -> list[dict[str, Any]]:
        """Return what is loaded of one kind from one source."""
        with self._lock:
            return read_rows(self._connection, f"from {kind.table} where source_id = ?", [source_id])

    def confirm(self, checkpoint: Checkpoint) -> None:
        """Set the checkpoint of a window whose content has not changed, and drop its quarantine."""
        with self._lock, transaction(self._connection):
            self._put_checkpoint(checkpoint)
            self._clear_quarantine(checkpoint)

    def set_aside(self, batch: Batch, reason: str) -> None:
        """Keep the records apart, with the reason; what was loaded before and its checkpoint stay."""
        fresh = batch.checkpoint
        of = {"source_id": fresh.source_id, "window_id": fresh.window_id}
        entry = {"walk_id": fresh.pagination_id, "reason": reason, "set_aside_at": fresh.checked_at}
        rows = (
            {**of, "row_number": number, "table_name": record.table, "content": record.model_dump_json()}
            for number, record in enumerate(batch.records)
        )
        with self._lock, transaction(self._connection):
            self._clear_quarantine(fresh)
            self._put_pages(batch)
            put(self._connection, "ops.quarantine", [{**of, **entry, "records_count": fresh.records_count}])
            put(self._connection, "ops.quarantined_row", rows)

    def _put_pages(self, batch: Batch) -> None:
        of = {"source_id": batch.checkpoint.source_id}
        pages = {page.sha256: {**of, "page_sha256": page.sha256, **vars(page)} for page in batch.pages}
        put(self._connection, "ops.page", pages.values())

    def _put_held(self, batch: Batch) -> None:
        """Hold back what the batch does, and nothing any more that it let in."""
        source_id = batch.checkpoint.source_id
        known = self._connection.execute(
            "select table_name, row_key from ops.held_value where source_id = ?", [source_id]
        ).fetchall()
        let_in = {(record.table, record.key_text) for record in batch.records} if known else set()
        for each in let_in.intersection(known):
            self._connection.execute(
                "delete from ops.held_value where source_id = ? and table_name = ? and row_key = ?", [source_id, *each]
            )
        put(self._connection, "ops.held_value", map(vars, batch.held))

    def _put_checkpoint(self, checkpoint: Checkpoint) -> None:
        profile = {table: each.model_dump() for table, each in checkpoint.profile.items()}
        row = {**vars(checkpoint), "walk_id": checkpoint.pagination_id, "profile": json.dumps(profile)}
        put(self._connection, "ops.checkpoint", [row])

    def _clear_quarantine(self, checkpoint: Checkpoint) -> None:
        for table in ("ops.quarantine", "ops.quarantined_row"):
            self._connection.execute(
                f"delete from {table} where source_id = ? and window_id = ?",
                [checkpoint.source_id, checkpoint.window_id],
            )
