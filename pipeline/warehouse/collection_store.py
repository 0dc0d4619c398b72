"""Keeps what live collections hand over: records, rejects, pages, how far each window has come, what is kept apart."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock

from duckdb import DuckDBPyConnection

from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint, CollectedPage
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_source_records
from pipeline.warehouse.runs import RejectedRow, replace_rejects
from pipeline.warehouse.staging import BATCH, column_types, stage_rows

_CHECKPOINT = (
    "source_id, window_id, walk_id, content_sha256, records_count, rejects_count, profile, is_final, checked_at"
)


class WarehouseCollectionStore:
    """The `CollectionStore` in the warehouse. Safe for several threads.

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
            rows = self._connection.execute(
                f"select {_CHECKPOINT} from ops.checkpoint where source_id = ?", [source_id]
            ).fetchall()
        found = [_checkpoint(row) for row in rows]
        return {each.window_id: each for each in found}

    def load(self, batch: Batch) -> None:
        """Load the records, rejects and pages, set the checkpoint, and drop what was in quarantine for the window.

        Raises:
            ContractBroken: a record does not fit its table; nothing of the batch is loaded.
        """
        with self._lock:
            load_source_records(self._connection, _by_type(batch.records).items())
            self._replace_rejects(batch)
            with transaction(self._connection):
                self._put_pages(batch)
                self._put_checkpoint(batch.checkpoint)
                self._clear_quarantine(batch.checkpoint)

    def confirm(self, checkpoint: Checkpoint) -> None:
        """Set the checkpoint of a window whose content has not changed, and drop its quarantine."""
        with self._lock, transaction(self._connection):
            self._put_checkpoint(checkpoint)
            self._clear_quarantine(checkpoint)

    def set_aside(self, batch: Batch, reason: str) -> None:
        """Keep the records apart, with the reason; what was loaded before and its checkpoint stay."""
        fresh = batch.checkpoint
        of = (fresh.source_id, fresh.window_id, fresh.pagination_id)
        with self._lock, transaction(self._connection):
            self._clear_quarantine(fresh)
            self._put_pages(batch)
            self._connection.execute(
                "insert into ops.quarantine (source_id, window_id, walk_id, reason, records_count, set_aside_at) "
                "values (?, ?, ?, ?, ?, ?)",
                [*of, reason, fresh.records_count, _naive(fresh.checked_at)],
            )
            self._put_quarantined(batch)

    def _replace_rejects(self, batch: Batch) -> None:
        rejects = [RejectedRow(**vars(reject)) for reject in batch.rejects]
        replace_rejects(
            self._connection, batch.checkpoint.source_id, [page.page_sha256 for page in batch.pages], rejects
        )

    def _put_pages(self, batch: Batch) -> None:
        pages: dict[str, CollectedPage] = {page.page_sha256: page for page in batch.pages}
        columns: dict[str, list[object]] = {
            "source_id": [batch.checkpoint.source_id] * len(pages),
            **{name: [getattr(page, name) for page in pages.values()] for name in CollectedPage.__dataclass_fields__},
        }
        self._stage("ops.page", columns)
        self._connection.execute(f"insert or replace into ops.page by name select * from {BATCH}")

    def _put_quarantined(self, batch: Batch) -> None:
        records, fresh = batch.records, batch.checkpoint
        columns: dict[str, list[object]] = {
            "source_id": [fresh.source_id] * len(records),
            "window_id": [fresh.window_id] * len(records),
            "row_number": list(range(len(records))),
            "table_name": [record.table for record in records],
            "content": [record.model_dump_json() for record in records],
        }
        self._stage("ops.quarantined_row", columns)
        self._connection.execute(f"insert into ops.quarantined_row by name select * from {BATCH}")

    def _stage(self, table: str, columns: dict[str, list[object]]) -> None:
        types = column_types(self._connection, table)
        stage_rows(self._connection, types, [columns[name] for name in types])

    def _put_checkpoint(self, checkpoint: Checkpoint) -> None:
        values = checkpoint.model_dump() | {
            "walk_id": checkpoint.pagination_id,
            "profile": json.dumps({table: each.model_dump() for table, each in checkpoint.profile.items()}),
            "checked_at": _naive(checkpoint.checked_at),
        }
        self._connection.execute(
            f"insert or replace into ops.checkpoint ({_CHECKPOINT}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [values[name] for name in _CHECKPOINT.split(", ")],
        )

    def _clear_quarantine(self, checkpoint: Checkpoint) -> None:
        for table in ("ops.quarantine", "ops.quarantined_row"):
            self._connection.execute(
                f"delete from {table} where source_id = ? and window_id = ?",
                [checkpoint.source_id, checkpoint.window_id],
            )


def _by_type(records: Sequence[Record]) -> dict[type[Record], list[Record]]:
    grouped: dict[type[Record], list[Record]] = defaultdict(list)
    for record in records:
        grouped[type(record)].append(record)
    return grouped


def _checkpoint(row: tuple[object, ...]) -> Checkpoint:
    values = dict(zip(_CHECKPOINT.split(", "), row, strict=True))
    checked_at = values["checked_at"]
    if isinstance(checked_at, datetime):
        values["checked_at"] = checked_at.replace(tzinfo=UTC)
    values["pagination_id"] = values.pop("walk_id")
    values["profile"] = json.loads(str(values["profile"]))
    return Checkpoint.model_validate(values)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
