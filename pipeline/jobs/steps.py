"""The bodies of the refresh, step by step, as plain functions: Prefect only decides when each is called.

Every step returns one sentence about what it did, for the log and the summary, and raises an `ObservatoryError` when it
cannot do it. What it left in the warehouse before that is whole.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from duckdb import DuckDBPyConnection

from pipeline.archive.manifest import ManifestSource, read_manifest
from pipeline.archive.read import archived_records
from pipeline.clock import now_utc
from pipeline.errors import (
    BadArchive,
    BadInput,
    ContractBroken,
    Incomplete,
    LayoutChanged,
    ObservatoryError,
    Refused,
    Transient,
)
from pipeline.jobs.params import RefreshParams
from pipeline.log import logger
from pipeline.settings import Settings
from pipeline.warehouse.checks import run_checks, stop_on_failure
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import SourceEntry, load_archive_sources, load_source_entries
from pipeline.warehouse.prepare import prepare
from pipeline.warehouse.publish import publish
from pipeline.warehouse.runs import RunOutcome, SourceRun, finish_run, record_source_run, start_run

_LOG = logger("refresh")

_REMEDIES: dict[type[ObservatoryError], str] = {
    BadArchive: "Restore data/archive from git, then run again.",
    BadInput: "Correct what the message names, then run again.",
    ContractBroken: "Report the message; the figures loaded before stay.",
    Incomplete: "Run again; the figures loaded before stay.",
    LayoutChanged: "The parser of this source needs mending; the figures loaded before stay.",
    Refused: "Check the key and the pace set for this source.",
    Transient: "Run again later.",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run: its choices, and the warehouse that it alone may write to."""

    settings: Settings
    params: RefreshParams
    connection: DuckDBPyConnection
    run_id: str


@contextmanager
def open_job(settings: Settings, params: RefreshParams, mode: str) -> Iterator[Job]:
    """Hold the warehouse, prepared and with a run begun under that mode, for as long as the block runs.

    Raises:
        Busy: another run holds it.
        BadInput: the folder cannot be written, or a reference list is wrong.
    """
    with open_warehouse(settings.warehouse_file) as connection:
        _LOG.info("Preparing the warehouse")
        prepare(connection, settings.reference_folder)
        run_id = start_run(connection, mode, now_utc())
        _LOG.info("Run %s: %s", run_id, mode)
        yield Job(settings=settings, params=params, connection=connection, run_id=run_id)


def archived_sources(settings: Settings) -> list[ManifestSource]:
    """Return the sources whose figures are shipped.

    Raises:
        BadArchive: the manifest is missing or damaged.
    """
    return read_manifest(settings.archive_folder).source


def load_archived(job: Job, source: ManifestSource) -> str:
    """Load one shipped source whole, or nothing of it; either way the run records what became of it.

    Raises:
        BadArchive: a file of it is missing, changed, or holds a row that does not validate.
    """
    _LOG.info("Loading %s", source.title)
    entry = SourceEntry(**source.model_dump(include=set(SourceEntry.__dataclass_fields__)))
    try:
        files = list(archived_records(job.settings.archive_folder, source))
        count = load_archive_sources(job.connection, [(entry, files)])[source.source_id]
    except ObservatoryError as error:
        introduce(job, [entry])
        record_failure(job, source.source_id, error)
        raise
    rows = sum(file.rows_count for file in source.file)
    record_source_run(
        job.connection, job.run_id, SourceRun(source_id=source.source_id, state="archived", records_count=rows)
    )
    changed = count.inserted + count.updated + count.removed
    return f"{source.source_id}: {rows} rows as of {source.as_of}, {changed} of them new or changed"


def introduce(job: Job, sources: Iterable[SourceEntry]) -> None:
    """Make sources known to the warehouse, so that it can tell how they stand; a known one keeps its as-of date."""
    known = dict(job.connection.execute("select source_id, as_of from ref.source").fetchall())
    load_source_entries(
        job.connection, [replace(entry, as_of=known.get(entry.source_id, entry.as_of)) for entry in sources]
    )


def record_failure(job: Job, source_id: str, error: ObservatoryError) -> None:
    """Record in this run that a source failed, why, and what can be done; its figures stay as they were."""
    record_source_run(
        job.connection,
        job.run_id,
        SourceRun(
            source_id=source_id,
            state="failed",
            records_count=0,
            message=str(error),
            remedy=next((text for kind, text in _REMEDIES.items() if isinstance(error, kind)), None),
        ),
    )


def check(job: Job) -> str:
    """Run every check of the data and keep the results.

    Raises:
        ContractBroken: one that stops publishing found offenders.
    """
    _LOG.info("Checking the figures")
    results = run_checks(job.connection, job.run_id)
    stop_on_failure(results)
    warnings = sum(result.offenders_count > 0 for result in results)
    return f"{len(results)} checks, {warnings} of them with a warning"


def finish(job: Job, outcome: RunOutcome, failures: list[str]) -> None:
    """Close the run; done before publishing, so that the published copy tells how the run went."""
    finish_run(job.connection, job.run_id, outcome, now_utc(), "; ".join(failures) or None)


def publish_release(job: Job) -> str:
    """Swap in the copy that people read.

    Raises:
        BadInput: it cannot be written.
    """
    _LOG.info("Publishing")
    publish(job.connection, job.settings.data_folder, job.run_id)
    return f"published in {job.settings.published_folder}"


def release(job: Job, failures: list[str]) -> None:
    """Check, close the run, publish; a run whose figures cannot be is closed as failed, and the error goes on."""
    try:
        check(job)
    except ObservatoryError as error:
        finish(job, "failed", [*failures, str(error)])
        raise
    finish(job, "with gaps" if failures else "complete", failures)
    publish_release(job)


def write_report(job: Job) -> str:
    """Write the page on what is published.

    Raises:
        BadInput: it cannot be written.
    """
    from pipeline.report.build import build_page  # noqa: PLC0415

    _LOG.info("Writing the page")
    facts = build_page(job.settings.published_file, job.settings.page_file)
    return f"{facts.page_file} ({facts.size_bytes / 1000:.0f} kB, {facts.charts_count} charts)"
