"""Rows of two small tables: how often a text match is right, and the shares corrected for it."""

from typing import Final

import pandas as pd

from pipeline.claims.wording import Row
from pipeline.reference import COMPARED

LEAST_LABELS: Final = 30
"""Scores on fewer labels have intervals that say nothing; they are in the view."""


def scores_shown(scores: pd.DataFrame) -> list[Row]:
    """Return the rows on text mentions of the two, all years together, for sets with enough labels."""
    known = scores[
        scores["framework"].isin(COMPARED)
        & (scores["tier"] == "mention")
        & (scores["labels_count"] >= LEAST_LABELS)
        & scores["subject_year"].isna()
    ]
    return list(known.sort_values(["label_set", "framework"], kind="stable").itertuples())


def corrections_shown(shares: pd.DataFrame) -> list[Row]:
    """Return every share that was corrected, the main method before its cross-check."""
    return list(shares.sort_values(["label_set", "estimand", "framework", "method"], kind="stable").itertuples())
