"""Kaggle's yearly survey, counted from the files of answers that a user has downloaded, one row per respondent.

State of late 2026: Kaggle gives its files only to people who are logged in, and last asked in 2022, so this source
reads a folder of the user's. It exists to check the shipped counts against the files, and gives the same rows.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import csv_rows
from pipeline.records import CollectWindow, Record, Reject, SurveyCombination
from pipeline.reference import known_frameworks
from pipeline.reference.toml_file import read_toml
from pipeline.sources.source import Source, entry_of, whole_year

NAME = "kaggle_survey"
_ADDRESS = "https://www.kaggle.com/competitions"
_TOLD: dict[str, Any] = read_toml(Path(__file__).with_suffix(".toml"))


@dataclass(frozen=True)
class Edition:
    """Where one year's file keeps the job title and the framework question, whose columns start with `question`."""

    year: int
    title_column: str
    question: str
    wording_id: str
    published_name: str
    """Kaggle's name of the file."""


EDITIONS = tuple(Edition(**each) for each in _TOLD["edition"])

# The user may keep a file under either name.
_BY_WINDOW = {
    f"{edition.year} {name}": (edition, name)
    for edition in EDITIONS
    for name in (f"kaggle_survey_{edition.year}.csv", edition.published_name)
}


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    edition, name = _BY_WINDOW[window.window_id]
    yield Request(
        url=f"{_ADDRESS}/kaggle-survey-{edition.year}/{name}",
        content_types=TEXT_TYPES,
        is_large=True,
        about=(("window", window.window_id),),
    )


def _parse(page: Page) -> Iterator[Record | Reject]:
    edition, name = _BY_WINDOW[page.request.detail("window")]
    with page.open() as stream:
        counts = counted(name, edition, csv_rows(page, stream))
    for fields in fields_of(edition, counts):
        yield SurveyCombination.model_validate({**fields, **page.stamp(NAME)})


def fields_of(edition: Edition, counts: Counter[tuple[str, str]]) -> Iterator[dict[str, object]]:
    """Yield the fields of a `SurveyCombination` record for each group and combination."""
    for (group, combination), respondents_count in counts.items():
        yield {
            "survey": "kaggle",
            "edition_year": edition.year,
            "respondent_group": group,
            "combination": combination,
            "respondents_count": respondents_count,
            "wording_id": edition.wording_id,
        }


def counted(where: str, edition: Edition, rows: Iterator[list[str]]) -> Counter[tuple[str, str]]:
    """Return respondents by group and combination: option ids in alphabetical order joined by `|`.

    Groups are disjoint. The empty combination counts those who did not answer the question or were not shown it.

    Args:
        where: how messages name the file.
        edition: where the file keeps what is counted.
        rows: the file's rows, header first; the row below it holds the questions' texts.

    Raises:
        LayoutChanged: the columns are others, a row is longer or shorter, or an option is new.
    """
    header = next(rows, [])
    # `…_OTHER_TEXT` holds codes of free text and is no option.
    is_option = re.compile(rf"{edition.question}_.*(?<!_TEXT)").fullmatch
    options = [place for place, name in enumerate(header) if is_option(name)]
    if edition.title_column not in header or not options:
        raise LayoutChanged(f"{where} lacks {edition.title_column} or {edition.question}_…; get the file again.")
    title = header.index(edition.title_column)
    next(rows, None)
    counts: Counter[tuple[str, str]] = Counter()
    frameworks = known_frameworks().labels_of(NAME)
    for number, cells in enumerate(rows, start=1):
        if len(cells) != len(header):
            raise LayoutChanged(f"{where}, respondent {number}: {len(cells)} cells, not {len(header)}; get it again.")
        group = _TOLD["group_by_title"].get(cells[title].strip(), "other titles")
        # Labels are compared in lower case, and `None` is an answer.
        ticked = [cells[place].strip() for place in options if cells[place].strip()]
        if new := [option for option in ticked if option.lower() not in frameworks]:
            raise LayoutChanged(f"{where}: {new[0]!r} is no known option; add it to the labels of its framework.")
        counts[group, "|".join(sorted(frameworks[option.lower()] for option in ticked))] += 1
    return counts


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(SurveyCombination,),
    windows=lambda _today: [whole_year(edition.year, window_id) for window_id, (edition, _) in _BY_WINDOW.items()],
    starts=_starts,
    parse=_parse,
)
