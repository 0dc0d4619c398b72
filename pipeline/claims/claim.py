"""The contract of a statement: one view's rows in, one worded finding out.

The verdict word is never typed in: it follows from the view's own verdict columns. Adding one: a file with a
`STATEMENT` and a line in `registry.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

Row = Any
"""One row of a frame, its columns as attributes."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a statement says about the rows it was given."""

    verdict: str
    """The answer in a word or two."""
    leader: str
    """The framework that the verdict names, else an empty string."""
    sentence: str
    grounds: tuple[str, ...] = field(default=())
    """One line a figure behind it: population, n, base, interval, as-of date and source."""

    @property
    def text(self) -> str:
        """The whole finding in plain text."""
        return " ".join((f"{self.verdict}.", self.sentence, *self.grounds))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A question, the view that answers it, and the function that words the answer."""

    name: str
    topic: str
    view: str
    where: Mapping[str, object]
    order_by: tuple[str, ...]
    say: Callable[[pd.DataFrame], Finding]


def nothing_known(remedy: str) -> Finding:
    """Return the finding of a statement whose view has no rows; `remedy` says what would bring them."""
    return Finding(verdict="Not known", leader="", sentence=remedy)
