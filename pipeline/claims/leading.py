"""Words for the rows of the view `two_way_newest`: who leads, and on what grounds."""

from typing import Final

import pandas as pd

from pipeline.claims.wording import Row, count, interval, is_known, percent, period, short_day, tallied
from pipeline.reference import COMPARED, known_frameworks

UNDECIDED: Final = "cannot tell"
FIRST, SECOND = COMPARED
"""The columns of the two-way views begin with these names."""


def title_of(framework: object) -> str:
    """Return a framework's name as people write it."""
    return known_frameworks().title(str(framework))


def verdict_of(leaders: set[str]) -> tuple[str, str]:
    """Return the verdict in words and the framework it names ("" for none), from `leader` of several rows."""
    named = sorted(leaders - {UNDECIDED})
    if not named:
        return "Cannot tell", ""
    if len(named) > 1:
        return "Evidence disagrees", ""
    title = title_of(named[0])
    return (f"{title} mostly leads" if UNDECIDED in leaders else f"{title} leads"), named[0]


def share_of_two(row: Row) -> str:
    """Return the first framework's share of the two, in words."""
    return percent(getattr(row, f"{FIRST}_share"))


def count_of(row: Row, framework: str) -> str:
    """Return the count of one of the two in a row."""
    return count(getattr(row, f"{framework}_n"))


def largest_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, of each series in `frame`, the row of the population with the largest base."""
    return frame[frame["population_rank"] == 1]


def grounds_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the line of each series' largest population; the others stand in the page's table at a glance."""
    return tuple(_line(row) for row in largest_only(frame).itertuples())


def _line(row: Row) -> str:
    """Return one row as a line: population, period, n of base, share, interval, as-of date and source."""
    when = period(row.period_start, row.period_end)
    counted = (
        f"{count_of(row, FIRST)} of {count(row.base)}" if is_known(row.base) else "only percentages were published"
    )
    spread = interval(row.interval_low, row.interval_high)
    spread = f"95 % interval {spread}" if is_known(row.interval_low) else row.interval_method
    hedge = "; preliminary" if row.is_preliminary else ""
    return (
        f"{row.population}, {when}{hedge}: {title_of(FIRST)} {share_of_two(row)} of the two ({counted}; {spread}); "
        f"as of {short_day(row.as_of)}; {row.source_title}."
    )


def tally_of(row: Row, inside: str, populations: str) -> str:
    """Return in how many populations of the row's series each framework leads: `PyTorch is ahead at 8 of 9 venues`.

    `inside` is the word before a number ("at", "in"), `populations` what they are called.
    """
    tallies = [(standing_of(name), getattr(row, f"{name}_leads_count")) for name in COMPARED]
    tallies.append((standing_of(UNDECIDED), row.undecided_count))
    first, *others = [f"{who} {inside} {number}" for who, number in tallies if number]
    return ", ".join([f"{first} of {row.populations_count} {populations}", *others])


def standing_of(leader: object) -> str:
    """Return who leads: `PyTorch is ahead` or `neither is surely ahead`."""
    return "neither is surely ahead" if leader == UNDECIDED else f"{title_of(leader)} is ahead"


def ratio_tally_of(row: Row) -> str:
    """Return in how many cases a framework was faster or slower than the reference: `slower in 5 and the same in 3`."""
    return tallied(
        {
            "faster": row.faster_count,
            "slower": row.slower_count,
            "the same": row.same_count,
            "not shown to differ": row.no_difference_count,
            "not comparable": row.not_comparable_count,
        }
    )
