"""The share of the machine's measured peak that each framework reaches, as rows of one table."""

from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from pipeline.claims.wording import Row, is_known, percent

_GIGA: Final = 1e9


def roofline(frame: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a row for each case, size, framework and mode of `frame`, rows of the view roofline of one machine."""
    order = ["case_name", "size", "dtype", "framework", "mode"]
    return [_row(row, titles) for row in frame.sort_values(order, kind="stable").itertuples()]


def _row(row: Row, titles: Mapping[str, str]) -> dict[str, str]:
    is_arithmetic = row.bound_by == "arithmetic"
    reached, peak = (
        (row.operations_per_second, row.product_peak) if is_arithmetic else (row.bytes_per_second, row.copy_peak)
    )
    unit = "GFLOP/s" if is_arithmetic else "GB/s"
    number_type = "" if row.dtype == "float32" else f", {row.dtype}"
    return {
        "case": f"{str(row.case_name).replace('_', ' ')}, {row.size}{number_type}",
        "workload": str(row.workload),
        "framework": f"{titles.get(str(row.framework), str(row.framework))}, {row.mode}",
        "share": percent(row.peak_share) if is_known(row.peak_share) else "unknown",
        "reached": f"{reached / _GIGA:,.1f} of {peak / _GIGA:,.1f} {unit}",
        "bound": str(row.bound_by),
        "remark": ", ".join(_remarks(row)),
    }


def _remarks(row: Row) -> Iterator[str]:
    if row.is_above_peak:
        yield "above the measured peak"
    if row.stability != "stable":
        yield str(row.stability)
