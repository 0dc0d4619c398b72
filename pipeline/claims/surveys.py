"""What people say they use, survey by survey."""

import pandas as pd

from pipeline.claims.base import Finding, Statement, nothing_known
from pipeline.claims.leading import all_grounds, clause_of, verdict_of


def say(frame: pd.DataFrame) -> Finding:
    """Word who leads in the newest edition of each survey, population by population."""
    if frame.empty:
        return nothing_known("No survey has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    parts = []
    for title, rows in frame.groupby("series_title", sort=True):
        parts.append(f"{title}: {'; '.join(clause_of(row) for row in rows.itertuples())}.")
    return Finding(verdict=verdict, leader=leader, sentence=" ".join(parts), grounds=all_grounds(frame))


STATEMENT = Statement(
    name="surveys",
    topic="What people say they use",
    view="two_way_newest",
    where={"series_id": ("survey.stackoverflow", "survey.kaggle")},
    order_by=("series_title", "population_rank"),
    say=say,
)
