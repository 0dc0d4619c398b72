"""The conference tracker's table as it stands in its repository today, beside the twenty versions that are shipped.

State of late 2026: nothing was committed since October 2021; should the tracker be taken up again, its new version
comes in as a further vintage, under rules that are marked as unread.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import AliasPath, Field

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, PaperCount, Record, Reject
from pipeline.reference import known_frameworks
from pipeline.reference.toml_file import read_toml
from pipeline.sources.github import HEADERS
from pipeline.sources.source import entry_of, monthly, read_rows
from pipeline.sources.venues import venue_of

NAME = "conference_tracker"
_REPOSITORY = "Chillee/pytorch-vs-tensorflow"
_FILE = "data_analysis/data.csv"
_COMMITS = f"https://api.github.com/repos/{_REPOSITORY}/commits"
_RAW = f"https://raw.githubusercontent.com/{_REPOSITORY}"

_COUNTED = ("pytorch", "tensorflow")
"""Columns of papers that name one of the two alone, between conference and month and the number of all papers."""
_COLUMNS_COUNT = len(_COUNTED) + 3

_ICLR_SUBMISSIONS_FROM = 2021
"""All its submissions are counted from then on, and before that in a table from before the edition's year."""

_TOLD: dict[str, Any] = read_toml(Path(__file__).with_suffix(".toml"))
_RULESETS: list[tuple[datetime, str]] = [(each["since"], each["id"]) for each in _TOLD["ruleset"]]


class _Commit(Wire):
    sha: str
    date: str = Field(validation_alias=AliasPath("commit", "committer", "date"))


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    yield Request(
        url=_COMMITS, params=(("path", _FILE), ("per_page", "1")), headers=HEADERS, about=(("what", "newest version"),)
    )


def _table(page: Page) -> Iterator[Request]:
    """Yield the request for the table in the newest version that the repository names."""
    commits = json_of(page, list[_Commit])
    if not commits:
        raise LayoutChanged(f"{page.address}: {_FILE} has no version; look where the tracker keeps its table now.")
    newest = commits[0]
    yield Request(
        url=f"{_RAW}/{newest.sha}/{_FILE}",
        content_types=TEXT_TYPES,
        about=(("what", "table"), ("commit", newest.sha), ("published_at", newest.date)),
    )


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.detail("what") != "table":
        return
    published_at = datetime.fromisoformat(page.request.detail("published_at"))
    rows = [row for row in csv.reader(page.text().splitlines()) if row]
    cells = sorted(each_edition_once(page.address, [cell_of(page.address, row) for row in rows]))

    def read(cell: Cell) -> Iterator[Record]:
        for fields in counts_of(cell, page.request.detail("commit"), published_at):
            yield PaperCount.model_validate({**fields, **page.stamp(NAME)})

    yield from read_rows(page, NAME, cells, read, name=lambda cell: f"{cell.venue} {cell.edition_year}")


class Cell(NamedTuple):
    """One row of one published table."""

    venue: str
    edition_year: int
    month: int
    only_counts: tuple[int, ...]
    """Papers that name one framework alone, in the order of the table's columns."""
    papers_count: int | None


def cell_of(where: object, row: Sequence[str]) -> Cell:
    """Return one row of a table, e.g. `["CVPR", "06/19", "294", "148", "1294"]`; the last may be empty.

    Raises:
        LayoutChanged: it has another shape, or names a venue that is not known.
    """
    if len(row) != _COLUMNS_COUNT:
        raise LayoutChanged(f"{where}: a row has {len(row)} cells, not {_COLUMNS_COUNT}; look at the table.")
    conference, month_year, *only, total = row
    month, _, year = month_year.partition("/")
    return Cell(
        venue=venue_of(where, conference),
        edition_year=2000 + _count(where, "the year in month_year", year),
        month=_count(where, "the month in month_year", month),
        only_counts=tuple(_count(where, name, text) for name, text in zip(_COUNTED, only, strict=True)),
        papers_count=_count(where, "total_papers", total) if total else None,
    )


def each_edition_once(where: object, cells: Iterable[Cell]) -> frozenset[Cell]:
    """Return one cell per venue and edition; where two months stand for one edition, the later one, as upstream does.

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
    """Yield the fields of a `PaperCount` record for each framework that the table counts.

    Args:
        cell: one row of the table.
        commit: the version of the table.
        published_at: when that version was committed.
    """
    submitted_from = min(_ICLR_SUBMISSIONS_FROM, published_at.year + 1)
    fields: dict[str, object] = {
        "venue": cell.venue,
        "edition_year": cell.edition_year,
        # ICLR decides around the turn of the year, so a table of the year before can only hold what was submitted.
        "paper_scope": "submissions" if cell.venue == "ICLR" and cell.edition_year >= submitted_from else "accepted",
        "papers_count": cell.papers_count,
        "vintage_at": published_at,
        "vintage_id": commit,
        "ruleset_id": max(rule for rule in _RULESETS if rule[0] <= published_at)[1],
    }
    frameworks = known_frameworks().labels_of("conference_tracker_table")
    for framework, only_count in zip((frameworks[name] for name in _COUNTED), cell.only_counts, strict=True):
        yield {**fields, "framework": framework, "only_count": only_count}


def _count(where: object, what: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise LayoutChanged(f"{where}: {what} is {text!r}, not a whole number; look at the table.") from None


SOURCE = monthly(
    **entry_of(NAME, _COMMITS, _RAW),
    records=(PaperCount,),
    starts=_starts,
    details=_table,
    parse=_parse,
)
