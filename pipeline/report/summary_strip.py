"""The strip at the top of the page: the first framework's share of the two, one row per series and population."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from pipeline.claims.leading import FIRST, UNDECIDED
from pipeline.claims.wording import Row, interval, is_known, percent, period, short_day
from pipeline.report.footnotes import age

MOST_POPULATIONS: Final = 3


def summary_strip(newest: pd.DataFrame, series_order: Sequence[str]) -> list[tuple[str, list[dict[str, str]]]]:
    """Return each series' title and its shown rows of `two_way_newest`: its largest populations.

    Series come in `series_order`, those it does not name last.
    """
    shown = newest[newest["population_rank"] <= MOST_POPULATIONS]
    place = {name: index for index, name in enumerate(series_order)}
    groups = sorted(shown.groupby("series_id"), key=lambda group: (place.get(str(group[0]), len(place)), str(group[0])))
    return [(_title(rows), [_row(row) for row in rows.itertuples()]) for _, rows in groups]


def _title(rows: pd.DataFrame) -> str:
    title = rows["series_title"].iloc[0]
    return str(title if is_known(title) else rows["series_id"].iloc[0])


def _row(row: Row) -> dict[str, str]:
    share = getattr(row, f"{FIRST}_share")
    has_interval = is_known(row.interval_low) and is_known(row.interval_high)
    return {
        "population": str(row.population),
        "when": period(row.period_start, row.period_end),
        "leader": "" if row.leader == UNDECIDED else str(row.leader),
        "share": percent(share),
        "interval": interval(row.interval_low, row.interval_high) if has_interval else str(row.interval_method),
        "place": _place(share),
        "low": _place(row.interval_low) if has_interval else "",
        "rest": _place(1 - row.interval_high) if has_interval else "",
        "as_of": short_day(row.as_of),
        "age": age(row.age_days),
    }


def _place(share_fraction: object) -> str:
    return f"{float(str(share_fraction)) * 100:.2f}%" if is_known(share_fraction) else ""
