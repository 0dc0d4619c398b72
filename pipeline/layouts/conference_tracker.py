"""The conference tracker's table: one row a conference and edition, and the rules that each version of it followed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.errors import LayoutChanged
from pipeline.layouts.venues import venue_called
from pipeline.records.papers import PaperScope

COLUMNS_COUNT = 5
"""Conference, month and year, PyTorch only, TensorFlow only, all papers."""

_ICLR_SUBMISSIONS_FROM = 2021

# When a published table first followed other rules than the one before it, as the script committed beside it shows.
# 2019-06: no script is committed. 2019-09-a: papers that also name Google or Facebook are left out. 2019-09-b: only
# those that name Facebook. 2019-10: Google and Facebook are matched as mail addresses. 2020-04: keras counts for
# TensorFlow, huggingface no longer for PyTorch. 2020-07: nobody is left out any more.
_RULESETS: tuple[tuple[datetime, str], ...] = (
    (datetime(1970, 1, 1, tzinfo=UTC), "conference-tracker-2019-06"),
    (datetime(2019, 9, 4, 21, 19, 4, tzinfo=UTC), "conference-tracker-2019-09-a"),
    (datetime(2019, 9, 5, 3, 26, 6, tzinfo=UTC), "conference-tracker-2019-09-b"),
    (datetime(2019, 9, 6, 1, 57, 13, tzinfo=UTC), "conference-tracker-2019-09-a"),
    (datetime(2019, 10, 10, 15, 5, 23, tzinfo=UTC), "conference-tracker-2019-10"),
    (datetime(2020, 4, 27, 1, 34, 36, tzinfo=UTC), "conference-tracker-2020-04"),
    (datetime(2020, 7, 29, 4, 42, 29, tzinfo=UTC), "conference-tracker-2020-07"),
)

# The newest version whose script was read by us; what later ones follow is not known.
_READ_UNTIL = datetime(2021, 10, 23, tzinfo=UTC)
_UNREAD = "conference-tracker-unread"


class Cell(NamedTuple):
    """One row of one published table."""

    venue: str
    edition_year: int
    month: int
    pytorch_count: int
    tensorflow_count: int
    papers_count: int | None


def cell_of(where: str, row: list[str]) -> Cell:
    """Return one row of a table, e.g. `["CVPR", "06/19", "294", "148", "1294"]`; the last may be empty.

    Raises:
        LayoutChanged: it has another shape, or names a venue that is not known.
    """
    if len(row) != COLUMNS_COUNT:
        raise LayoutChanged(f"{where}: a row has {len(row)} cells, not {COLUMNS_COUNT}; look at the table.")
    conference, month_year, pytorch, tensorflow, total = row
    venue = venue_called(conference)
    if venue is None:
        raise LayoutChanged(f"{where}: the venue {conference!r} is not known; add it to pipeline/layouts/venues.py.")
    month, _, year = month_year.partition("/")
    return Cell(
        venue=venue,
        edition_year=2000 + _count(where, "the year in month_year", year),
        month=_count(where, "the month in month_year", month),
        pytorch_count=_count(where, "pytorch", pytorch),
        tensorflow_count=_count(where, "tensorflow", tensorflow),
        papers_count=_count(where, "total_papers", total) if total else None,
    )


def each_edition_once(where: str, cells: Iterable[Cell]) -> frozenset[Cell]:
    """Return one cell a venue and edition; where two months stand for one edition, the later one, as upstream does.

    Raises:
        LayoutChanged: the table gives two figures for one venue, edition and month.
    """
    kept: dict[tuple[str, int], Cell] = {}
    for cell in cells:
        other = kept.setdefault((cell.venue, cell.edition_year), cell)
        if other.month == cell.month and other != cell:
            raise LayoutChanged(f"{where}: one table gives two figures for {cell.venue} {cell.edition_year}; keep one.")
        kept[cell.venue, cell.edition_year] = max(other, cell, key=lambda each: each.month)
    return frozenset(kept.values())


def counts_of(cell: Cell, commit: str, published_at: datetime) -> Iterator[dict[str, object]]:
    """Yield the fields of two `PaperCount` records: PyTorch alone, TensorFlow alone.

    Args:
        cell: one row of the table.
        commit: the version of the table.
        published_at: when that version was committed.
    """
    fields: dict[str, object] = {
        "venue": cell.venue,
        "edition_year": cell.edition_year,
        "paper_scope": _scope(cell, published_at),
        "papers_count": cell.papers_count,
        "vintage_at": published_at,
        "vintage_id": commit,
        "ruleset_id": _ruleset_id(published_at),
    }
    for framework, only_count in (("pytorch", cell.pytorch_count), ("tensorflow", cell.tensorflow_count)):
        yield {**fields, "framework": framework, "only_count": only_count}


def _ruleset_id(published_at: datetime) -> str:
    if published_at >= _READ_UNTIL:
        return _UNREAD
    return max(rule for rule in _RULESETS if rule[0] <= published_at)[1]


def _scope(cell: Cell, published_at: datetime) -> PaperScope:
    """Return whose papers a cell counts: ICLR's all submissions from 2021, and before an edition's year has begun.

    ICLR decides around the turn of the year, so a table of the year before can only hold what was submitted.
    """
    is_undecided = published_at.year < cell.edition_year
    is_iclr_of_submissions = cell.venue == "ICLR" and (is_undecided or cell.edition_year >= _ICLR_SUBMISSIONS_FROM)
    return "submissions" if is_iclr_of_submissions else "accepted"


def _count(where: str, what: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise LayoutChanged(f"{where}: {what} is {text!r}, not a whole number; look at the table.") from None
