"""The rows of the page's tables, chosen and ordered from the views; the template words them."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from pipeline.claims.wording import Row, is_known
from pipeline.metrics.read import ViewEntry

MOST_POPULATIONS: Final = 3


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of `frame` in its order, their columns as attributes."""
    return list(frame.itertuples())


def summary_strip(newest: pd.DataFrame, series_order: Sequence[str]) -> list[list[Row]]:
    """Return each series' shown rows of `two_way_newest`: its largest populations.

    Series come in `series_order`, those it does not name last.
    """
    shown = newest[newest["population_rank"] <= MOST_POPULATIONS]
    place = {name: index for index, name in enumerate(series_order)}
    groups = sorted(shown.groupby("series_id"), key=lambda group: (place.get(str(group[0]), len(place)), str(group[0])))
    return [rows_of(rows) for _, rows in groups]


def special_measurements(measurements: pd.DataFrame) -> list[Row]:
    """Return the rows of the machine measured last."""
    newest = measurements.sort_values("measured_at")["machine_id"].tail(1)
    return rows_of(measurements[measurements["machine_id"].isin(newest)])


def not_compared(performance: pd.DataFrame) -> list[tuple[tuple[str, str, str], dict[str, list[str]]]]:
    """Return framework, reason and remark of what has no verdict, in the order of names, with its cases by mode."""
    cases: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for row in rows_of(performance):
        if reason := _reason(row):
            by_mode = cases.setdefault((row.framework, reason, row.message if is_known(row.message) else ""), {})
            by_mode.setdefault(row.mode, set()).add(f"{row.case_name.replace('_', ' ')} {row.size}")
    return [(key, {mode: sorted(by_mode[mode]) for mode in sorted(by_mode)}) for key, by_mode in sorted(cases.items())]


def _reason(row: Row) -> str:
    """Return why a row has no verdict, or nothing where it has one."""
    if row.outcome != "measured":
        return str(row.outcome)
    if row.verdict == "no difference shown" and is_known(row.disturbed_by):
        return f"no difference shown: disturbed by {row.disturbed_by}; measure again while little else runs"
    if row.verdict != "not comparable":
        return ""
    few = "too few samples"
    missing = f"{row.reference_framework} is missing or has too few rounds in common"
    return few if row.stability == few else f"{missing}, or a side kept more processors busy than it had threads"


def newest_run(runs: pd.DataFrame, checks: pd.DataFrame) -> tuple[Row | None, list[Row]]:
    """Return the newest run and its checks, those that failed first; nothing where no run is recorded."""
    newest: Row = next(runs.sort_values(["started_at", "run_id"]).tail(1).itertuples(), None)
    if newest is None:
        return None, []
    mine = checks[checks["run_id"] == newest.run_id].sort_values(["has_passed", "severity", "check_name"])
    return newest, rows_of(mine)


_SHAPES: Final = {"metric": "adoption", "claim_test": "claim_evidence"}
"""By the schema of views of one shape, the public view that brings them together and says what their columns hold."""


def dictionary(entries: Sequence[ViewEntry]) -> Iterator[tuple[ViewEntry, str]]:
    """Yield views with the columns whose meaning is their own, and the view that explains the others, if any."""
    shared = {entry.name: {(column.name, column.comment) for column in entry.columns} for entry in entries}
    for entry in entries:
        shape = _SHAPES.get(entry.name.partition(".")[0], "")
        own = [each for each in entry.columns if (each.name, each.comment) not in shared.get(shape, ())]
        yield entry._replace(columns=tuple(own)), shape
