"""Decides whether a complete batch may replace what was published before it."""

from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.records import Record
from pipeline.records.collected import Checkpoint, TableProfile
from pipeline.warehouse.staging import by_type

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
