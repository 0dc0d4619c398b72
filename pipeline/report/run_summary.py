"""The newest run: its outcome, the state of each source, and the result of each check."""

from dataclasses import dataclass

import pandas as pd

from pipeline.claims.wording import Row, count, day, is_known


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """The newest run; `run` is its outcome in sentences, empty when no run is recorded."""

    run: str
    sources: tuple[Row, ...]
    """Rows of source_health."""
    checks: tuple[Row, ...]
    """Rows of check_results."""


def run_summary(runs: pd.DataFrame, health: pd.DataFrame, checks: pd.DataFrame) -> RunSummary:
    """Return the summary of the newest run; the views in any order."""
    sources = tuple(health.itertuples())
    if runs.empty:
        return RunSummary(run="", sources=sources, checks=())
    newest: Row = next(runs.sort_values(["started_at", "run_id"]).tail(1).itertuples())
    mine = checks[checks["run_id"] == newest.run_id].sort_values(["has_passed", "severity", "check_name"])
    return RunSummary(run=_run(newest), sources=sources, checks=tuple(mine.itertuples()))


def _run(row: Row) -> str:
    started = pd.Timestamp(row.started_at)
    took = f", took {count(row.run_seconds)} seconds" if is_known(row.run_seconds) else ""
    message = f" {row.message}" if is_known(row.message) else ""
    return (
        f"Run {row.run_id} ({row.mode}) started on {day(row.started_at)} at {started:%H:%M} UTC{took} and ended: "
        f"{row.outcome}. It read {count(row.records)} records from {count(row.sources)} sources. "
        f"Rows refused: {count(row.rejects)}; sources failed: {count(row.failed_sources)}; "
        f"checks failed: {count(row.failed_checks)}; checks that warned: {count(row.warnings)}.{message}"
    )
