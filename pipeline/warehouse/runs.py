"""The record of runs: one row per run, one per source and run, one per refused row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.records.collected import Reject
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.staging import BATCH, put, stage, utc_naive

RunOutcome = Literal["complete", "with gaps", "failed"]
SourceState = Literal["live", "archived", "failed", "not asked"]


@dataclass(frozen=True, kw_only=True)
class SourceRun:
    """The result of one source in one run."""

    source_id: str
    state: SourceState
    """live: asked and answered; archived: the shipped snapshot was loaded; failed: asked in vain; not asked: for
    want of a key or a network, and no failure."""
    records_count: int
    rejects_count: int = 0
    message: str | None = None
    remedy: str | None = None


def start_run(connection: DuckDBPyConnection, mode: str, started_at: datetime) -> str:
    """Open a run and return its id; runs that were never finished are marked `interrupted`.

    The id is the start in UTC, e.g. `20260115T120000Z`, with a number behind it where that second is taken. A clock
    that was set back makes no run older than the one before it: the newest is the one that the page describes.
    """
    moment = utc_naive(started_at)
    with transaction(connection):
        (newest,) = connection.execute("select max(started_at) from ops.run").fetchall()[0]
        connection.execute(
            "update ops.run set outcome = 'interrupted', message = 'The process ended before the run did.' "
            "where outcome = 'running'"
        )
        taken = {row[0] for row in connection.execute("select run_id from ops.run").fetchall()}
        names = (f"{moment:%Y%m%dT%H%M%S}Z{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, len(taken) + 3))))
        run_id = next(name for name in names if name not in taken)
        connection.execute(
            "insert into ops.run (run_id, started_at, mode, outcome) values (?, ?, ?, 'running')",
            [run_id, max(moment, newest + timedelta(seconds=1)) if newest else moment, mode],
        )
    return run_id


def finish_run(
    connection: DuckDBPyConnection, run_id: str, outcome: RunOutcome, finished_at: datetime, message: str | None = None
) -> None:
    """Close a run; a later call corrects it.

    Do it before publishing, so that the published copy shows how the run ended.

    Raises:
        ContractBroken: there is no such run.
    """
    with transaction(connection):
        found = connection.execute(
            "update ops.run set outcome = ?, finished_at = greatest(?, started_at), message = ? where run_id = ? "
            "returning run_id",
            [outcome, utc_naive(finished_at), message, run_id],
        ).fetchall()
    if not found:
        raise ContractBroken(f"there is no run {run_id}; start it before it is finished.")


def note_checked(connection: DuckDBPyConnection, run_id: str, checked_at: datetime) -> None:
    """Note until when the run has collected, so that what came in after midnight is not taken for the future."""
    with transaction(connection):
        connection.execute("update ops.run set checked_at = ? where run_id = ?", [utc_naive(checked_at), run_id])


def note_rhythms(connection: DuckDBPyConnection, days_counts: Mapping[str, int]) -> None:
    """Note how often each live source is to be asked; one that was asked within that is not stale."""
    rows = [{"source_id": source_id, "days_count": days_count} for source_id, days_count in days_counts.items()]
    with transaction(connection):
        put(connection, "ops.source_rhythm", rows)


def record_source_run(connection: DuckDBPyConnection, run_id: str, source_run: SourceRun) -> None:
    """Store the result of a source in this run; a second call for the same source replaces the first."""
    with transaction(connection):
        put(connection, "ops.source_run", [{"run_id": run_id, **vars(source_run)}])


def replace_rejects(
    connection: DuckDBPyConnection, source_id: str, page_sha256s: Sequence[str], rejects: Sequence[Reject]
) -> None:
    """Make `ops.reject` hold, for these pages of the source, exactly these rows, in one transaction.

    A page that a corrected parser reads again thereby loses its old rejects.
    """
    with transaction(connection):
        connection.execute(
            "delete from ops.reject where source_id = ? and list_contains(?, page_sha256)",
            [source_id, list(page_sha256s)],
        )
        stage(connection, "ops.reject", map(vars, rejects))
        connection.execute(
            "insert into ops.reject by name select distinct on (source_id, page_sha256, locator) "
            f"source_id, page_sha256, locator, reason, seen_at from {BATCH} order by all"
        )
