"""Where a series was cut: the breaks that fall inside what a chart shows, numbered as in the picture."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Break:
    """One cut of a series. `populations` is empty where it holds for all of them but `others`."""

    label: str
    starts_on: str
    """ISO date of the first day after the cut."""
    reason: str
    populations: tuple[str, ...]
    others: tuple[str, ...]

    def holds_for(self, population: str) -> bool:
        """Return whether figures of `population` are cut here."""
        return population in self.populations if self.populations else population not in self.others

    def is_between(self, first: object, last: object) -> bool:
        """Return whether the cut lies after the start of the first period shown and not after that of the last."""
        return str(first)[:10] < self.starts_on <= str(last)[:10]


def breaks_within(segments: pd.DataFrame, frame: pd.DataFrame) -> tuple[Break, ...]:
    """Return the cuts of `segments` (rows of series_breaks) that fall inside the periods of `frame`, oldest first.

    They are numbered from 1 in that order. One break_id is one cut, however many populations it is listed for.
    """
    if frame.empty or segments.empty:
        return ()
    mine = segments[segments["series_id"].isin(frame["series_id"])]
    named = tuple(sorted({str(each) for each in mine["population"].dropna()}))
    cuts = []
    for (starts_on, _), rows in mine.groupby([mine["starts_on"].astype(str).str[:10], "break_id"], sort=True):
        populations = () if rows["population"].isna().any() else tuple(sorted(map(str, rows["population"])))
        cut = Break(
            label="", starts_on=str(starts_on), reason=str(rows["reason"].iloc[0]), populations=populations, others=()
        )
        shown = frame if not populations else frame[frame["population"].isin(populations)]
        if len(shown) and cut.is_between(shown["period_start"].min(), shown["period_start"].max()):
            also = set(map(str, rows["population"].dropna()))
            cuts.append((cut, () if populations else tuple(name for name in named if name not in also)))
    return tuple(
        Break(label=str(place), starts_on=cut.starts_on, reason=cut.reason, populations=cut.populations, others=others)
        for place, (cut, others) in enumerate(cuts, start=1)
    )
