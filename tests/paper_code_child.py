"""A process that reads a night of drawn paper code and may be killed. Arguments: home folder, address of the host."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.collect.context import CollectContext
from pipeline.fetch.transport import RateLimits
from pipeline.jobs.context import JobContext, open_job
from pipeline.jobs.paper_code import read_drawn_code
from pipeline.records import Paper, PaperRepository
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import load_source_records
from pipeline.warehouse.runs import WarehouseCollectionStore

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
STAMP = {"source_id": "arxiv_code", "page_sha256": "0" * 64, "seen_at": NOW}


def papers(names, submitted_on=date(2026, 1, 5), source_id="arxiv_code"):
    stamp = STAMP | {"source_id": source_id}
    of_paper = {"title": "t", **dict.fromkeys(("abstract", "comment", "venue", "edition_year", "categories", "doi"))}
    listed = [Paper(paper_id=f"arxiv:{name}", submitted_on=submitted_on, **of_paper, **stamp) for name in names]
    where = {"forge": "github.com", "found_in": "abstract"}
    links = [PaperRepository(paper_id=f"arxiv:{name}", repository=name, **where, **stamp) for name in names]
    return [(Paper, listed), (PaperRepository, links)]


def night(job, address, now=NOW, frame=()):
    """Read what one night takes; return its outcome and the rows on file."""
    load_source_records(job.connection, frame)
    context = CollectContext(
        settings=job.settings.model_copy(update={"source_urls": {"paper_code": address}}),
        collection_store=WarehouseCollectionStore(job.connection),
        rate_limits=RateLimits(),
        now=lambda: now,
        sleep=lambda seconds: None,
    )
    outcome = read_drawn_code(job, context)
    tables = ("drawn_repository", "drawn_code_label")
    rows = [job.connection.execute(f"select * from core.{table} order by all").fetchall() for table in tables]
    return outcome, rows


def settings_of(home):
    return Settings(home=Path(home), retries_count=0)


def night_of_its_own(home, address, frame=()):
    """The same in a warehouse on the disk, which is made ready where there is none."""
    settings = settings_of(home)
    if not settings.warehouse_file.exists():
        with open_job(settings, "collect") as job:
            return night(job, address, frame=frame)
    with open_warehouse(settings.warehouse_file) as connection:
        return night(JobContext(settings=settings, connection=connection, run_id="r1"), address, frame=frame)


if __name__ == "__main__":
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    sys.exit(int(night_of_its_own(*sys.argv[1:])[0].is_failure))
