"""Stack Overflow's yearly survey, counted from the official files of answers, one row per respondent.

State of late 2026: the files lie in the publisher's repository on GitHub as large files; what is not fetched through
its large-file service is a pointer of a few lines. Since 2025 the survey asks about no framework, so 2024 is the last.
A file has up to 200 MB: three of its columns are held.

The question has two columns, what people have worked with and what they want to work with, and the publisher has
divided by those who ticked in the first as well as by those who ticked in either: both are counted, and the view
`survey_tallies` shows which of them gives the shares that were published.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.records import CollectWindow, Record, Reject, SurveyTally
from pipeline.reference import known_frameworks
from pipeline.sources.source import Source, entry_of, whole_year

NAME = "stackoverflow_survey"
_ADDRESS = "https://github.com/StackExchange/Survey/raw/refs/heads/main/packages/archive"
_POINTER = b"version https://git-lfs"
_BRANCH = "MainBranch"
_IS_PROFESSIONAL = "I am a developer by profession"


class _Question(NamedTuple):
    """Where an edition keeps the answers."""

    worked_with: str
    wants: str
    wording_id: str


_MISC_TECH = _Question("MiscTechWorkedWith", "MiscTechDesireNextYear", "so-misc-tech")
_MISC_TECH_HAVE = _Question("MiscTechHaveWorkedWith", "MiscTechWantToWorkWith", "so-misc-tech-have")
QUESTIONS = {
    2018: _Question("FrameworkWorkedWith", "FrameworkDesireNextYear", "so-framework"),
    **dict.fromkeys((2019, 2020), _MISC_TECH),
    **dict.fromkeys(range(2021, 2025), _MISC_TECH_HAVE),
}


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    yield Request(
        url=f"{_ADDRESS}/{window.window_id}/results.csv",
        content_types=TEXT_TYPES,
        is_large=True,
        about=(("year", window.window_id),),
    )


def _parse(page: Page) -> Iterator[Record | Reject]:
    year = int(page.request.detail("year"))
    question, frameworks = QUESTIONS[year], known_frameworks().labels_of(NAME)
    answers = _answers(page, question)
    groups = {"all respondents": answers}
    if _BRANCH in answers:  # an edition that does not name professions has one group
        groups["professional developers"] = answers[answers[_BRANCH] == _IS_PROFESSIONAL]
    for group, respondents in groups.items():
        worked_with = respondents[question.worked_with]
        ticked = Counter(
            option for answer in worked_with for option in {each.strip() for each in answer.split(";")} if option
        )
        for option, framework in frameworks.items():
            if ticked[option]:
                yield SurveyTally(
                    survey="stackoverflow",
                    edition_year=year,
                    respondent_group=group,
                    option_label=option,
                    framework=framework,
                    respondents_count=ticked[option],
                    worked_with_count=int((worked_with != "").sum()),
                    answered_count=len(respondents) if question.wants in answers else None,
                    wording_id=question.wording_id,
                    **page.stamp(NAME),
                )


def _answers(page: Page, question: _Question) -> pd.DataFrame:
    """Return the columns that are counted, of those who ticked anything; an empty text stands for no answer."""
    wanted = {_BRANCH, question.worked_with, question.wants}
    with page.open() as stream:
        if stream.read(len(_POINTER)) == _POINTER:
            raise LayoutChanged(
                f"{page.address} is a pointer to a large file and not the file; ask its large-file service."
            )
        stream.seek(0)
        try:
            answers = pd.read_csv(stream, dtype=str, na_values=["NA"], usecols=lambda name: name in wanted).fillna("")
        except ValueError as error:
            raise LayoutChanged(f"{page.address} is no table of answers ({error}); get it again.") from error
    ticks = answers[[name for name in (question.worked_with, question.wants) if name in answers]]
    answers = answers[(ticks != "").any(axis=1)]
    if question.worked_with not in answers or not answers[question.worked_with].any():
        raise LayoutChanged(
            f"{page.address}: nobody answered {question.worked_with!r}; look at the file and report the change."
        )
    return answers


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(SurveyTally,),
    windows=lambda _today: map(whole_year, QUESTIONS),
    starts=_starts,
    parse=_parse,
)
