"""Which framework papers name, venue by venue."""

import pandas as pd

from pipeline.claims.claim import Finding, Statement, nothing_known
from pipeline.claims.leading import grounds, tally_of, verdict_of
from pipeline.claims.wording import year


def say(frame: pd.DataFrame) -> Finding:
    """Word in how many venues each framework leads, with the largest venue as grounds."""
    if frame.empty:
        return nothing_known("No venue has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    row = next(frame.itertuples())
    first, last = frame["period_end"].min(), frame["period_end"].max()
    sentence = (
        f"Among papers that name exactly one of the two, {tally_of(row, 'at', 'venues')} "
        f"(newest edition on file of each, {year(first)} to {year(last)})."
    )
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=grounds(frame))


STATEMENT = Statement(
    name="papers_name",
    topic="What papers name",
    view="two_way_newest",
    where={"series_id": "papers.conference_mentions"},
    order_by=("population_rank",),
    say=say,
)
