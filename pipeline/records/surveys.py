"""Records about surveys: answers per option, and combinations of options ticked together."""

from typing import Annotated

from pydantic import Field

from pipeline.records.record import Count, Fraction, Identifier, Record, Year


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
    combination: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\|[a-z0-9-]+)*)?$")]
    """Option ids in alphabetical order joined by `|`; empty: the question was not answered or not shown."""
    respondents_count: Count
    wording_id: Identifier
