"""With every service answering from this machine, the published figures and the first screen are the live ones."""

import dataclasses
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from fault_server import FaultServer
from loopback_services import INLETS, Services, count_of
from pydantic import SecretStr

from pipeline.clock import now_utc
from pipeline.jobs.collect import archived_sources, collect_and_publish, load_archived
from pipeline.jobs.publish import published_job
from pipeline.settings import Settings
from pipeline.sources.registry import SOURCES

ASKED = [source for source in SOURCES if source.files is None]


def test_the_harness_serves_every_source_that_asks_a_service() -> None:
    """Kaggle gives its answers to people who are logged in: what reads them looks into a folder and asks nobody."""
    assert {source.name for source in ASKED} == set(INLETS)
    assert {source.name for source in SOURCES if source.files} == {"kaggle_survey"}


def first_screen(settings: Settings, folder: Path) -> str:
    """The page's first words, as a reader of its own gets them."""
    script = "import sys; from pathlib import Path; from pipeline.report.build import build_page; "
    script += "build_page(Path(sys.argv[1]), Path(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", script, settings.published_file, folder / "index.html"], check=True)
    page = (folder / "index.html").read_text()
    text = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:8000]


@pytest.mark.slow
def test_all_sources_answer_and_their_figures_are_published(tmp_path) -> None:
    services = Services(now_utc().date())
    # A refresh asks for every month since 2015; the newest three are enough here.
    few = [
        dataclasses.replace(source, windows=lambda today, source=source: list(source.windows(today))[-3:])
        for source in ASKED
    ]
    with FaultServer(services.respond) as server:
        settings = Settings(
            home=tmp_path,
            source_urls=services.urls(server.address),
            github_token=SecretStr("token"),
            retries_count=0,
            accept_changes=True,  # the small dump of code links takes the place of the larger one that is shipped
        )
        with published_job(settings, "offline") as job:
            for source in archived_sources(settings):
                load_archived(job, source)
        before = first_screen(settings, tmp_path)
        _, failures = collect_and_publish(settings, few)
        assert failures == []
        (one,) = [source for source in few if source.name == "conda_downloads"]
        collect_and_publish(settings, [one])
    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        states = dict(connection.execute("select source_id, state from source_health").fetchall())
        assert {states[source.name] for source in ASKED} == {"live"}  # also after one of them was asked alone
        fed = {series for source in ASKED for series in source.series}
        newest = "select distinct series_id from adoption where as_of >= current_date - 1"
        live = {series for (series,) in connection.execute(newest).fetchall()}
        assert fed - live <= {"survey.stackoverflow", "papers.code_links", "papers.conference_mentions"}
        # The package lists close their gap, and npm's own months take the place of the shipped tables.
        last_month = services.today.replace(day=1) - timedelta(days=1)
        for series in ("downloads.package_index", "downloads.tools", "downloads.npm"):
            newest = "select max(period_end) from adoption where series_id = ?"
            assert connection.execute(newest, [series]).fetchone() == (last_month,)
        shipped = "select count(*) from adoption where series_id = 'downloads.npm' and as_of < current_date - 1"
        assert connection.execute(shipped).fetchone() == (0,)
        models = "select n from adoption where series_id = 'hub.models' and framework = 'jax' order by n desc limit 1"
        assert connection.execute(models).fetchone() == (count_of("jax", 10),)
        assert connection.execute("select count(*) from withheld").fetchone() == (0,)
        # What a figure's number opens are the papers that it counts, as many as it says.
        told = "select series_id, population, period_start, framework, n from adoption"
        counted = "select series_id, population, period_start, framework, count(*) from paper_mentions"
        opened = connection.execute(f"{counted} where framework <> 'none' group by all").fetchall()
        assert set(opened) <= set(connection.execute(told).fetchall())
        assert {series for series, *_ in opened} == {
            f"papers.{name}_mentions" for name in ("arxiv", "full_text", "hub_daily", "proceedings")
        }
    # JAX leads in what the services say and in nothing that is shipped: the page goes over to it and names who differs.
    live_screen = first_screen(settings, tmp_path)
    assert "JAX leads" not in before
    for topic in ("What papers name", "Who develops with it", "What is installed", "What is starred"):
        assert f"{topic} JAX leads" in live_screen, topic
    for age, counted, years in (
        ("An older", "Papers that name only one of the two", "2020–2022"),
        ("An older", "Developers who push to repositories with the topic", "2024–2025"),
        ("Another", "Downloads from the Python package index", "2026"),
    ):
        assert f"{age} source says otherwise: PyTorch led in “{counted}”, {years}." in live_screen
