"""Labels of collected papers, which the detector reads from their titles, abstracts and comments."""

from collections.abc import Iterator
from typing import Any

from pipeline.detect.rules.ruleset import read_rules
from pipeline.detect.text.mentions import MentionFinder, finder_of
from pipeline.jobs.context import JobContext
from pipeline.records import PaperLabel
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_records
from pipeline.warehouse.staging import read_rows

_BATCH_PAPERS = 5_000

# A paper is read once under one ruleset, and again when the service sends it anew; one without a name has a label too.
_UNREAD = """
    select source_id, paper_id as subject_id, paper_id, page_sha256, seen_at, venue,
        coalesce(nullif(edition_year, 0), year(submitted_on)) as subject_year,
        concat_ws(chr(10) || chr(10), nullif(title, ''), nullif(abstract, ''), nullif(comment, '')) as text
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


def label_papers(job: JobContext) -> str:
    """Read every collected paper that was not read under today's rules; return one sentence about it.

    Afterwards each has a label for every framework that its title, abstract or comment names as used, or the label
    `none`, and none under other rules.
    Papers are taken some thousands at a time, each batch as a whole, so that a run that is cut short goes on there.
    """
    ruleset = read_rules(job.settings.reference_folder)
    finder, read_count = finder_of(ruleset), 0
    while papers := read_rows(job.connection, _UNREAD, [finder.ruleset_id, _BATCH_PAPERS]):
        # Older labels go first: a run that is cut short before the new ones are loaded reads these papers again.
        stale = [[paper["source_id"], paper["paper_id"], finder.ruleset_id] for paper in papers]
        with transaction(job.connection):
            job.connection.executemany(_STALE, stale)
        load_records(job.connection, PaperLabel, [label for paper in papers for label in _labels(paper, finder)])
        read_count += len(papers)
    with transaction(job.connection):
        job.connection.execute(_SUPERSEDED, [finder.ruleset_id])
    return f"paper labels: {read_count} papers read under {finder.ruleset_id}"


def _labels(paper: dict[str, Any], finder: MentionFinder) -> Iterator[PaperLabel]:
    named = {mention.framework for mention in finder.find(paper.pop("text")) if mention.is_counted}
    fixed = paper | {"repository": None, "is_official": None}
    for framework in sorted(named) or ["none"]:
        yield PaperLabel(**fixed, tier="mention", framework=framework, ruleset_id=finder.ruleset_id)
