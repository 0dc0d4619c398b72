"""Collected papers are read by the detector: once under one ruleset, and anew when they change."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer

from pipeline.jobs.collect import collect_and_publish, label_papers
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.metrics.query import run_query
from pipeline.settings import Settings
from pipeline.sources import arxiv
from pipeline.sources.source import months

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
      xmlns:arxiv="http://arxiv.org/schemas/atom">
<opensearch:totalResults>{total}</opensearch:totalResults>{entries}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{number}v1</id><title>{title}</title><summary>{abstract}</summary>
<published>2024-03-05T10:00:00Z</published><arxiv:primary_category term="cs.LG"/><category term="cs.LG"/></entry>"""
PAPERS = {
    "2403.00001": ("A library", "We release our code in PyTorch at https://github.com/owner/name."),
    "2403.00002": ("On networks", "All models were trained with TensorFlow, unlike PyTorch."),
    "2403.00003": ("On brains", "Nothing to see here."),
}
SOURCE = dataclasses.replace(arxiv.SOURCE, windows=lambda today: months(date(2024, 3, 1), date(2024, 3, 31)))
LABELS = "select paper_id, framework from paper_labels where source_id = 'arxiv' order by all"
FIGURES = "select framework, n, base from adoption where series_id = 'papers.arxiv_mentions' order by framework"


def feed(asked: Asked) -> Answer:
    if asked.params["max_results"] == "1":
        newest = ENTRY.format(number="2403.09999", title="Any", abstract="One of all papers of the classes.")
        return Answer(FEED.format(total=100, entries=newest).encode(), content_type="application/atom+xml")
    entries = "".join(
        ENTRY.format(number=number, title=title, abstract=abstract) for number, (title, abstract) in PAPERS.items()
    )
    return Answer(FEED.format(total=len(PAPERS), entries=entries).encode(), content_type="application/atom+xml")


@pytest.fixture
def service() -> Iterator[FaultServer]:
    with FaultServer() as running:
        running.respond = feed
        yield running


@pytest.fixture
def settings(tmp_path: Path, service: FaultServer) -> Settings:
    urls = {"arxiv": service.address + "/api/query"}
    return Settings(home=tmp_path, source_urls=urls, retries_count=0, seconds_between_requests=0)


def rows(settings: Settings, sql: str) -> list[tuple]:
    return [tuple(row) for row in run_query(settings.published_file, sql).rows]


def test_papers_that_a_service_lists_become_figures(settings: Settings) -> None:
    done, failures = collect_and_publish(settings, (SOURCE,))
    assert failures == []
    assert "3 papers read" in done[-1]
    assert rows(settings, LABELS) == [
        ("arxiv:2403.00001", "pytorch"),
        ("arxiv:2403.00002", "tensorflow"),
        ("arxiv:2403.00003", "none"),
    ]
    assert rows(settings, FIGURES) == [("pytorch", 1, 100), ("tensorflow", 1, 100)]


@pytest.mark.slow
def test_a_replay_asks_nobody_and_gives_the_same(settings: Settings, service: FaultServer) -> None:
    collect_and_publish(settings, (SOURCE,))
    before = rows(settings, LABELS), rows(settings, FIGURES)
    asked_count = len(service.asked)
    assert len(before[1]) == 2
    done, failures = collect_and_publish(settings, (SOURCE,), replayed=True)
    assert len(service.asked) == asked_count
    assert (rows(settings, LABELS), rows(settings, FIGURES)) == before
    assert failures == []
    assert "read again" in done[0]
    assert "0 papers read" in done[-1]


@pytest.mark.slow
def test_a_paper_that_changed_is_read_anew_and_its_old_label_goes(settings: Settings) -> None:
    collect_and_publish(settings, (SOURCE,))
    with open_job(settings, "collect") as job:
        job.connection.execute(
            "update core.paper set abstract = 'Written in JAX with Flax.', seen_at = seen_at + interval 1 day "
            "where paper_id = 'arxiv:2403.00001'"
        )
        assert "1 papers read" in label_papers(job)
        found = job.connection.execute(LABELS).fetchall()
    assert [framework for paper, framework in found if paper == "arxiv:2403.00001"] == ["flax", "jax"]
    assert len(found) == 4


@pytest.mark.slow
def test_after_a_change_of_rules_every_paper_is_read_anew_and_the_old_labels_go(settings: Settings) -> None:
    collect_and_publish(settings, (SOURCE,))
    before = rows(settings, FIGURES)
    with open_job(settings, "collect") as job:
        job.connection.execute("update core.paper_label set ruleset_id = 'rules-of-old' where source_id = 'arxiv'")
        assert "3 papers read" in label_papers(job)
        release(job)
    assert rows(settings, FIGURES) == before
    assert rows(settings, "select count(*) from paper_labels where ruleset_id = 'rules-of-old'") == [(0,)]
