"""Which framework papers name, venue by venue."""

import pandas as pd

from pipeline.claims.base import Finding, Statement, nothing_known
from pipeline.claims.leading import grounds_of, verdict_of


def say(frame: pd.DataFrame) -> Finding:
    """Word in how many venues each framework leads, with the largest venue as grounds."""
    if frame.empty:
        return nothing_known("No venue has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    largest = next(frame.itertuples())
    venues = f"{largest.populations_count} venues" if largest.populations_count > 1 else "one venue"
    sentence = (
        f"Among papers that name exactly one of the two, PyTorch is ahead at the newest edition of "
        f"{largest.pytorch_leads_count} of {venues}, TensorFlow at {largest.tensorflow_leads_count}; "
        f"at {largest.undecided_count} the interval includes an even split."
    )
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=(grounds_of(largest),))


STATEMENT = Statement(
    name="papers_name",
    topic="What papers name",
    view="two_way_newest",
    where={"series_id": "papers.conference_mentions"},
    order_by=("population_rank",),
    say=say,
)
