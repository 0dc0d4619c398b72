"""A statement: one view's rows in, one worded conclusion out.

The verdict word is never typed in: it follows from the view's own verdict columns. Adding one: a
`Statement` in a file of this folder, listed in `registry.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.claims.leading import grounds_of, verdict_of


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """The words of a statement about the rows it was given."""

    verdict: str
    """The answer in a word or two."""
    leader: str
    """The framework that the verdict names, else an empty string."""
    sentence: str
    grounds: tuple[str, ...] = ()
    """One line for each figure behind it: population, n, base, interval, as-of date and source."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A question, the view that answers it, and the functions that word the answer."""

    name: str
    topic: str
    view: str = "two_way_newest"
    where: Mapping[str, object]
    order_by: tuple[str, ...] = ("population_rank",)
    remedy: str
    """The remedy that the page gives where the view has no rows."""
    sentence: Callable[[pd.DataFrame], str]
    verdict: Callable[[set[str]], tuple[str, str]] = verdict_of
    """Gives the verdict, and the framework it names, from the view's leaders."""
    grounds: Callable[[pd.DataFrame], tuple[str, ...]] = grounds_of

    def say(self, frame: pd.DataFrame) -> Conclusion:
        """Return the conclusion from rows of the view."""
        if frame.empty:
            return Conclusion(verdict="Not known", leader="", sentence=self.remedy)
        verdict, leader = self.verdict(set(frame["leader"]))
        return Conclusion(verdict=verdict, leader=leader, sentence=self.sentence(frame), grounds=self.grounds(frame))
