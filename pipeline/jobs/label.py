"""What the detector reads in the titles, abstracts and comments of collected papers, as labels of those papers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from pipeline.detect.rules.ruleset import read_rules
from pipeline.detect.text.mentions import MentionFinder, finder_of
from pipeline.jobs.context import JobContext
from pipeline.records import PaperLabel
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_records

_BATCH_PAPERS = 5_000

# A paper is read once under one ruleset, and again when the service sends it anew; one without a name has a label too.
_UNREAD = """
    select source_id, paper_id, page_sha256, seen_at, title, abstract, comment, venue, edition_year, submitted_on
    from core.paper paper
    where not exists (
        select 1 from core.paper_label label
        where label.source_id = paper.source_id and label.paper_id = paper.paper_id
          and label.tier = 'mention' and label.ruleset_id = ? and label.seen_at >= paper.seen_at
    )
    order by source_id, paper_id
    limit ?
"""
# Labels under other rules go only when every paper has one under today's.
_SUPERSEDED = """
    delete from core.paper_label label
    where tier = 'mention' and ruleset_id <> ?
      and exists (select 1 from core.paper where source_id = label.source_id and paper_id = label.paper_id)
"""
_STALE = "delete from core.paper_label where source_id = ? and paper_id = ? and tier = 'mention' and ruleset_id = ?"


class _Paper(NamedTuple):
    """One row of what is to be read."""

    source_id: str
    paper_id: str
    page_sha256: str
    seen_at: datetime
    title: str
    abstract: str | None
    comment: str | None
    venue: str | None
    edition_year: int | None
    submitted_on: date | None


def label_papers(job: JobContext) -> str:
    """Read every collected paper that was not read under today's rules; return one sentence about it.

    Afterwards each has a label for every framework that its title, abstract or comment names as used, or the label
    `none`, and none under other rules.
    Papers are taken some thousands at a time, each batch as a whole, so that a run that is cut short goes on there.
    """
    ruleset = read_rules(job.settings.reference_folder)
    finder, read_count = finder_of(ruleset), 0
    while papers := _unread(job.connection, finder.ruleset_id):
        _replace(job.connection, papers, finder)
        read_count += len(papers)
    with transaction(job.connection):
        job.connection.execute(_SUPERSEDED, [finder.ruleset_id])
    return f"paper labels: {read_count} papers read under {finder.ruleset_id}"


def _unread(connection: DuckDBPyConnection, ruleset_id: str) -> list[_Paper]:
    return [_Paper(*row) for row in connection.execute(_UNREAD, [ruleset_id, _BATCH_PAPERS]).fetchall()]


def _replace(connection: DuckDBPyConnection, papers: list[_Paper], finder: MentionFinder) -> None:
    """Write the labels of these papers in place of older ones; cut short between the two, they are read again."""
    with transaction(connection):
        connection.executemany(_STALE, [[each.source_id, each.paper_id, finder.ruleset_id] for each in papers])
    load_records(connection, PaperLabel, [label for paper in papers for label in _labels(paper, finder)])


def _labels(paper: _Paper, finder: MentionFinder) -> Iterator[PaperLabel]:
    text = "\n\n".join(part for part in (paper.title, paper.abstract, paper.comment) if part)
    named = {mention.framework for mention in finder.find(text) if mention.is_counted}
    for framework in sorted(named) or ["none"]:
        yield PaperLabel(
            subject_id=paper.paper_id,
            paper_id=paper.paper_id,
            venue=paper.venue,
            subject_year=paper.edition_year or (paper.submitted_on.year if paper.submitted_on else None),
            repository=None,
            is_official=None,
            tier="mention",
            framework=framework,
            ruleset_id=finder.ruleset_id,
            source_id=paper.source_id,
            page_sha256=paper.page_sha256,
            seen_at=paper.seen_at.replace(tzinfo=UTC),
        )
