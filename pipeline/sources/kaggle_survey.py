"""Kaggle's yearly survey, counted from the files of answers that a user has downloaded, one row a respondent.

State of late 2026: Kaggle gives its files only to people who are logged in, and last asked in 2022, so this source
reads a folder of the user's. It exists to check the shipped counts against the files, and gives the same rows.
"""

import codecs
import csv
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.layouts.kaggle_survey import EDITIONS, counted
from pipeline.records import Record, SurveyCombination
from pipeline.records.collected import Reject, Window
from pipeline.sources.source import Files, Source

NAME = "kaggle_survey"
_ADDRESS = "https://www.kaggle.com/competitions"
_BY_WINDOW = {f"{edition.year} {name}": (edition, name) for edition in EDITIONS for name in edition.published_names}


def _windows(_today: date) -> Iterator[Window]:
    for window_id, (edition, _name) in _BY_WINDOW.items():
        yield Window(window_id=window_id, starts_on=date(edition.year, 1, 1), ends_on=date(edition.year, 12, 31))


def _starts(window: Window, _has_key: bool) -> Iterator[Request]:
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
        counts = counted(name, edition, _rows(name, stream))
    for (group, combination), respondents_count in counts.items():
        yield SurveyCombination(
            survey="kaggle",
            edition_year=edition.year,
            respondent_group=group,
            combination=combination,
            respondents_count=respondents_count,
            wording_id=edition.wording_id,
            **page.stamp(NAME),
        )


def _rows(name: str, stream: BinaryIO) -> Iterator[list[str]]:
    try:
        yield from csv.reader(codecs.getreader("utf-8-sig")(stream), strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise LayoutChanged(f"{name} is no table of answers ({error}); download it again.") from error


SOURCE = Source(
    name=NAME,
    title="Kaggle's survey, from the user's own files",
    series=("survey.kaggle",),
    records=(SurveyCombination,),
    addresses=(_ADDRESS,),
    terms_url="https://www.kaggle.com/terms",
    licence="CC BY 2.0 (2020-2022, by their methodology papers); not stated in the files of 2018 and 2019",
    attribution="Kaggle Machine Learning & Data Science Survey 2018-2022, Kaggle Inc.",
    seconds_between_requests=0,
    windows=_windows,
    starts=_starts,
    parse=_parse,
    files=Files(setting="kaggle_folder"),
    # A file may be replaced by a better copy at any time; one that is the same is not read twice.
    settle_days=36_500,
)
