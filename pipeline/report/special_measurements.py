"""Measurements that are no steady step, as rows of one table: start-up, loading, memory, accuracy."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from pipeline.claims.wording import Row, is_known, percent, short_day

TITLES: Final[Mapping[str, str]] = {
    "accuracy": "Accuracy of the same training",
    "cold_start": "Cold start",
    "dispatch": "Overhead of a small operation",
    "loader": "Loading data",
    "peak_memory": "Memory of the same training",
    "thread_scaling": "More threads",
}
_STEPS: Final = ((1e9, "n"), (1e6, "µ"), (1e3, "m"))
_MEGABYTE: Final = 1e6


def special_measurements(measurements: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one row per measure, framework, mode and number of threads of the machine measured last, in order."""
    if measurements.empty:
        return []
    newest = measurements[measurements["machine_id"] == measurements.sort_values("measured_at")["machine_id"].iloc[-1]]
    order = ["probe_name", "measure", "threads_count", "framework", "mode"]
    return [_row(row, titles) for row in newest.sort_values(order, kind="stable").itertuples()]


def _row(row: Row, titles: Mapping[str, str]) -> dict[str, str]:
    is_there = row.outcome == "measured" and is_known(row.value_median)
    return {
        "title": TITLES.get(str(row.probe_name), str(row.probe_name)),
        "measure": str(row.measure),
        "framework": titles.get(str(row.framework), str(row.framework)),
        "mode": str(row.mode),
        "threads": str(row.threads_count),
        "value": in_unit(row.value_median, str(row.unit)) if is_there else str(row.outcome),
        "range": f"{in_unit(row.value_lowest, str(row.unit))} to {in_unit(row.value_highest, str(row.unit))}"
        if is_there and row.figures_count > 1
        else (str(row.message) if is_known(row.message) and not is_there else ""),
        "count": str(row.figures_count),
        "when": short_day(row.measured_at),
        "workload": str(row.workload),
    }


def in_unit(value: object, unit: str) -> str:
    """Return a figure with its unit, in the power of ten that is read most easily."""
    number = float(str(value))
    if unit == "s":
        return _seconds(number)
    if unit == "byte":
        return f"{number / _MEGABYTE:,.0f} MB"
    if unit == "fraction":
        return percent(number)
    return f"{number:,.3g} {unit}" if abs(number) < _STEPS[2][0] else f"{number:,.0f} {unit}"


def _seconds(number: float) -> str:
    for factor, prefix in reversed(_STEPS):
        if abs(number) >= 1:
            break
        if abs(number) * factor >= 1:
            return f"{number * factor:.3g} {prefix}s"
    return f"{number:.3g} s"
