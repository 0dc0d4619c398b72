"""The run's own account: what was live, archived, stale or missing, and what the checks found."""

from dataclasses import dataclass

import pandas as pd

from pipeline.claims.claim import Row
from pipeline.claims.wording import count, day, is_known
from pipeline.report.footnotes import age


@dataclass(frozen=True, kw_only=True)
class Account:
    """Ready for the template. `run` is one sentence, empty when no run is recorded."""

    run: str
    sources: tuple[dict[str, str], ...]
    checks: tuple[dict[str, str], ...]


def account_of(runs: pd.DataFrame, health: pd.DataFrame, checks: pd.DataFrame) -> Account:
    """Return the account of the newest run; the views in any order."""
    if runs.empty:
        return Account(run="", sources=tuple(map(_source, health.itertuples())), checks=())
    newest: Row = next(runs.sort_values(["started_at", "run_id"]).tail(1).itertuples())
    mine = checks[checks["run_id"] == newest.run_id].sort_values(["has_passed", "severity", "check_name"])
    return Account(
        run=_run(newest),
        sources=tuple(_source(row) for row in health.itertuples()),
        checks=tuple(_check(row) for row in mine.itertuples()),
    )


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


def _source(row: Row) -> dict[str, str]:
    notes = [str(note) for note in (row.message, row.remedy) if is_known(note)]
    return {
        "title": str(row.title),
        "state": str(row.state),
        "as_of": day(row.as_of),
        "age": age(row.age_days),
        "records": count(row.records),
        "rejects": count(row.rejects),
        "note": " ".join(notes) or "–",
    }


def _check(row: Row) -> dict[str, str]:
    return {
        "sentence": str(row.sentence),
        "state": "pass" if row.has_passed else str(row.severity),
        "offenders": count(row.offenders_count),
    }
