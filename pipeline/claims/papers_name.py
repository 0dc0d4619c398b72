"""Which framework papers name, venue by venue."""

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import tally_of
from pipeline.claims.wording import year


def sentence(frame: pd.DataFrame) -> str:
    """Word in how many venues each framework leads."""
    first, last = frame["period_end"].min(), frame["period_end"].max()
    return (
        f"Among papers that name exactly one of the two, {tally_of(next(frame.itertuples()), 'at', 'venues')} "
        f"(newest edition on file of each, {year(first)} to {year(last)})."
    )


STATEMENT = Statement(
    name="papers_name",
    topic="What papers name",
    where={"series_id": "papers.conference_mentions"},
    remedy="No venue has a figure for both frameworks: load the archive with `observatory run`.",
    sentence=sentence,
)
