"""Bulk loads of records: the newest row of a key wins, and loading twice changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from hashlib import sha256
from itertools import chain

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.records import RECORDS, Record
from pipeline.records.record import Closed
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.staging import BATCH, count_rows, names_list, put, stage_kind

_EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 — the warehouse's timestamps are UTC without a zone


class UnfitRow(ContractBroken):
    """A row passed its model and not its table: nothing of its load is kept, and another answer may fit."""


@dataclass(frozen=True, kw_only=True)
class LoadCount:
    """Rows that a load inserted, updated, left and removed."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    """Rows that were there already, or there as seen later."""
    removed: int = 0
    """Rows of a snapshot that its new version no longer has."""

    def __add__(self, other: "LoadCount") -> "LoadCount":
        return LoadCount(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


class SourceEntry(Closed, strict=True):
    """A row of `ref.source`: where figures come from and under which terms."""

    source_id: str
    title: str
    public_address: str
    licence: str
    attribution: str
    as_of: date
    """The day of the newest shipped figure, or the day a live source was added."""


Files = Iterable[tuple[type[Record], Iterable[Record]]]


def load_records(connection: DuckDBPyConnection, record_type: type[Record], records: Iterable[Record]) -> LoadCount:
    """Insert or update the records in their table, in one transaction.

    Of several records with one key the newest `seen_at` wins, within the load and against the table; at the same
    moment a later load replaces an earlier one, and within one load the greater row wins: order does not matter.
    An empty load changes nothing.

    Raises:
        ContractBroken: the table's columns are not the record's fields, or a row breaks a rule of the table.
    """
    return load_source_records(connection, [(record_type, records)])


def load_source_records(connection: DuckDBPyConnection, files: Files) -> LoadCount:
    """Do what `load_records` does for several kinds of records in one transaction, e.g. all that one source yields."""
    total = LoadCount()
    with transaction(connection):
        for record_type, records in _by_type(files).items():
            stage_records(connection, record_type, records)
            total += _merge(connection, record_type, _EPOCH)
    return total


def load_snapshot(connection: DuckDBPyConnection, entry: SourceEntry, files: Files) -> LoadCount:
    """Make the warehouse hold exactly the shipped snapshot of a source, in one transaction.

    A snapshot is complete: rows of its source that it no longer has are removed, unless they were seen after the
    snapshot's day, that is, by a live collection. Such newer rows also win against the snapshot's. Loading an
    unchanged snapshot changes nothing.

    Raises:
        ContractBroken: as for `load_records`; the source is left as it was.
    """
    total = LoadCount()
    shipped = _by_type(files)
    with transaction(connection):
        # The later of this snapshot's day and that of the one loaded before, which may have been withdrawn.
        before = connection.execute("select as_of from ref.source where source_id = ?", [entry.source_id]).fetchall()
        replaces_until = datetime.combine(max([entry.as_of, *(row[0] for row in before)]), time.min)
        put(connection, "ref.source", [vars(entry)])
        for record_type in {**shipped, **dict.fromkeys(RECORDS)}:
            records, absent = shipped.get(record_type), "true"
            if records:
                stage_records(connection, record_type, records)
                absent = f"not exists (select 1 from {BATCH} new where {same_key(record_type.key)})"
            delete = f"delete from {record_type.table} old where source_id = ? and seen_at <= ? and {absent}"
            total += LoadCount(removed=count_rows(connection, delete, [entry.source_id, replaces_until]))
            if records:
                total += _merge(connection, record_type, replaces_until)
    return total


def snapshot_state(connection: DuckDBPyConnection, source_id: str, digest: str) -> dict[str, object]:
    """Return a row of `ops.loaded_archive`: what is loaded, by its digest, and what the tables hold of the source."""
    tables = ["ref.source", *(kind.table for kind in RECORDS)]
    counted = (f"select count(*), sum(hash(held)) from {table} held where source_id = $source_id" for table in tables)
    rows = connection.execute(" union all ".join(counted), {"source_id": source_id}).fetchall()
    return {"source_id": source_id, "state": sha256(f"{digest} {rows}".encode()).hexdigest()}


def load_source_entries(connection: DuckDBPyConnection, sources: Iterable[SourceEntry]) -> None:
    """Insert or update rows of `ref.source`, e.g. for live sources, in one transaction."""
    with transaction(connection):
        put(connection, "ref.source", map(vars, sources))


def _by_type(files: Files) -> dict[type[Record], Iterable[Record]]:
    grouped: dict[type[Record], list[Iterable[Record]]] = defaultdict(list)
    for record_type, records in files:
        grouped[record_type].append(records)
    return {record_type: chain.from_iterable(parts) for record_type, parts in grouped.items()}


def stage_records(connection: DuckDBPyConnection, record_type: type[Record], records: Iterable[Record]) -> None:
    """Fill the temporary table `batch` with the records, one row per key: the one seen last.

    Raises:
        ContractBroken: the table's columns are not the record's fields.
    """
    try:
        columns = stage_kind(connection, record_type, records)
    except (duckdb.ConversionException, duckdb.OutOfRangeException, OverflowError) as error:
        raise UnfitRow(f"{record_type.table}: {str(error).splitlines()[0]}; report this message.") from error
    # DuckDB itself keeps the first of two rows with one key in an insert, without a word.
    others = ", ".join(f'"{name}" desc nulls last' for name in columns if name not in record_type.key)
    key = names_list(record_type.key)
    connection.execute(
        f"delete from {BATCH} where rowid in (select rowid from {BATCH} "
        f"semi join (select {key} from {BATCH} group by all having count(*) > 1) using ({key}) "
        f"qualify row_number() over (partition by {key} order by seen_at desc, {others}) > 1)"
    )


def _merge(connection: DuckDBPyConnection, record_type: type[Record], replaces_until: datetime) -> LoadCount:
    table, key = record_type.table, list(record_type.key)
    others = [name for name in record_type.model_fields if name not in key]
    joined = f"from {BATCH} new left join {table} old on {same_key(key)}"
    is_new = "old.seen_at is null"
    is_changed = (
        f"(new.seen_at >= old.seen_at or old.seen_at <= $replaces_until) "
        f"and row({names_list(others, 'old.')}) is distinct from row({names_list(others, 'new.')})"
    )
    moment = {"replaces_until": replaces_until}
    total, inserted, updated = connection.execute(
        f"select count(*), count(*) filter (where {is_new}), count(*) filter (where {is_changed}) {joined}", moment
    ).fetchall()[0]
    if updated and not record_type.is_indexed:
        connection.execute(f"delete from {table} old using {BATCH} new where {same_key(key)} and {is_changed}", moment)
    if inserted + updated:
        insert = "insert or replace" if record_type.is_indexed else "insert"
        rows = f"from {BATCH}" if inserted == total else f"select new.* {joined} where {is_new} or {is_changed}"
        try:
            connection.execute(f"{insert} into {table} by name {rows}", moment if inserted < total else None)
        except duckdb.ConstraintException as error:
            reason = str(error).splitlines()[0]
            raise UnfitRow(f"{reason}; report this message, the figures loaded before stay.") from error
    return LoadCount(inserted=inserted, updated=updated, unchanged=total - inserted - updated)


def same_key(key: Sequence[str]) -> str:
    """Return the condition that a row `old` of a table and a row `new` of the batch have one key."""
    return " and ".join(f'old."{name}" = new."{name}"' for name in key)
