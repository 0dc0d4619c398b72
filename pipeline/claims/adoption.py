"""Statements on the newest figures of adoption: papers, code, surveys, stars, downloads, competitions."""

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import UNDECIDED, count_of, largest_only, share_of_two, standing_of, tally_of, title_of
from pipeline.claims.wording import Row, listed, period, year
from pipeline.reference import COMPARED

REPOSITORIES = {"all": "all linked repositories", "official": "the authors’ own"}
SURVEYS = {"survey.kaggle": "Kaggle’s survey", "survey.stackoverflow": "Stack Overflow’s survey"}
TRACES = {
    "github.stars": "holds more GitHub stars",
    "downloads.package_index": "is downloaded more from the Python package index",
    "mlperf.training_entries": "stands in more MLPerf training entries",
}


def named_in_papers(frame: pd.DataFrame) -> str:
    """Word in how many venues each framework leads."""
    first, last = frame["period_end"].min(), frame["period_end"].max()
    return (
        f"Among papers that name exactly one of the two, {tally_of(next(frame.itertuples()), 'at', 'venues')} "
        f"(newest edition on file of each, {year(first)} to {year(last)})."
    )


def linked_from_papers(frame: pd.DataFrame) -> str:
    """Word who leads among the repositories that papers link to, for each population."""
    clauses = [
        f"{standing_of(row.leader)} among {REPOSITORIES.get(str(row.population), str(row.population))} "
        f"({share_of_two(row)} {title_of(COMPARED[0])} of the two)"
        for row in frame.itertuples()
    ]
    when = period(frame["period_start"].iloc[0], frame["period_end"].iloc[0])
    return f"In the code of papers of {when}, {listed(clauses)}."


def said_in_surveys(frame: pd.DataFrame) -> str:
    """Word in how many groups of respondents each framework leads, survey by survey."""
    clauses = [
        f"in {SURVEYS[str(row.series_id)]} of {period(row.period_start, row.period_end)} "
        f"{tally_of(row, 'in', 'groups')}"
        for row in largest_only(frame).itertuples()
    ]
    words = "; ".join(clauses)
    return f"{words[:1].upper()}{words[1:]}."


def traced(frame: pd.DataFrame) -> str:
    """Word which framework each trace favours at its newest period: what is counted without asking anybody."""
    return f"{listed([_trace(row) for row in largest_only(frame).itertuples()])}."


def _trace(row: Row) -> str:
    counts = [f"{count_of(row, name)} for {title_of(name)}" for name in COMPARED]
    who = "neither surely" if row.leader == UNDECIDED else title_of(row.leader)
    return f"{who} {TRACES[str(row.series_id)]} ({', '.join(counts)})"


STATEMENTS = (
    Statement(
        name="papers_name",
        topic="What papers name",
        where={"series_id": "papers.conference_mentions"},
        remedy="No venue has a figure for both frameworks: load the archive with `observatory run`.",
        sentence=named_in_papers,
    ),
    Statement(
        name="papers_link",
        topic="What paper code uses",
        where={"series_id": "papers.code_links"},
        remedy="No linked repository has a known framework: load the archive with `observatory run`.",
        sentence=linked_from_papers,
    ),
    Statement(
        name="surveys",
        topic="What people say they use",
        where={"series_id": tuple(SURVEYS)},
        order_by=("series_title", "population_rank"),
        remedy="No survey has a figure for both frameworks: load the archive with `observatory run`.",
        sentence=said_in_surveys,
    ),
    Statement(
        name="traffic",
        topic="What is starred, downloaded, entered",
        where={"series_id": tuple(TRACES)},
        order_by=("series_id", "population_rank"),
        remedy="No trace has a figure for both frameworks: load the archive with `observatory run`.",
        sentence=traced,
    ),
)
