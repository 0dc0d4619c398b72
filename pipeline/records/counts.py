"""Records about totals: what services count without listing it, package downloads, and answers to surveys."""

from datetime import date
from typing import Literal, TypeVar

from pydantic import model_validator

from pipeline.records.papers import LabelSet
from pipeline.records.record import Count, Fraction, Identifier, LargeCount, Record, Year

_Row = TypeVar("_Row", bound=Record)


def _in_order(row: _Row) -> _Row:
    first, last = (value for name, value in row if name.endswith(("_start", "_end")))
    if last < first:
        raise ValueError("the period ends before it begins")
    return row


class PeriodCount(
    Record, table="core.period_count", key="source_id measure subject period_start period_end observed_on"
):
    """Items that one service counted for one subject in one period, as reported on one day; both days are included."""

    measure: Literal["papers", "repositories", "models", "questions", "downloads", "stars", "developers", "posts"]
    subject: Identifier
    """What the service was asked for, in its own terms: a query, a tag, a class."""
    framework: Identifier | None
    """The framework that the subject stands for; null for a base that others are divided by."""
    period_start: date
    period_end: date
    observed_on: date
    """Totals drift: the same question gives another number on another day, so each day's answer is kept."""
    items_count: LargeCount

    _begins_first = model_validator(mode="after")(_in_order)


class DownloadWindow(Record, table="core.download_window", key="source_id package client_scope window_end"):
    """Downloads of one package within one window, both days included."""

    package: Identifier
    client_scope: Identifier
    """Whose downloads are counted, e.g. `all clients`."""
    window_start: date
    window_end: date
    downloads_count: LargeCount
    counting_system: Identifier

    _begins_first = model_validator(mode="after")(_in_order)


class DownloadList(Record, table="core.download_list", key="source_id window_end"):
    """One published ranking of packages: how long it was and where it was cut off."""

    window_end: date
    packages_count: Count
    cutoff_count: LargeCount
    """The smallest count on the list: a package that is not on it had at most this many, not zero."""
    counting_system: Identifier


class SurveyCount(Record, table="core.survey_count", key="source_id edition_year respondent_group option_label"):
    """Respondents of one group who chose one option, as the survey's owner published it."""

    survey: Identifier
    edition_year: Year
    respondent_group: Identifier
    option_label: Identifier
    framework: Identifier | None
    """The framework the option stands for; null for options that are no framework (NumPy, CUDA)."""
    respondents_count: Count | None
    """Null where only a percentage was published."""
    question_count: Count | None
    """Everybody who answered the question; null where not published in a usable form."""
    published_fraction: Fraction
    """The share as published, on the publisher's own denominator of that year."""
    is_preliminary: bool
    wording_id: Identifier


class SurveyTally(Record, table="core.survey_tally", key="source_id edition_year respondent_group option_label"):
    """Respondents of one group who chose one option, counted from the single answers of the survey's own file."""

    survey: Identifier
    edition_year: Year
    respondent_group: Identifier
    option_label: Identifier
    framework: Identifier
    respondents_count: Count
    worked_with_count: Count
    """Everybody of the group who has worked with at least one option of the question."""
    answered_count: Count | None
    """Those, and who only wants to work with one; null where the file does not hold what people want to work with."""
    wording_id: Identifier


class SurveyCombination(
    Record, table="core.survey_combination", key="source_id edition_year respondent_group combination"
):
    """Respondents of one group who ticked exactly this set of options of one question."""

    survey: Identifier
    edition_year: Year
    respondent_group: Identifier
    """Disjoint groups by job title; `all respondents` is their sum, made in the view."""
    combination: LabelSet
    """Option ids in alphabetical order joined by `|`; empty: the question was not answered or not shown."""
    respondents_count: Count
    wording_id: Identifier
