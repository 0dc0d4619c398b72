"""Words for the rows of the view `two_way_newest`: who leads, and on what grounds."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from pipeline.claims.wording import count, day, interval, is_known, percent, period

TITLES: Final = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}
UNDECIDED: Final = "cannot tell"


def verdict_of(leaders: Iterable[str]) -> tuple[str, str]:
    """Return the verdict in words and the framework it names ("" for none), from the `leader` column of several rows."""
    found = set(leaders)
    named = sorted(found - {UNDECIDED})
    if not named:
        return "Cannot tell", ""
    if len(named) > 1:
        return "Evidence disagrees", ""
    title = TITLES[named[0]]
    return (f"{title} leads, not everywhere" if UNDECIDED in found else f"{title} leads"), named[0]


def grounds_of(row: Any) -> str:
    """Return one row as a line: population, period, n of base, share, interval, as-of date and source."""
    when = period(row.period_start, row.period_end)
    counted = f"{count(row.pytorch_n)} of {count(row.base)}" if is_known(row.base) else "only percentages were published"
    spread = interval(row.interval_low, row.interval_high)
    spread = f"95 % interval {spread}" if is_known(row.interval_low) else row.interval_method
    hedge = "; preliminary" if row.is_preliminary else ""
    return (
        f"{row.population}, {when}{hedge}: PyTorch {percent(row.pytorch_share)} of the two ({counted}; {spread}); "
        f"as of {day(row.as_of)}; {row.source_title}."
    )


def all_grounds(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the lines of every row of `frame`, in its order."""
    return tuple(grounds_of(row) for row in frame.itertuples())


def clause_of(row: Any, population: str | None = None) -> str:
    """Return who leads in one row, in a few words: framework, population (or what it is called here), period and share."""
    ahead = "neither is surely ahead" if row.leader == UNDECIDED else f"{TITLES[row.leader]} is ahead"
    when = period(row.period_start, row.period_end)
    return f"{ahead} among {population or row.population} ({when}: PyTorch {percent(row.pytorch_share)} of the two)"
