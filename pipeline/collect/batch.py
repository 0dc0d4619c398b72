"""From the kept pages of one complete pagination to a batch of records, and whether it may replace what is published.

The same live and in a replay.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from statistics import median

from pipeline.errors import ContractBroken, LayoutChanged
from pipeline.fetch.page import Page, Provenance
from pipeline.fetch.raw_store import Pagination
from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint, Reject, TableProfile
from pipeline.records.record import UtcMoment
from pipeline.sources.source import Source
from pipeline.warehouse.staging import by_type

_FEW_REJECTS = 2
_MAY_BE_UNDER_WAY = frozenset({"period_end", "window_end"})


def content_digest(source: Source, pages: Iterable[Provenance]) -> str:
    """Return one digest over what was asked, what came back, and the parser's version."""
    parts = [f"{source.name} {source.version}", *(f"{page.request.fingerprint} {page.sha256}" for page in pages)]
    return sha256("\n".join(parts).encode()).hexdigest()


def read_batch(
    source: Source, pagination: Pagination, pages: Iterable[Page], *, is_final: bool, checked_at: UtcMoment
) -> Batch:
    """Return everything that the pages of one pagination yield; equal keys are one record, the newest sight.

    Raises:
        LayoutChanged: a page is not what the parser relies on, yields nothing though it has content, or too many of
            its rows are no valid records.
        ContractBroken: the parser yields a kind of record that the source does not declare.
    """
    records: dict[tuple[object, ...], Record] = {}
    rejects: list[Reject] = []
    provenance: list[Provenance] = []
    for page in pages:
        provenance.append(page.provenance)
        found, refused = _read_page(source, page)
        rejects += refused
        for record in found:
            if ahead := _tells_of_the_future(record):
                rejects.append(ahead)
                continue
            key = (record.table, *(getattr(record, name) for name in record.key))
            if key not in records or record.seen_at >= records[key].seen_at:
                records[key] = record
    _check_rejects(source, pagination.window_id, len(records), rejects)
    checkpoint = Checkpoint(
        source_id=source.name,
        window_id=pagination.window_id,
        pagination_id=pagination.pagination_id,
        content_sha256=content_digest(source, provenance),
        records_count=len(records),
        rejects_count=len(rejects),
        profile=profile_of(records.values()),
        is_final=is_final,
        checked_at=checked_at,
    )
    return Batch(checkpoint=checkpoint, records=list(records.values()), rejects=rejects, pages=provenance)


def _tells_of_the_future(record: Record) -> Reject | None:
    """Return a reject for a row about days after it was seen; a period may be under way, and clocks differ by a day."""
    latest = record.seen_at.date() + timedelta(days=1)
    for name, value in record:
        if name.endswith("_year"):
            is_ahead = isinstance(value, int) and value > latest.year + 1
        else:
            day = value.date() if isinstance(value, datetime) else value
            is_ahead = isinstance(day, date) and day > latest and name not in _MAY_BE_UNDER_WAY
        if is_ahead:
            key = " ".join(str(getattr(record, part)) for part in record.key if part != "source_id")
            stamp = {part: getattr(record, part) for part in Record.provenance}
            return Reject.of(stamp, key, ValueError(f"{name} is {value}, and that is still to come"))
    return None


def _read_page(source: Source, page: Page) -> tuple[list[Record], list[Reject]]:
    rows = list(source.rows(page))
    rejects = [row for row in rows if isinstance(row, Reject)]
    records = [row for row in rows if not isinstance(row, Reject)]
    if odd := [row for row in records if not isinstance(row, source.records)]:
        raise ContractBroken(f"{source.name} yields {type(odd[0]).__name__}, which it does not declare; report it.")
    page_info = source.items(page)
    # A page that counts itself as empty is a matter of the pagination, which has proven that nothing is missing.
    is_empty = not page_info.keys and page_info.total is not None
    if not records and not rejects and not is_empty and not source.empty_is_normal:
        raise LayoutChanged(
            f"{page.address} has {page.provenance.size_bytes} bytes but no row; look at it and report the change."
        )
    return records, rejects


def _check_rejects(source: Source, window_id: str, records_count: int, rejects: Sequence[Reject]) -> None:
    rows_count = records_count + len(rejects)
    is_many = len(rejects) > max(_FEW_REJECTS, source.reject_ceiling_fraction * rows_count)
    if is_many or 2 * len(rejects) > rows_count:
        raise LayoutChanged(
            f"{source.name}, window {window_id}: {len(rejects)} of {rows_count} rows are no valid records, "
            f"the first because of {rejects[0].reason} ({rejects[0].locator}); look at it and report the change."
        )


_ENOUGH_ROWS = 20
_WAS_FILLED_FRACTION = 0.9
_IS_EMPTY_FRACTION = 0.5
_NEIGHBOURS_COUNT = 6
_FEWEST_NEIGHBOURS = 3
_KEEP_FLOOR_FRACTION, _NEIGHBOUR_FLOOR_FRACTION = 0.5, 0.2
"""The share of the last good rows, and of the neighbours' usual number, that must be there."""


def profile_of(records: Iterable[Record]) -> dict[str, TableProfile]:
    """Return by table how many rows there are and how often each nullable field is filled."""
    profiles: dict[str, TableProfile] = {}
    for kind, rows in sorted(by_type(records).items(), key=lambda each: each[0].table):
        filled = {name: sum(getattr(row, name) is not None for row in rows) for name in kind.nullable()}
        profiles[kind.table] = TableProfile(rows_count=len(rows), filled_counts=filled)
    return profiles


def drift_reason(fresh: Checkpoint, last: Checkpoint | None, neighbours: Sequence[Checkpoint]) -> str | None:
    """Return why a batch must not replace what is published, or None when it may.

    Args:
        fresh: the batch's own checkpoint.
        last: what was loaded of the same window before, or of the snapshot before this one.
        neighbours: older windows of the source, in their order; they are compared with a window that is new and final.
    """
    if last is not None:
        return _fewer(fresh, last.records_count, _KEEP_FLOOR_FRACTION, "its last good run") or _new_shape(fresh, last)
    sizes = [each.records_count for each in neighbours][-_NEIGHBOURS_COUNT:]
    if fresh.is_final and len(sizes) >= _FEWEST_NEIGHBOURS and median(sizes) >= _ENOUGH_ROWS:
        return _fewer(fresh, round(median(sizes)), _NEIGHBOUR_FLOOR_FRACTION, "the windows before it")
    return None


def _fewer(fresh: Checkpoint, before_count: int, floor_fraction: float, than: str) -> str | None:
    if fresh.records_count >= floor_fraction * before_count:
        return None
    return f"window {fresh.window_id} has {fresh.records_count} rows where {than} had {before_count}"


def _new_shape(fresh: Checkpoint, last: Checkpoint) -> str | None:
    for table, before in last.profile.items():
        if before.rows_count < _ENOUGH_ROWS:
            continue
        now = fresh.profile.get(table)
        if now is None:
            return f"window {fresh.window_id} has no rows for {table}, where its last good run had {before.rows_count}"
        emptied = [
            name
            for name, count in before.filled_counts.items()
            if count >= _WAS_FILLED_FRACTION * before.rows_count
            and now.filled_counts.get(name, 0) < _IS_EMPTY_FRACTION * now.rows_count
        ]
        if emptied:
            return f"window {fresh.window_id}: {table} has lost its {', '.join(emptied)}"
    return None
