"""Stars, downloads and entries in competitions: traces that are counted without asking anybody."""

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import UNDECIDED, count_of, largest_only, title_of
from pipeline.claims.wording import Row, listed
from pipeline.reference import COMPARED

PHRASES = {
    "github.stars": "holds more GitHub stars",
    "downloads.package_index": "is downloaded more from the Python package index",
    "mlperf.training_entries": "stands in more MLPerf training entries",
}


def sentence(frame: pd.DataFrame) -> str:
    """Word which framework each trace favours at its newest period."""
    return f"{listed([_clause(row) for row in largest_only(frame).itertuples()])}."


def _clause(row: Row) -> str:
    counts = [f"{count_of(row, name)} for {title_of(name)}" for name in COMPARED]
    who = "neither surely" if row.leader == UNDECIDED else title_of(row.leader)
    return f"{who} {PHRASES[str(row.series_id)]} ({', '.join(counts)})"


STATEMENT = Statement(
    name="traffic",
    topic="What is starred, downloaded, entered",
    where={"series_id": tuple(PHRASES)},
    order_by=("series_id", "population_rank"),
    remedy="No trace has a figure for both frameworks: load the archive with `observatory run`.",
    sentence=sentence,
)
