"""Words for the rows of the view `two_way_newest`: who leads, and on what grounds."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from pipeline.claims.claim import Row
from pipeline.claims.wording import count, interval, is_known, percent, period, short_day

TITLES: Final = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}
UNDECIDED: Final = "cannot tell"


def verdict_of(leaders: Iterable[str]) -> tuple[str, str]:
    """Return the verdict in words and the framework it names ("" for none), from `leader` of several rows."""
    found = set(leaders)
    named = sorted(found - {UNDECIDED})
    if not named:
        return "Cannot tell", ""
    if len(named) > 1:
        return "Evidence disagrees", ""
    title = TITLES[named[0]]
    return (f"{title} mostly leads" if UNDECIDED in found else f"{title} leads"), named[0]


def grounds_of(row: Row) -> str:
    """Return one row as a line: population, period, n of base, share, interval, as-of date and source."""
    when = period(row.period_start, row.period_end)
    counted = (
        f"{count(row.pytorch_n)} of {count(row.base)}" if is_known(row.base) else "only percentages were published"
    )
    spread = interval(row.interval_low, row.interval_high)
    spread = f"95 % interval {spread}" if is_known(row.interval_low) else row.interval_method
    hedge = "; preliminary" if row.is_preliminary else ""
    return (
        f"{row.population}, {when}{hedge}: PyTorch {percent(row.pytorch_share)} of the two ({counted}; {spread}); "
        f"as of {short_day(row.as_of)}; {row.source_title}."
    )


def largest_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, of each series in `frame`, the row of the population with the largest base."""
    return frame[frame["population_rank"] == 1]


def grounds(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the line of each series' largest population; the others stand in the page's table at a glance."""
    return tuple(grounds_of(row) for row in largest_only(frame).itertuples())


def tally_of(row: Row, inside: str, populations: str) -> str:
    """Return in how many populations of the row's series each framework leads: `PyTorch is ahead at 8 of 9 venues`.

    `inside` is the word before a number ("at", "in"), `populations` what they are called.
    """
    tallies = (
        ("PyTorch is ahead", row.pytorch_leads_count),
        ("TensorFlow is ahead", row.tensorflow_leads_count),
        ("neither is surely ahead", row.undecided_count),
    )
    first, *others = [f"{who} {inside} {number}" for who, number in tallies if number]
    return ", ".join([f"{first} of {row.populations_count} {populations}", *others])


def standing_of(row: Row) -> str:
    """Return who leads in one row: `PyTorch is ahead` or `neither is surely ahead`."""
    return "neither is surely ahead" if row.leader == UNDECIDED else f"{TITLES[str(row.leader)]} is ahead"
