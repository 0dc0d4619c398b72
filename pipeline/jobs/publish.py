"""Checking what a run has loaded, closing the run, and publishing the copy that people read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.clock import now_utc
from pipeline.errors import Interrupted, ObservatoryError, Unmeasured
from pipeline.jobs.context import JobContext, open_job
from pipeline.jobs.object_storage import send_release
from pipeline.jobs.run_log import kept_log, tell_webhook
from pipeline.log import logger
from pipeline.settings import Settings
from pipeline.warehouse.checks import run_checks, stop_on_failure
from pipeline.warehouse.publish import keep_publications, publish
from pipeline.warehouse.runs import RunOutcome, finish_run, note_checked

_LOG = logger("refresh")


@contextmanager
def published_job(settings: Settings, mode: str) -> Iterator[JobContext]:
    """Open a job with a log, and publish at the end of the block, also where part of the work has gaps.

    Raises:
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    with kept_log(settings), open_job(settings, mode) as job:
        try:
            yield job
        except (Interrupted, Unmeasured) as gaps:
            job.failures.append(str(gaps))
            release(job)
            raise
        release(job)
        tell_webhook(settings, job.failures)


def release(job: JobContext) -> str:
    """Check what is about to be shown, close the run, swap in the copy that people read, and keep what it shows.

    A run whose figures cannot be is closed as failed, and the error goes on.

    Raises:
        ContractBroken: a check that stops publishing found offenders.
        BadInput: the copy cannot be written.
    """

    def close_checked() -> None:
        check(job)
        finish(job, "with gaps" if job.failures else "complete", job.failures)

    _LOG.info("Publishing")
    note_checked(job.connection, job.run_id, now_utc())
    try:
        kept_count = job.settings.releases_kept
        shown = publish(job.connection, job.settings.data_folder, job.run_id, kept_count, close_checked)
        keep_publications(job.settings.data_folder)
    except ObservatoryError as error:
        finish(job, "failed", [*job.failures, str(error)])
        raise
    job.remarks.extend(send_release(job.settings))
    for (sentence,) in job.connection.execute("from release_alerts(?, ?)", [job.run_id, shown.name]).fetchall():
        _LOG.warning("%s", sentence)
        job.alerts.append(sentence)
    tell_webhook(job.settings, job.alerts)
    return f"published in {job.settings.published_folder}"


def check(job: JobContext) -> None:
    """Run every check of the data and keep the results.

    Raises:
        ContractBroken: one that stops publishing found offenders.
    """
    before = job.settings.published_folder / "parquet" / "adoption.parquet"
    results = run_checks(job.connection, job.run_id, before=None if job.settings.accept_changes else before)
    stop_on_failure(results)
    _LOG.info("%d checks, %d with a warning", len(results), sum(each.offenders_count > 0 for each in results))


def finish(job: JobContext, outcome: RunOutcome, failures: Sequence[str]) -> None:
    """Close the run, or correct how it ended."""
    finish_run(job.connection, job.run_id, outcome, now_utc(), "; ".join(failures) or None)
