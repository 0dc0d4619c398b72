"""The strip at the top of the page: PyTorch's share of the two, a row a series and population."""

from typing import Any, Final

import pandas as pd

from pipeline.claims.leading import UNDECIDED
from pipeline.claims.wording import day, interval, is_known, percent, period
from pipeline.report.facts import age

MOST_POPULATIONS: Final = 3


def glance_of(newest: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows of `two_way_newest` that are shown: the three largest populations of each series."""
    return [_row(row) for row in newest.itertuples() if row.population_rank <= MOST_POPULATIONS]


def _row(row: Any) -> dict[str, str]:
    has_interval = is_known(row.interval_low) and is_known(row.interval_high)
    return {
        "title": str(row.series_title if is_known(row.series_title) else row.series_id),
        "population": str(row.population),
        "when": period(row.period_start, row.period_end),
        "leader": "" if row.leader == UNDECIDED else str(row.leader),
        "share": percent(row.pytorch_share),
        "interval": interval(row.interval_low, row.interval_high) if has_interval else str(row.interval_method),
        "place": _place(row.pytorch_share),
        "low": _place(row.interval_low) if has_interval else "",
        "rest": _place(1 - row.interval_high) if has_interval else "",
        "as_of": day(row.as_of),
        "age": age(row.age_days),
        "has_interval": "yes" if has_interval else "",
    }


def _place(share_fraction: object) -> str:
    return f"{float(str(share_fraction)) * 100:.2f}%" if is_known(share_fraction) else ""
