"""What is starred, downloaded and entered in competitions: traces that are counted without asking anybody."""

import pandas as pd

from pipeline.claims.base import Finding, Statement, nothing_known
from pipeline.claims.leading import TITLES, UNDECIDED, all_grounds, verdict_of
from pipeline.claims.wording import count, day, listed

PHRASES = {
    "github.stars": "holds more GitHub stars",
    "downloads.package_index": "is downloaded more from the Python package index",
    "mlperf.training_entries": "is named by more MLPerf training entries",
}


def say(frame: pd.DataFrame) -> Finding:
    """Word which framework each trace favours at its newest period."""
    if frame.empty:
        return nothing_known("No trace has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    sentence = listed([_clause(row) for row in frame.itertuples()])
    return Finding(verdict=verdict, leader=leader, sentence=f"{sentence}.", grounds=all_grounds(frame))


def _clause(row: object) -> str:
    series_id, leader = str(getattr(row, "series_id", "")), str(getattr(row, "leader", ""))
    phrase = PHRASES[series_id]
    counts = (
        f"{count(getattr(row, 'pytorch_n', None))} for PyTorch, {count(getattr(row, 'tensorflow_n', None))} for TensorFlow, "
        f"{day(getattr(row, 'period_end', None))}"
    )
    who = "neither" if leader == UNDECIDED else TITLES[leader]
    return f"{who} {phrase} ({counts})"


STATEMENT = Statement(
    name="traffic",
    topic="What is starred, downloaded, entered",
    view="two_way_newest",
    where={"series_id": tuple(PHRASES)},
    order_by=("series_id", "population_rank"),
    say=say,
)
