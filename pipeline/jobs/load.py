"""Loading the figures that ship with the project."""

from pipeline.archive.manifest import ManifestSource, read_manifest
from pipeline.archive.tabular import archived_machines, archived_records
from pipeline.errors import ObservatoryError
from pipeline.jobs.context import JobContext
from pipeline.log import logger
from pipeline.records.bench_travel import as_imported
from pipeline.settings import Settings
from pipeline.warehouse.bench import replace_imported
from pipeline.warehouse.load import load_snapshot
from pipeline.warehouse.runs import SourceRun

_LOG = logger("refresh")


def archived_sources(settings: Settings) -> list[ManifestSource]:
    """Return the sources whose figures are shipped.

    Raises:
        BadArchive: the manifest is missing or damaged.
    """
    return read_manifest(settings.archive_folder).source


def load_archived(job: JobContext, source: ManifestSource) -> str:
    """Load one shipped source whole, or nothing of it, and record how it went; return one sentence about it.

    Raises:
        BadArchive: a file of it is missing, changed, or holds a row that does not validate.
    """
    _LOG.info("Loading %s", source.title)
    try:
        files = list(archived_records(job.settings.archive_folder, source))
        machines = list(archived_machines(job.settings.archive_folder, source))
        count = load_snapshot(job.connection, source, files)
        new_runs_count = sum(replace_imported(job.connection, as_imported(each), [], checks=()) for each in machines)
    except ObservatoryError as error:
        job.introduce([source])
        failed = SourceRun(
            source_id=source.source_id, state="failed", records_count=0, message=str(error), remedy=error.remedy
        )
        job.record(failed)
        raise
    rows = sum(file.rows_count for file in source.file)
    job.record(SourceRun(source_id=source.source_id, state="archived", records_count=rows))
    changed = count.inserted + count.updated + count.removed + new_runs_count
    return f"{source.source_id}: {rows} rows as of {source.as_of}, {changed} of them new or changed"
