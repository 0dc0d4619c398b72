"""What the page says of one topic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Pair = tuple[str, str]
"""Two frameworks, the one whose share is given first."""
View = Callable[..., pd.DataFrame]
"""Gives the rows of a public view, chosen and ordered; see `pipeline.metrics.read.read_view`."""


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """The words about one topic."""

    headline_id: str = ""
    title: str = ""
    verdict: str
    """The answer in a few words."""
    leader: str = ""
    """The framework that the verdict names, else an empty string."""
    degree: Literal["mostly", "narrowly", ""] = ""
    """How far it leads, where that is less than in all populations, or hardly more than a half."""
    sentence: str
    direction: Literal["up", "down", ""] = ""
    """Which way the share in the sentence has surely moved; empty where it has not, or nothing earlier compares."""
    moved: str = ""
    """The share of the two with its change over the last comparable span; or why there is none."""
    grounds: tuple[str, ...] = ()
    """One line for the figure behind it: population, n, base, interval, as-of date and source."""
    series_id: str = ""
    """The series that speaks; empty where none does."""
    age_days: int | None = None
    """Days from the end of its newest period, or its publication where that is earlier, to the day of the evidence."""
    soundness: str = ""
    """`sound`, or why the series that speaks is not."""
