"""Judges single values against the last good run: their level, their sign, and their jump.

A value is doubted where it differs from what it is compared with by more than a limit:

- A state (stars so far, models on a hub) and a period asked for again: twofold. Of 4,688 steps between the shipped
  weekly lists of stars the greatest is a fifth.
- A period that is new: fourfold, against the middle of the seven periods beside it. Of 2,738 steps between the shipped
  monthly downloads 99 in 100 are smaller than 3.3-fold.
- In either case six times the usual step of the series itself, where that is more. Both together would have doubted 16
  of those 2,738 steps, some of them faults of the logs.

Counts below twenty swing by chance and are not doubted for falling. A period that is under way may grow, and only a
fall of it is doubted. What is doubted is let in when a run on a later day finds it again, to within a tenth: a passing
fault of a service seldom lasts a day. A zero after twenty and more is never let in by itself, since an index that is
broken says zero for weeks: a person accepts it. Papers, labels and surveys are lists, which batch.py judges.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import exp, log1p
from statistics import median
from typing import Any

from pipeline.records import DownloadWindow, PeriodCount, Record, RepositoryDay, RepositoryState
from pipeline.records.collected import Batch, HeldValue
from pipeline.sources.source import Source
from pipeline.warehouse.runs import WarehouseCollectionStore

_FEWEST_TO_FALL = 20
_STATE_LIMIT, _PERIOD_LIMIT, _SPREADS = 2.0, 4.0, 6 * 1.4826
_NEIGHBOURS_COUNT, _FEWEST_STEPS = 7, 4
_UNDER_WAY = timedelta(days=45)
"""So long after its end a period may still grow: papers on hold, topics that come late."""
_STILL_COUNTED = timedelta(days=3)
_IS_SAME_FRACTION = 0.1
_MOST_SPREAD = 100.0


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """Which number of a kind of record is judged, and what it is a number of."""

    quantity: str
    series: tuple[str, ...]
    period: tuple[str, str] | None = None
    """Its first and last day; None for a state."""


_JUDGED: dict[type[Record], _Judged] = {
    PeriodCount: _Judged(quantity="items_count", series=("measure", "subject"), period=("period_start", "period_end")),
    DownloadWindow: _Judged(
        quantity="downloads_count",
        series=("package", "client_scope", "counting_system"),
        period=("window_start", "window_end"),
    ),
    RepositoryDay: _Judged(quantity="stars_count", series=("repository",)),
    RepositoryState: _Judged(quantity="stars_count", series=("listed_as",)),
}


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One number, what it counts, and when it was read."""

    series: tuple[str, ...]
    """The table, and what is counted."""
    period: tuple[date, date] | None
    seen_on: date
    count: int
    quantity: str

    @classmethod
    def of(cls, kind: type[Record], row: Mapping[str, Any]) -> "_Reading":
        judged, seen_on = _JUDGED[kind], row["seen_at"].date()
        period = (row[judged.period[0]], row[judged.period[1]]) if judged.period else None
        if period == (seen_on, seen_on):
            period = None  # a total so far, stamped with its day
        series = (kind.table, *(str(row[name]) for name in judged.series))
        count = row[judged.quantity]
        return cls(series=series, period=period, seen_on=seen_on, count=count, quantity=judged.quantity)

    @property
    def question(self) -> str:
        """What was counted, in words: the same on each day of asking."""
        return ", ".join([*self.series[1:], *(day.isoformat() for day in self.period or ())])


class GoodValues:
    """What earlier runs have loaded of one source, by series."""

    @classmethod
    def of(cls, source: Source, store: WarehouseCollectionStore) -> "GoodValues":
        """Return what is on file of the source now."""
        kinds = [kind for kind in source.records if kind in _JUDGED]
        return cls((kind, row) for kind in kinds for row in store.rows_on_file(kind, source.name))

    def __init__(self, rows: Iterable[tuple[type[Record], Mapping[str, Any]]]) -> None:
        """Take the rows of judged kinds that are on file."""
        self._on_file: dict[tuple[str, ...], dict[tuple[date, date] | date, _Reading]] = defaultdict(dict)
        readings = (_Reading.of(kind, row) for kind, row in rows)
        for reading in sorted(readings, key=lambda each: each.seen_on):  # the newest sight stays
            self._on_file[reading.series][reading.period or reading.seen_on] = reading

    def doubted(self, fresh: _Reading) -> int | None:
        """Return the last good number that a reading is too far from; None where it may be believed."""
        if fresh.period is None:
            return self._doubted_state(fresh)
        same = self._on_file.get(fresh.series, {}).get(fresh.period)
        if same is not None:
            rises_by = _STATE_LIMIT if same.seen_on > fresh.period[1] + _UNDER_WAY else None
            if _is_far(fresh.count, same.count, falls_by=_STATE_LIMIT, rises_by=rises_by):
                return same.count
        level = self._doubted_beside(fresh, fresh.period[0], is_new=same is None)
        return None if level is None or (same is not None and fresh.count <= same.count) else level

    def _doubted_beside(self, fresh: _Reading, first_day: date, *, is_new: bool) -> int | None:
        """Compare with the periods beside it; one that is under way is not doubted for being small."""
        on_file = self._on_file[fresh.series].values()
        others = {each.period: each for each in on_file if each.period and each.period != fresh.period}
        if not others or fresh.period is None:
            return None
        nearest = sorted(others, key=lambda period: abs(period[0] - first_day))[:_NEIGHBOURS_COUNT]
        level = round(median(others[period].count for period in nearest))
        limit = max(_PERIOD_LIMIT, _spread([others[period] for period in sorted(others)]))
        is_whole = is_new and fresh.seen_on > fresh.period[1] + _STILL_COUNTED
        is_far = _is_far(fresh.count, level, falls_by=limit if is_whole else None, rises_by=limit)
        return level if is_far else None

    def _doubted_state(self, fresh: _Reading) -> int | None:
        states = [each for each in self._on_file[fresh.series].values() if not each.period]
        earlier = sorted((each for each in states if each.seen_on <= fresh.seen_on), key=lambda each: each.seen_on)
        if not earlier:
            return None
        limit, last = max(_STATE_LIMIT, _spread(earlier)), earlier[-1].count
        return last if _is_far(fresh.count, last, falls_by=limit, rises_by=limit) else None


def sifted(batch: Batch, good: GoodValues, held: Sequence[HeldValue]) -> Batch:
    """Return the batch without the values that are doubted, which it holds apart.

    Args:
        batch: everything that a walk yielded.
        good: what was on file before this run.
        held: what earlier runs held back of this source; a value that comes again on a later day is let in.
    """
    judged = [(each, _doubt(batch, each, good, held) if type(each) in _JUDGED else None) for each in batch.records]
    kept, doubts = [each for each, doubt in judged if not doubt], [doubt for _, doubt in judged if doubt]
    checkpoint = batch.checkpoint.model_copy(
        # What is held back is asked for again, also where the window itself would be done.
        update={"records_count": len(kept), "is_final": batch.checkpoint.is_final and not doubts}
    )
    return replace(batch, checkpoint=checkpoint, records=kept, held=doubts)


def without_held(batch: Batch, held: Sequence[HeldValue]) -> Batch:
    """Return the batch without the values that are still held back: a replay lets nothing in."""
    known = {(each.table_name, each.row_key): each for each in held}

    def is_held(record: Record) -> bool:
        each = known.get((record.table, record.key_text)) if known else None
        return each is not None and getattr(record, each.quantity) == each.found_count

    kept = [record for record in batch.records if not is_held(record)]
    is_final = batch.checkpoint.is_final and len(kept) == len(batch.records)
    return replace(batch, checkpoint=batch.checkpoint.model_copy(update={"is_final": is_final}), records=kept)


def _doubt(batch: Batch, record: Record, good: GoodValues, held: Sequence[HeldValue]) -> HeldValue | None:
    fresh = _Reading.of(type(record), vars(record))
    last_good = good.doubted(fresh)
    is_found_again = fresh.count > 0 and any(
        (each.question, each.quantity) == (fresh.question, fresh.quantity)
        and each.held_at.date() < fresh.seen_on
        and abs(each.found_count - fresh.count) <= _IS_SAME_FRACTION * max(each.found_count, fresh.count)
        for each in held
    )
    if last_good is None or is_found_again:
        return None
    return HeldValue(
        source_id=record.source_id,
        window_id=batch.checkpoint.window_id,
        table_name=record.table,
        row_key=record.key_text,
        question=fresh.question,
        quantity=fresh.quantity,
        found_count=fresh.count,
        last_good_count=last_good,
        reason=f"{fresh.count:,} after {last_good:,} in the last good run",
        held_at=record.seen_at,
    )


def _is_far(found: int, good: int, *, falls_by: float | None, rises_by: float | None) -> bool:
    is_fall = falls_by is not None and good >= _FEWEST_TO_FALL and found < good / falls_by
    return is_fall or (rises_by is not None and found > max(good, _FEWEST_TO_FALL) * rises_by)


def _spread(readings: Sequence[_Reading]) -> float:
    """Return the factor of six usual steps between neighbours of a series; 1 where there are too few to know."""
    counts = [log1p(each.count) for each in readings]
    steps = [abs(later - earlier) for earlier, later in pairwise(counts)]
    return exp(min(_SPREADS * median(steps), _MOST_SPREAD)) if len(steps) >= _FEWEST_STEPS else 1.0
