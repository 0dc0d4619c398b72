"""How often a text match is right, and what that does to the shares that rest on it: two small tables."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from pipeline.claims.claim import Row
from pipeline.claims.wording import count, interval, is_known, percent, short_day
from pipeline.reference import COMPARED

LEAST_LABELS: Final = 30
"""Scores on fewer labels have intervals that say nothing; they are in the view."""


def scores_of(scores: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return precision and recall of text mentions of the two, all years together, for sets with enough labels."""
    known = scores[
        scores["framework"].isin(COMPARED)
        & (scores["tier"] == "mention")
        & (scores["labels_count"] >= LEAST_LABELS)
        & scores["subject_year"].isna()
    ]
    ordered = known.sort_values(["label_set", "framework"], kind="stable")
    return [_score(row, titles) for row in ordered.itertuples()]


def corrections_of(shares: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return every share that was corrected, raw beside corrected, the main method before its cross-check."""
    ordered = shares.sort_values(["label_set", "estimand", "framework", "method"], kind="stable")
    return [_correction(row, titles) for row in ordered.itertuples()]


def _score(row: Row, titles: Mapping[str, str]) -> dict[str, str]:
    return {
        "subjects": str(row.label_set),
        "framework": titles.get(str(row.framework), str(row.framework)),
        "labels": count(row.labels_count),
        "precision": percent(row.precision_share),
        "precision_interval": interval(row.precision_low, row.precision_high),
        "recall": percent(row.recall_share) if is_known(row.recall_share) else "unknown",
        "recall_interval": interval(row.recall_low, row.recall_high)
        if is_known(row.recall_share)
        else "only its hits were read",
        "as_of": short_day(row.as_of),
    }


def _correction(row: Row, titles: Mapping[str, str]) -> dict[str, str]:
    return {
        "subjects": str(row.label_set),
        "framework": titles.get(str(row.framework), str(row.framework)),
        "estimand": str(row.estimand),
        "raw": percent(row.raw_share),
        "raw_interval": interval(row.raw_low, row.raw_high),
        "corrected": percent(row.corrected_share),
        "corrected_interval": interval(row.corrected_low, row.corrected_high),
        "method": str(row.method),
        "counts": f"{count(row.labelled_count)} labelled, {count(row.unlabelled_count)} not",
    }
