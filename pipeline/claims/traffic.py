"""What is starred, downloaded and entered in competitions: traces that are counted without asking anybody."""

import pandas as pd

from pipeline.claims.claim import Finding, Row, Statement, nothing_known
from pipeline.claims.leading import TITLES, UNDECIDED, grounds, largest_only, verdict_of
from pipeline.claims.wording import count, listed

PHRASES = {
    "github.stars": "holds more GitHub stars",
    "downloads.package_index": "is downloaded more from the Python package index",
    "mlperf.training_entries": "stands in more MLPerf training entries",
}


def say(frame: pd.DataFrame) -> Finding:
    """Word which framework each trace favours at its newest period."""
    if frame.empty:
        return nothing_known("No trace has a figure for both frameworks: load the archive with `observatory run`.")
    verdict, leader = verdict_of(frame["leader"])
    clauses = [_clause(row) for row in largest_only(frame).itertuples()]
    return Finding(verdict=verdict, leader=leader, sentence=f"{listed(clauses)}.", grounds=grounds(frame))


def _clause(row: Row) -> str:
    counts = [f"{count(row.pytorch_n)} for PyTorch", f"{count(row.tensorflow_n)} for TensorFlow"]
    who = "neither surely" if row.leader == UNDECIDED else TITLES[str(row.leader)]
    return f"{who} {PHRASES[str(row.series_id)]} ({', '.join(counts)})"


STATEMENT = Statement(
    name="traffic",
    topic="What is starred, downloaded, entered",
    view="two_way_newest",
    where={"series_id": tuple(PHRASES)},
    order_by=("series_id", "population_rank"),
    say=say,
)
