"""The frameworks that people say they use, survey by survey."""

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import largest_only, tally_of
from pipeline.claims.wording import period

CALLED = {"survey.kaggle": "Kaggle’s survey", "survey.stackoverflow": "Stack Overflow’s survey"}


def sentence(frame: pd.DataFrame) -> str:
    """Word in how many groups of respondents each framework leads, survey by survey."""
    clauses = [
        f"in {CALLED[str(row.series_id)]} of {period(row.period_start, row.period_end)} {tally_of(row, 'in', 'groups')}"
        for row in largest_only(frame).itertuples()
    ]
    words = "; ".join(clauses)
    return f"{words[:1].upper()}{words[1:]}."


STATEMENT = Statement(
    name="surveys",
    topic="What people say they use",
    where={"series_id": tuple(CALLED)},
    order_by=("series_title", "population_rank"),
    remedy="No survey has a figure for both frameworks: load the archive with `observatory run`.",
    sentence=sentence,
)
