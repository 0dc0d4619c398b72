"""Where a series was cut: the breaks that fall inside what a chart shows, numbered as in the picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Break:
    """One cut of a series: where, why, and for whom."""

    label: str
    starts_on: str
    """ISO date of the first day after the cut."""
    reason: str
    populations: tuple[str, ...]
    """Populations that are named as cut here."""
    is_common: bool
    """Whether every population that has no cuts of its own is cut here too."""
    others: tuple[str, ...] = ()
    """Populations with cuts of their own that are not named here."""

    @property
    def holders(self) -> str:
        """Whom it holds for, in words; empty for everybody."""
        return "" if self.is_common else ", ".join(self.populations)

    def holds_for(self, population: str) -> bool:
        """Return whether figures of `population` are cut here."""
        return population in self.populations or (self.is_common and population not in self.others)

    def is_in(self, rows: pd.DataFrame, population: str) -> bool:
        """Return whether it cuts `population`, after the first period of `rows` and not after the start of the last."""
        first, last = str(rows["period_start"].min())[:10], str(rows["period_start"].max())[:10]
        return self.holds_for(population) and first < self.starts_on <= last


def breaks_within(segments: pd.DataFrame, frame: pd.DataFrame) -> tuple[Break, ...]:
    """Return the cuts of `segments` (rows of series_breaks) that part figures of `frame`, oldest first.

    They are numbered from 1 in that order. One break_id is one cut, however many populations it is listed for.
    """
    mine = segments[segments["series_id"].isin(frame["series_id"])]
    populations = list(frame.groupby("population"))
    cuts = [cut for cut in _cuts(mine) if any(cut.is_in(rows, str(name)) for name, rows in populations)]
    return tuple(replace(cut, label=str(place)) for place, cut in enumerate(cuts, start=1))


def _cuts(segments: pd.DataFrame) -> Iterator[Break]:
    """Yield each distinct cut, the openings of the series among them, by day and identifier."""
    named = {str(name) for name in segments["population"].dropna()}
    days = segments["starts_on"].astype(str).str[:10]
    for (day, _), rows in segments.groupby([days, "break_id"], sort=True):
        own = tuple(sorted(map(str, rows["population"].dropna())))
        yield Break(
            label="",
            starts_on=str(day),
            reason=str(rows["reason"].iloc[0]),
            populations=own,
            is_common=bool(rows["population"].isna().any()),
            others=tuple(sorted(named - set(own))),
        )
