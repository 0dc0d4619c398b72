"""Charts: their specs are what they were, and a picture shows no more than its rows say."""

import importlib
import inspect
import json
import re
import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import vl_convert
from chart_rows import adoption_frame, adoption_row, frame_for, normal_pairs, normal_performance

from pipeline.charts import theme
from pipeline.charts.chart import spec_of
from pipeline.charts.drawings import DRAWINGS, FORMS
from pipeline.charts.over_time import Form
from pipeline.charts.registry import charts, sections
from pipeline.errors import BadInput
from pipeline.settings import Settings
from pipeline.sources.registry import SOURCES

GOLDEN = Path(__file__).parent / "golden"
ALL = charts()
BY_NAME = {chart.name: chart for chart in ALL}
every_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
LINES = [chart for chart in ALL if chart.is_over_time and chart.name not in {"papers_code_links", "downloads_npm"}]
every_line_chart = pytest.mark.parametrize("chart", LINES, ids=lambda chart: chart.name)
POINTS = [chart for chart in LINES if not chart.is_dense]
every_point_chart = pytest.mark.parametrize("chart", POINTS, ids=lambda chart: chart.name)


def rows_of(frame):
    return json.loads(frame.to_json(orient="records", date_format="iso", date_unit="s"))


@cache
def _normal_spec(name):
    return json.dumps(spec_of(BY_NAME[name], frame_for(BY_NAME[name])))


def normal_spec(chart):
    """Return the spec of a chart's usual rows; made, and checked against Vega-Lite's schema, once."""
    return json.loads(_normal_spec(chart.name))


def filled(chart, frame, breaks=(), spec=None):
    """Return the spec with its rows, as the page supplies them; one made here is, as the page's, not checked."""
    spec = spec or spec_of(chart, frame, is_checked=False)
    rows = [{name: cell[:10] if is_date(name) else cell for name, cell in row.items()} for row in rows_of(frame)]
    spec["datasets"] = {"rows": rows, "breaks": list(breaks)}
    return spec


def is_date(column):
    return column in {"period_start", "period_end", "as_of"}


def marks_in(spec, kind):
    """Return the items of every mark of one kind in the drawn picture."""
    found = []

    def walk(node):
        if node.get("marktype") == kind and node.get("role") == "mark":
            found.append(node["items"])
        for child in node.get("items", []):
            if isinstance(child, dict):
                walk(child)

    walk(vl_convert.vegalite_to_scenegraph(spec)["scenegraph"])
    return found


def lines_in(spec):
    return [items for items in marks_in(spec, "line") if items]


def test_every_chart_is_registered():
    assert len(BY_NAME) == len(ALL)
    assert set(BY_NAME) == {path.stem for path in GOLDEN.glob("*.json")}


def test_every_drawing_is_registered_and_used():
    modules = [
        importlib.import_module(f"pipeline.charts.{name}") for name in ("bars", "firmness", "performance", "rows")
    ]
    functions = {
        each
        for module in modules
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }
    assert functions == set(DRAWINGS.values()) == {chart.draw for chart in ALL if inspect.isfunction(chart.draw)}
    assert set(Form.__subclasses__()) == set(FORMS.values()) == {type(each.draw) for each in ALL} - {type(rows_of)}


def test_the_page_keeps_the_order_of_its_sections():
    found = sections()
    assert [section.name for section in found[:2]] == ["papers", "surveys"]
    assert found[-1].name == "scanned"
    assert [chart for section in found for chart in section.charts] == ALL


@pytest.mark.parametrize(
    ("told", "instead", "refused"),
    [
        ('draw = "cases"', 'draw = "pie"', "side-by-side.toml, chart.1.draw: .*pie is no drawing"),
        ('draw = "cases"', 'draw = { form = "cases", hue = 1 }', "side-by-side.toml, chart.1.draw: .*is no drawing"),
        ('draw = "cases"', 'draw = { form = "counts_over_time" }', "chart.1.draw: .*counts_over_time, gap_days"),
        ('draw = "cases"', 'draw = "cases"\ncolour = "red"', "side-by-side.toml, chart.1.colour: Extra inputs"),
        ("{first} is the line", "{frist} is the line", "side-by-side.toml, chart.1: .*placeholder 'frist'"),
        (
            'name = "side_by_side_performance"',
            'name = "crossings"',
            "page: chart crossings stands there more than once",
        ),
        ('name = "side_by_side_performance"', "", "side-by-side.toml, chart.1: .*needs a name"),
        ("order = 13", "order = 1", "page: order 1 stands there more than once"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path, monkeypatch, told, instead, refused):
    folder = shutil.copytree(Settings().reference_folder, tmp_path / "reference")
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(folder))
    entry = folder / "page" / "side-by-side.toml"
    text = entry.read_text(encoding="utf-8")
    assert text.count(told) == 1
    entry.write_text(text.replace(told, instead), encoding="utf-8")
    with pytest.raises(BadInput, match=refused):
        charts()


def test_a_folder_without_sections_is_refused(tmp_path, monkeypatch):
    folder = shutil.copytree(Settings().reference_folder, tmp_path / "reference")
    shutil.rmtree(folder / "page")
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(folder))
    with pytest.raises(BadInput, match="restore it from git"):
        sections()


def test_every_series_that_a_service_feeds_has_a_chart():
    shown = {str(chart.where["series_id"]) for chart in ALL if "series_id" in chart.where}
    assert {series for source in SOURCES for series in source.series} - shown == set()


@every_chart
def test_a_chart_says_what_it_shows(chart):
    assert len(chart.caption) > 60
    assert normal_spec(chart)["description"] == f"{chart.title}. {chart.caption}"


@every_chart
def test_spec_is_the_golden_one(chart):
    """A changed picture is looked at before it is committed."""
    golden = GOLDEN / f"{chart.name}.json"
    drawn = filled(chart, frame_for(chart), spec=normal_spec(chart))
    spec = json.dumps(drawn, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if not golden.exists():
        golden.write_text(spec, encoding="utf-8")
        pytest.fail(f"{golden.name} was not there and is written now: look at the picture, then commit it")
    assert spec == golden.read_text(encoding="utf-8"), (
        f"look at the picture; if it is right, delete {golden} and run again"
    )


@every_chart
@pytest.mark.parametrize("rows_count", [None, 1, 0], ids=["normal", "one row", "empty"])
def test_it_can_be_drawn(chart, rows_count):
    frame = frame_for(chart) if rows_count is None else frame_for(chart).head(rows_count)
    spec = normal_spec(chart) if rows_count is None else spec_of(chart, frame)
    svg = vl_convert.vegalite_to_svg(filled(chart, frame, spec=spec))
    assert svg.startswith("<svg")
    assert "NaN" not in svg


@every_chart
def test_only_inks_of_the_theme_are_used(chart):
    used = set(re.findall(r"#[0-9A-Fa-f]{6}\b", json.dumps(normal_spec(chart))))
    assert used <= set(theme.dark_tokens())


@every_line_chart
def test_no_line_joins_two_segments(chart):
    # Weekly neighbours, so that nothing but the break can part them.
    days = ("2020-01-06", "2020-01-13", "2020-01-20", "2020-01-27")
    frame = adoption_frame(
        [
            adoption_row("pytorch", 2020, 0.4, period_start=day, period_end=day, break_id=segment)
            for day, segment in zip(days, ("a", "a", "b", "b"), strict=True)
        ]
    )
    assert sorted(len(line) for line in lines_in(filled(chart, frame))) == [2, 2]


@pytest.mark.parametrize("name", ["github_stars", "downloads"])
def test_no_line_crosses_periods_nobody_saw(name):
    days = ("2020-01-06", "2020-01-13", "2020-06-01", "2020-06-08", "2020-06-15")
    frame = adoption_frame(
        [adoption_row("jax", 2020, None, period_start=day, period_end=day, base=None) for day in days]
    )
    assert sorted(len(line) for line in lines_in(filled(BY_NAME[name], frame))) == [2, 3]


@every_point_chart
def test_a_preliminary_mark_is_hollow(chart):
    frame = adoption_frame(
        [adoption_row("pytorch", 2020, 0.4), adoption_row("pytorch", 2021, 0.4, is_preliminary=True)]
    )
    (points,) = [items for items in marks_in(filled(chart, frame), "symbol") if items]
    assert [point["fill"] == theme.PAPER.light for point in sorted(points, key=lambda item: item["x"])] == [False, True]


@every_point_chart
def test_an_absent_interval_draws_no_whisker(chart):
    frame = adoption_frame(
        [adoption_row("pytorch", 2020, 0.4), adoption_row("pytorch", 2021, 0.4, interval_low=None, interval_high=None)]
    )
    bare = adoption_frame(
        [adoption_row("pytorch", year, 0.4, interval_low=None, interval_high=None) for year in (2020, 2021)]
    )
    rules = [sum(map(len, marks_in(filled(chart, rows), "rule"))) for rows in (frame, bare)]
    assert rules[0] - rules[1] == 1


def test_worst_case_bounds_lie_behind_the_mentions():
    chart = BY_NAME["papers_conference_mentions"]
    with_bounds = adoption_frame([adoption_row("pytorch", 2020, 0.8, bound_low=0.28, bound_high=0.92)])
    without = adoption_frame([adoption_row("pytorch", 2020, 0.8)])
    pale = [
        [
            item
            for items in marks_in(filled(chart, rows), "rule")
            for item in items
            if item["stroke"] == theme.RANGE.light
        ]
        for rows in (with_bounds, without)
    ]
    assert [len(items) for items in pale] == [1, 0]


@every_line_chart
def test_a_break_is_ruled_and_numbered(chart):
    segments = ((2020, "a"), (2021, "b"), (2022, "b"))
    frame = adoption_frame([adoption_row("pytorch", year, 0.4, break_id=segment) for year, segment in segments])
    drawn = filled(chart, frame, breaks=[{"starts_on": "2021-01-01", "label": "1"}])
    texts = [item["text"] for items in marks_in(drawn, "text") for item in items]
    assert texts == ["1"]


def test_what_has_no_framework_is_part_of_the_bar():
    frame = adoption_frame([adoption_row("none", 2020, 0.6), adoption_row("pytorch", 2020, 0.4)])
    (bars,) = [items for items in marks_in(filled(BY_NAME["papers_code_links"], frame), "rect") if items]
    assert {bar["fill"] for bar in bars} == {theme.mark_of("none").ink.light, theme.mark_of("pytorch").ink.light}


@every_chart
def test_the_spec_does_not_depend_on_the_order_of_rows(chart):
    turned = frame_for(chart).iloc[::-1].reset_index(drop=True)
    assert normal_spec(chart) == json.loads(json.dumps(spec_of(chart, turned, is_checked=False)))


@every_line_chart
def test_axes_span_all_panels(chart):
    """One spec draws every panel, so rows of one panel stretch the axes of the others."""
    one, wider = adoption_frame([adoption_row("pytorch", 2020, 0.1)]), [adoption_row("pytorch", 2020, 0.1)]
    wider = adoption_frame([*wider, adoption_row("pytorch", 2025, 0.9, population="others")])
    newest = str(int(pd.Timestamp("2025-01-01", tz="UTC").timestamp() * 1000))
    domains = [json.dumps(spec_of(chart, frame, is_checked=False)).count(newest) for frame in (one, wider)]
    assert domains[0] == 0
    assert domains[1] > 0


def test_ratios_stand_on_a_margin_and_beside_one():
    drawn = filled(BY_NAME["performance_ratios"], normal_performance())
    (band,) = [items for items in marks_in(drawn, "rect") if items]
    assert {item["fill"] for item in band} == {theme.RANGE.light}
    (points,) = [items for items in marks_in(drawn, "symbol") if items]
    hollow = [point["fill"] == theme.PAPER.light for point in points]
    assert (len(points), hollow.count(True)) == (4, 1)


def test_panels_of_ratios_have_the_same_rows():
    """A case that is missing in one mode leaves its row empty there instead of moving the others."""
    frame = normal_performance()
    chart = BY_NAME["performance_ratios"]
    spec = spec_of(chart, frame)
    for mode in ("eager", "compiled"):
        mine = frame[frame["mode"] == mode]
        spec["datasets"] = {"rows": rows_of(mine), "breaks": []}
        texts = [text for items in labels_in(spec) for text in items]
        assert [text for text in texts if "," in text] == ["convolution, small", "mat mul, small"]


def labels_in(spec):
    """Return the texts of each axis."""
    found = []

    def walk(node):
        if node.get("role") == "axis-label":
            found.append([item["text"] for item in node["items"]])
        for child in node.get("items", []):
            if isinstance(child, dict):
                walk(child)

    walk(vl_convert.vegalite_to_scenegraph(spec)["scenegraph"])
    return found


@pytest.mark.parametrize(("name", "marks_count"), [("side_by_side_adoption", 4), ("side_by_side_performance", 2)])
def test_a_figure_beside_another_is_drawn_once(name, marks_count):
    """The view repeats an adoption figure for each case and a ratio for each population."""
    (points,) = [items for items in marks_in(filled(BY_NAME[name], normal_pairs()), "symbol") if items]
    assert len(points) == marks_count


@pytest.mark.parametrize("name", ["downloads", "hub_models"])
def test_nought_does_not_take_a_logarithmic_axis_away(name):
    frame = adoption_frame(
        [
            adoption_row("jax", 2020, None, n=n, period_start=day, period_end=day, base=None)
            for n, day in ((100, "2020-01-06"), (0, "2020-01-13"), (1000, "2020-01-20"))
        ]
    )
    (points,) = lines_in(filled(BY_NAME[name], frame))
    assert len(points) == 2
    assert all(0 <= point["y"] <= 320 for point in points)
    assert points[0]["y"] != points[1]["y"]
