"""What people say they use, survey by survey."""

import pandas as pd

from pipeline.claims.claim import Finding, Statement, nothing_known
from pipeline.claims.leading import grounds, largest_only, tally_of, verdict_of
from pipeline.claims.wording import period

CALLED = {"survey.kaggle": "Kaggle’s survey", "survey.stackoverflow": "Stack Overflow’s survey"}


def say(frame: pd.DataFrame) -> Finding:
    """Word in how many groups of respondents each framework leads, survey by survey."""
    if frame.empty:
        return nothing_known("No survey has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    clauses = [
        f"in {CALLED[str(row.series_id)]} of {period(row.period_start, row.period_end)} {tally_of(row, 'in', 'groups')}"
        for row in largest_only(frame).itertuples()
    ]
    sentence = "; ".join(clauses)
    sentence = f"{sentence[:1].upper()}{sentence[1:]}."
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=grounds(frame))


STATEMENT = Statement(
    name="surveys",
    topic="What people say they use",
    view="two_way_newest",
    where={"series_id": tuple(CALLED)},
    order_by=("series_title", "population_rank"),
    say=say,
)
