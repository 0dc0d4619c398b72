"""Stack Overflow's yearly survey, counted from the official files of answers, one row per respondent.

State of late 2026: the files lie in the publisher's repository on GitHub as large files; what is not fetched through
its large-file service is a pointer of a few lines. Since 2025 the survey asks about no framework, so 2024 is the last.
A file has up to 200 MB: it is read line by line and never held.

The question has two columns, what people have worked with and what they want to work with, and the publisher has
divided by those who ticked in the first as well as by those who ticked in either: both are counted, and the view
`survey_tallies` shows which of them gives the shares that were published.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import csv_rows
from pipeline.records import Record, SurveyTally
from pipeline.records.collected import CollectWindow, Reject
from pipeline.reference import known_frameworks
from pipeline.sources.source import Source, years

NAME = "stackoverflow_survey"
_ADDRESS = "https://github.com/StackExchange/Survey/raw/refs/heads/main/packages/archive"
_POINTER = b"version https://git-lfs"
_ALL = "all respondents"
_PROFESSIONALS = "professional developers"
_BRANCH = "MainBranch"
_IS_PROFESSIONAL = "I am a developer by profession"
_NOTHING = frozenset({"", "NA"})
_FIRST_YEAR, _LAST_YEAR = 2018, 2024


@dataclass(frozen=True)
class _Question:
    """Where an edition keeps the answers."""

    worked_with: str
    wants: str
    wording_id: str


_MISC_TECH = _Question("MiscTechWorkedWith", "MiscTechDesireNextYear", "so-misc-tech")
_MISC_TECH_HAVE = _Question("MiscTechHaveWorkedWith", "MiscTechWantToWorkWith", "so-misc-tech-have")
QUESTIONS = {
    2018: _Question("FrameworkWorkedWith", "FrameworkDesireNextYear", "so-framework"),
    2019: _MISC_TECH,
    2020: _MISC_TECH,
    **dict.fromkeys(range(2021, _LAST_YEAR + 1), _MISC_TECH_HAVE),
}


@dataclass
class _Tallies:
    """The counts of one group of respondents."""

    worked_with_count: int = 0
    answered_count: int = 0
    ticked: Counter[str] = field(default_factory=Counter)


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    yield Request(
        url=f"{_ADDRESS}/{window.window_id}/results.csv",
        content_types=TEXT_TYPES,
        is_large=True,
        about=(("year", window.window_id),),
    )


def _parse(page: Page) -> Iterator[Record | Reject]:
    year = int(page.request.detail("year"))
    question = QUESTIONS[year]
    groups, has_wants = _counted(page, question)
    frameworks = known_frameworks().labels_of(NAME)
    for group, tallies in groups.items():
        for option, framework in frameworks.items():
            if tallies.ticked[option]:
                yield SurveyTally(
                    survey="stackoverflow",
                    edition_year=year,
                    respondent_group=group,
                    option_label=option,
                    framework=framework,
                    respondents_count=tallies.ticked[option],
                    worked_with_count=tallies.worked_with_count,
                    answered_count=tallies.answered_count if has_wants else None,
                    wording_id=question.wording_id,
                    **page.stamp(NAME),
                )


def _counted(page: Page, question: _Question) -> tuple[dict[str, _Tallies], bool]:
    """Return who answered and what was ticked, by group, and whether the file says what people want to work with.

    An edition that does not name professions has one group.
    """
    groups = {_ALL: _Tallies()}
    with page.open() as stream:
        rows = _rows(page, stream)
        columns = next(rows, [])
        if question.worked_with not in columns:
            raise LayoutChanged(
                f"{page.address} has no column {question.worked_with!r}; look at the file and report the change."
            )
        if _BRANCH in columns:
            groups[_PROFESSIONALS] = _Tallies()
        for row in rows:
            _count(dict(zip(columns, row, strict=False)), question, groups)
    if not groups[_ALL].worked_with_count:
        raise LayoutChanged(
            f"{page.address}: nobody answered {question.worked_with!r}; look at the file and report the change."
        )
    return groups, question.wants in columns


def _rows(page: Page, stream: BinaryIO) -> Iterator[list[str]]:
    start = stream.read(len(_POINTER))
    if start == _POINTER:
        raise LayoutChanged(
            f"{page.address} is a pointer to a large file and not the file; ask its large-file service."
        )
    stream.seek(0)
    yield from csv_rows(page, stream)


def _count(row: Mapping[str, str], question: _Question, groups: Mapping[str, _Tallies]) -> None:
    answer = row.get(question.worked_with, "")
    has_worked = answer not in _NOTHING
    if not has_worked and row.get(question.wants, "") in _NOTHING:
        return
    is_professional = row.get(_BRANCH) == _IS_PROFESSIONAL
    for group, tallies in groups.items():
        if group == _ALL or is_professional:
            tallies.answered_count += 1
            tallies.worked_with_count += has_worked
            tallies.ticked.update({option.strip() for option in answer.split(";")} if has_worked else ())


SOURCE = Source(
    name=NAME,
    title="Stack Overflow Developer Survey, answers of 2018-2024",
    series=("survey.stackoverflow",),
    records=(SurveyTally,),
    addresses=(_ADDRESS,),
    terms_url="https://github.com/StackExchange/Survey",
    licence="ODbL 1.0 (database), DbCL 1.0 (contents)",
    attribution="Stack Overflow Developer Survey, Stack Exchange Inc.",
    seconds_between_requests=2,
    windows=lambda _today: years(_FIRST_YEAR, _LAST_YEAR),
    starts=_starts,
    parse=_parse,
)
