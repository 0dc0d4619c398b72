"""The offline job without benchmarks and page, telling how far it is; run by itself it works on the folder it is given.

`python whole_job.py HOME` loads the shipped archive of this project into HOME.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pipeline.archive.manifest import archived_records, read_manifest
from pipeline.settings import Settings
from pipeline.warehouse.checks import run_checks
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import SourceEntry, load_snapshot
from pipeline.warehouse.publish import publish
from pipeline.warehouse.runs import SourceRun, finish_run, record_source_run, start_run
from pipeline.warehouse.views import prepare

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def sources(tell: Callable[[str], object]) -> Iterator[tuple[SourceEntry, list]]:
    archive = Settings().archive_folder
    for source in read_manifest(archive).source:
        tell(f"reads {source.source_id}")
        files = _files(archive, source.source_id)
        tell(f"loads {source.source_id}")
        yield source, files


@cache
def _files(archive: Path, source_id: str) -> list:
    """The records of one archived source; read once in a process, however often it does the job."""
    (source,) = (each for each in read_manifest(archive).source if each.source_id == source_id)
    return list(archived_records(archive, source))


def do_the_job(home: Path, tell: Callable[[str], object]) -> None:
    tell("opens")
    with open_warehouse(home / "warehouse.duckdb") as connection:
        tell("prepares")
        prepare(connection, Settings().reference_folder)
        run_id = start_run(connection, "offline", NOW)
        for entry, files in sources(tell):
            count = load_snapshot(connection, entry, files)
            rows = count.inserted + count.unchanged + count.updated
            record_source_run(
                connection, run_id, SourceRun(source_id=entry.source_id, state="archived", records_count=rows)
            )
        tell("checks")
        run_checks(connection, run_id)
        finish_run(connection, run_id, "complete", NOW)
        tell("publishes")
        publish(connection, home, run_id)
        tell("closes")
    tell("done")


if __name__ == "__main__":
    do_the_job(Path(sys.argv[1]), lambda word: print(word, flush=True))  # noqa: T201 — its reader is a test
