"""A made-up framework, added as one file and nothing else, is asked for, detected, published and drawn."""

import json
import shutil
from datetime import UTC, date, datetime
from io import BytesIO

import pandas as pd
import pytest
from chart_rows import adoption_frame, adoption_row
from detector import REFERENCE

from pipeline.charts import theme
from pipeline.charts.chart import spec_of
from pipeline.charts.registry import charts
from pipeline.detect.files.inspection import Inspector
from pipeline.detect.rules.ruleset import read_rules
from pipeline.metrics.read import read_view
from pipeline.reference import known_frameworks
from pipeline.report.figures import figure_of
from pipeline.report.template import environment
from pipeline.sources.registry import SOURCES
from pipeline.warehouse.publish import publish
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.runs import start_run

MADE_UP = """
id = "zephyrnet"
title = "ZephyrNet"
kind = "front-end"
is_deep_learning = true
order = 11
runs_on = ["jax"]
repository = [{ name = "zephyr/zephyrnet", is_tracked = true, is_asked_for = true }]
package = [
  { index = "pypi", name = "zephyrnet", is_main = true, is_summed = true, is_asked_for = true },
  { index = "conda", name = "zephyrnet", channel = "conda-forge", is_asked_for = true },
  { index = "npm", name = "zephyrnet-web" },
]

[services]
arxiv = ["zephyrnet"]
openalex = ["zephyrnet"]
openreview = ["zephyrnet"]
semantic_scholar = ["zephyrnet"]
stackexchange_questions = ["zephyrnet"]
github_new_repositories = ["zephyrnet"]
github_star_history = ["zephyr/zephyrnet"]
hub_models = ["zephyrnet"]

[labels]
kaggle_survey = ["zephyrnet"]
stackoverflow_survey = ["ZephyrNet"]
papers_with_code = ["zephyr"]

[detector]
names = ["ZephyrNet"]

[code]
import_roots = ["zephyrnet"]
"""
WHOLE_FILES = {
    "arxiv_code",
    "arxiv_full_text",
    "hub_daily_papers",
    "paperswithcode",
    "github_innovation_graph",
    "proceedings",
    "pwc_archive",
    "conference_tracker",
    "stackoverflow_survey",
    "kaggle_survey",
    "package_index",
    "hn_who_is_hiring",
    "mlperf_training",
    "mlperf_inference",
}
"""Sources that read a publisher's whole file or list; what they ask for names no framework."""
TODAY = date(2026, 1, 15)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    reference = tmp_path_factory.mktemp("made_up") / "reference"
    shutil.copytree(REFERENCE, reference)
    (reference / "frameworks" / "zephyrnet.toml").write_text(MADE_UP, encoding="utf-8")
    return reference


@pytest.fixture
def folder(scratch, monkeypatch):
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(scratch))
    return scratch


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("has_key", [True, False])
def test_every_service_is_asked_about_it(folder, source, has_key):
    newest = list(source.windows(TODAY))[-1]
    asked = [repr((request.url, request.params, request.body)) for request in source.starts(newest, has_key)]
    assert any("zephyrnet" in request for request in asked) == (source.name not in WHOLE_FILES)


def test_it_is_detected_in_text_imports_and_dependencies(folder):
    inspector = Inspector(read_rules(folder))
    for name, content in (
        ("paper.txt", b"We train with ZephyrNet 2."),
        ("train.py", b"import zephyrnet.nn"),
        ("requirements.txt", b"zephyrnet==1.0"),
        ("environment.yml", b"dependencies:\n  - zephyrnet"),
    ):
        found = inspector.inspect(name, len(content), lambda content=content: BytesIO(content), is_asked=True)
        assert [item.framework for item in found.detections] == ["zephyrnet"], name


def test_it_stands_in_the_published_view(folder, warehouse, tmp_path):
    load_reference(warehouse, folder)
    start_run(warehouse, "offline", datetime(2026, 1, 15, 12, tzinfo=UTC))
    published = publish(warehouse, tmp_path, "r1") / "observatory.duckdb"
    (row,) = read_view(published, "frameworks", {"framework": "zephyrnet"}).to_dict("records")
    assert (row["title"], row["kind"], list(row["runs_on"])) == ("ZephyrNet", "front-end", ["jax"])
    assert (list(row["repositories"]), list(row["packages"])) == (["zephyr/zephyrnet"], ["zephyrnet"])
    assert row["place"] == 11
    (package,) = read_view(published, "package_families", {"framework": "zephyrnet"}).to_dict("records")
    assert package["is_asked_for"]


def test_it_stands_in_the_key_of_a_chart_in_a_colour_of_its_own(folder):
    known = known_frameworks()
    chart = next(chart for chart in charts() if chart.name == "hub_models")
    rows = [adoption_row(name, 2024, None, n=count) for name, count in {"pytorch": 300, "zephyrnet": 20}.items()]
    no_breaks = pd.DataFrame(columns=["series_id", "population", "break_id", "starts_on", "reason"])
    figure = figure_of(chart, adoption_frame(rows), no_breaks, (), known.titles)
    shape = environment(known.titles).filters["shape"]
    key = {row.title: shape(row.framework) for panel in figure.panels for row in panel.key}
    assert key == {"PyTorch": theme.mark_of("pytorch").shape, "ZephyrNet": theme.mark_of("zephyrnet").shape}
    drawn = json.dumps(spec_of(chart, figure.frame))
    ink = theme.mark_of("zephyrnet").ink
    assert "zephyrnet" in drawn
    assert ink.light in drawn
    assert ink != theme.UNLISTED.ink
    assert theme.dark_tokens()[ink.light] == ink.dark
