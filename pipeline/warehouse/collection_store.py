"""Keeps what live collections hand over: records, rejects, pages, how far each window has come, what is kept apart."""

import json
from threading import Lock
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint, HeldValue
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_source_records
from pipeline.warehouse.runs import replace_rejects
from pipeline.warehouse.staging import by_type, put, read_rows


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
