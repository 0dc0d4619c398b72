"""The page: one file that says what the views say, the same bytes each time, and nothing that could run away."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from chart_rows import adoption_frame, adoption_row, normal_adoption
from published import DATABASE, put_hostile

from pipeline.charts.registry import charts, sections
from pipeline.errors import BadInput, ContractBroken
from pipeline.metrics.read import read_view
from pipeline.report import bundle
from pipeline.report.build import build_page
from pipeline.report.figures import breaks_within
from pipeline.report.tables import newest_run
from pipeline.report.template import columns_of, environment, script_json, script_source
from pipeline.settings import Settings
from pipeline.warehouse.publish import publish

SETTINGS = Settings()


class Elements(HTMLParser):
    """Every element of a page as (tag, attributes), the text of its parts, and headings in their order."""

    def __init__(self, page):
        super().__init__()
        self.elements, self._text, self._scripts, self._in_script = [], [], {}, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._in_script = dict(attributes).get("id", "code") if tag == "script" else None

    def handle_endtag(self, tag):
        self._in_script = None

    def handle_data(self, data):
        if self._in_script:
            self._scripts.setdefault(self._in_script, []).append(data)
        else:
            self._text.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self._text))

    @property
    def data(self):
        return json.loads("".join(self._scripts["chart-data"]))

    def with_tag(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def page(report_page):
    return Elements(report_page.read_text(encoding="utf-8"))


def test_it_stays_small(report_page):
    assert report_page.stat().st_size < 3_000_000


def test_nothing_is_asked_of_the_network(page):
    assert page.with_tag("link", "iframe", "object", "embed", "img", "base", "form") == []
    assert [script for script in page.with_tag("script") if "src" in script] == []
    policy = next(meta["content"] for meta in page.with_tag("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';")
    assert "unsafe-eval" not in policy
    assert all(use["href"].startswith("#") for use in page.with_tag("use"))


def test_every_chart_of_the_archive_is_there(page):
    drawn = {chart["name"] for chart in page.data["charts"]}
    manifest = tomllib.loads((SETTINGS.archive_folder / "manifest.toml").read_text())
    collected = {source["source_id"] for source in manifest["source"]}
    series = tomllib.loads((SETTINGS.reference_folder / "series.toml").read_text())["series"]
    shipped = {each["id"] for each in series if each["source_id"] in collected}
    beside = {chart.name for section in sections() if section.name == "side-by-side" for chart in section.charts}
    of_series = {chart.name: chart.where.get("series_id") for chart in charts() if chart.name not in beside}
    of_one = {name for name, ids in of_series.items() if ids in shipped}
    of_several = {name for name, ids in of_series.items() if isinstance(ids, tuple) and set(ids) <= shipped}
    of_all = {chart.name for section in sections() if section.name == "firmness" for chart in section.charts}
    assert drawn == of_one | of_several | of_all
    figures = {figure.get("id") for figure in page.with_tag("figure")}
    assert {f"figure-{name}" for name in drawn} <= figures
    places = [each["data-chart"] for each in page.with_tag("div") if each.get("class") == "plot"]
    assert len(places) == sum(len(chart["panels"]) for chart in page.data["charts"])


def test_what_must_stand_below_a_chart_does(page):
    for words in (
        "Known bias",
        "Direction:",
        "Licence",
        "Attribution:",
        "days old at the newest run (archived)",
        "Wilson 95 %",
        "The list grew from 23 to 36 options",
        "Counted",
        "Of whom",
    ):
        assert words in page.text
    queries = re.findall(r"observatory query \"from \w+ (?:where|order by) [^\"]+\"", page.text)
    assert len(queries) == len(page.data["charts"])


def test_why_a_figure_has_no_interval_is_said_in_plain_words(page):
    assert "census" not in page.text
    assert "no interval: complete count without a sample" in page.text
    assert re.search(
        r"78\.1 %\s+87,347,847 of 111,902,171\s+complete count without a sample", page.text.replace("\u00a0", " ")
    )


def test_without_measurements_it_says_so(page):
    assert page.text.count("Not measured yet: run observatory bench .") >= 2


def test_every_point_of_the_debate_has_its_evidence_or_says_that_there_is_none(report_page):
    made = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser")
    points = {line.dt.text: line.dd for line in made.select("#debate .points > div")}
    assert len(points) == 11
    assert all(point.text.strip() for point in points.values())
    assert "No series and no measurement on file bears on it: claims alone do." in points["Memory"].text
    assert "claims of articles on it" in points["Ease of use"].text
    assert "loved and wanted" in points["Ease of use"].text, "what a survey says; what can be counted is not measured"
    assert "Measured" not in points["Ease of use"].text
    assert "run observatory bench --special ease." in points["Ease of use"].text
    assert "run observatory bench --special peak_memory." in points["Memory"].text
    assert "--full" not in points["Speed"].text, "a whole full run takes hours"
    assert "TensorFlow Serving" in points["Deployment"].text
    assert points["Deployment"].select(".door")
    cases = {line.dt.text: line.dd.text for line in made.select("#choosing .points > div")}
    assert "What paper code is written in: PyTorch leads." in cases["You build on the code of recent papers"]
    assert cases["You have large code in one of them already"].strip() == (
        "No series and no measurement on file bears on it."
    )


def test_a_share_of_paper_code_is_told_less_surely_where_venues_differ(report_page):
    figure = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser").find(id="figure-clustered")
    newest = [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in figure("tr")[1](("th", "td"))]
    assert newest == ["2024–2025", "PyTorch", "89.4 % 235 of 265", "84.5–92.9 %", "9 venues", "74.1–96.1 %", "4.9"]


def test_a_change_in_papers_code_is_split_into_another_mix_and_other_shares(report_page):
    figure = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser").find(id="figure-composition")
    cells = [
        [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in row(("th", "td"))] for row in figure("tr")
    ]
    rows = [[text.replace("\xa0", " ").replace("\N{MINUS SIGN}", "-") for text in row] for row in cells]
    row = next(each for each in rows if each[:2] == ["PyTorch", "venue"])
    assert row[2:4] == ["92.3 % 162 of 176", "89.4 % 235 of 265"]
    assert row[4] == "-2.9 -8.9 to +3.2"
    change, *parts = (float(each.split()[0]) for each in row[4:])
    assert sum(parts) == pytest.approx(change, abs=0.15)
    assert row[7].endswith("12 venues")
    assert (
        "Of PyTorch’s change of \N{MINUS SIGN}2.9 points from 2022–2023 to 2024–2025, +1.1 are another mix"
        in figure.text
    )


def test_a_release_is_told_with_its_controls_in_the_allowed_words_alone(report_page):
    figure = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser").find(id="figure-releases")
    rows = [[cell.get_text(" ", strip=True) for cell in row(("th", "td"))] for row in figure("tr")[1:]]
    assert {row[6].split(" a ")[0].split(" controls")[0] for row in rows} <= {
        "moved together",
        "did not",
        "cannot tell",
    }
    told = {(row[0].split(" released")[0], row[1]): row[2:] for row in rows}
    periods, odds, smallest, controls, verdict = told["PyTorch 2.0", "Package index downloads, level"]
    assert (periods.split()[:2], odds.split()[0], smallest, controls) == (["12,", "12"], "1.04", "1.24", "3 of 9")
    assert verdict == "did not"
    assert "Stack Overflow survey (1 before, 1 after)" in figure.find("details").text
    assert not {"because", "drives", "leads to"} & set(figure.text.lower().split())


def test_which_tools_are_alive_is_told_with_the_day_it_was_seen(report_page):
    section = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser").find(id="alive")
    rows = {
        row.th.contents[0].strip(): [cell.get_text(" ", strip=True) for cell in row("td")] for row in section("tr")[1:]
    }
    assert rows["PyTorch"] == ["active", "22 Aug 2026", "22 Aug 2026 pytorch/pytorch", "", "torch on the newest list"]
    assert rows["JAX"][:3] == ["active when last seen", "7 Apr 2024", "7 Apr 2024 jax-ml/jax"]
    assert rows["Caffe"][:2] == ["quiet", "31 Jul 2024"]
    assert rows["TorchServe"] == [
        "ended by its makers",
        "",
        "",
        "no longer maintained by 3 Mar 2025",
        "torchserve on the newest list",
    ]
    assert rows["TensorRT"][0] == "not known"
    assert all(link["href"].startswith("https://") for link in section("a"))


def test_the_answers_stand_beside_the_page_for_people_and_programs(report_page):
    answers = json.loads(report_page.with_name("summary.json").read_text(encoding="utf-8"))
    words = report_page.with_name("summary.md").read_text(encoding="utf-8")
    made = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser")
    assert answers["over_all"] == made.find(class_="over-all").text
    assert words.strip().startswith(f"# {answers['over_all']}")
    assert [each["verdict"] for each in answers["answers"]] == [each.text for each in made.select(".answers .verdict")]
    for each in answers["answers"]:
        assert each["sentence"] in words
    assert "&#" not in words


def test_headings_and_names_make_an_outline(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [link["href"] for link in page.with_tag("a") if link["href"].startswith("#")]
    assert {link[1:] for link in links} <= set(ids)
    assert {section.name for section in sections()} <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert page.with_tag("html")[0]["lang"] == "en-GB"
    for figure in page.with_tag("figure"):
        assert figure["aria-labelledby"] in ids


def test_the_data_block_gives_back_every_row(page, published_archive):
    """What a reader downloads is what the view holds."""
    chart = next(each for each in page.data["charts"] if each["name"] == "survey_stackoverflow")
    rows = list(csv.DictReader(io.StringIO(csv_of(chart))))
    wanted = {"population": "professional developers", "period_start": "2023-01-01", "framework": "pytorch"}
    (row,) = [row for row in rows if row.items() >= wanted.items()]
    frame = read_view(published_archive, "adoption", {"series_id": "survey.stackoverflow", **wanted})
    assert row["n"] == str(frame["n"].item())
    assert float(row["share"]) == pytest.approx(frame["share"].item(), abs=1e-6)
    assert sum(panel["end"] - panel["first"] for panel in chart["panels"]) == chart["count"] == len(rows)


def csv_of(chart):
    """Read the columns as the page's script does."""

    def cell(column, row):
        if "all" in column:
            return column["all"]
        return column["of"][column["pick"][row]] if "pick" in column else column["each"][row]

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column["name"] for column in chart["columns"]])
    writer.writerows([cell(column, row) for column in chart["columns"]] for row in range(chart["count"]))
    return file.getvalue()


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(published_archive, report_page, tmp_path):
    """Also in another process, with another order of hashes, in another time zone and language."""
    program = (
        "import sys; from pathlib import Path; from pipeline.report.build import build_page; "
        "build_page(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    made = tmp_path / "page.html"
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "America/Los_Angeles", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", program, str(published_archive), str(made)], check=True, env=environment)
    assert made.read_bytes() == report_page.read_bytes()


def test_hostile_words_stay_words(warehouse, tmp_path):
    """Titles and names come from files and services: they are shown, and never run."""
    put_hostile(warehouse)
    publish(warehouse, tmp_path, "hostile")
    build_page(tmp_path / DATABASE, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    elements = Elements(page)
    assert "<b>bold</b>" not in page
    assert elements.with_tag("img") == []
    assert "</script><script>alert(1)" not in page
    assert "</script><script>alert(1)" in json.dumps(elements.data, ensure_ascii=False)
    assert "A <b>bold</b> title" in elements.text
    assert len(elements.with_tag("script")) == 3


def test_an_empty_warehouse_gives_a_page_that_says_what_to_do(published_nothing, tmp_path):
    facts = build_page(published_nothing, tmp_path / "page.html")
    page = Elements((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert facts.charts_count == 0
    assert "No figures are loaded: run observatory run ." in page.text
    assert "No run is recorded." in page.text
    assert page.text.count("Nothing on file") == 13
    assert page.text.count("Not measured") >= 1


def test_measurements_are_shown_with_what_could_not_be_compared(measured_page):
    page = Elements(measured_page.read_text(encoding="utf-8"))
    drawn = {chart["name"]: chart for chart in page.data["charts"]}
    assert drawn.keys() >= {"performance_ratios", "side_by_side_adoption", "side_by_side_performance"}
    assert [panel["label"] for panel in drawn["performance_ratios"]["panels"]] == ["eager", "compiled"]
    assert "Not measured yet" not in page.text
    for words in (
        "Eager: PyTorch has the shortest step in 1 of 1 case, surely in 1",
        "What could not be compared",
        "missing",
        "JAX is not installed",
        "A small machine, 2 cores",
    ):
        assert words in page.text
    assert "no cause" in page.text


def test_nothing_published_is_a_clear_error(tmp_path):
    with pytest.raises(BadInput, match="nothing is published"):
        build_page(tmp_path / "none.duckdb", tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_written_is_a_clear_error(published_nothing, tmp_path):
    (tmp_path / "reports").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        build_page(published_nothing, tmp_path / "reports" / "index.html")


@pytest.mark.parametrize(
    "values", [[1, 1, 1], ["a", "b", "a", "b", "a"], ["a", "b"], [0.5, None, 0.1234567], [True, False], [None, None]]
)
def test_columns_are_packed_without_loss(values):
    (column,) = columns_of(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
    packed = {"count": len(values), "columns": [column]}
    read = [row["x"] for row in csv.DictReader(io.StringIO(csv_of(packed)))] if values != [None, None] else ["", ""]
    assert read == [
        "" if value is None else str(round(value, 6) if isinstance(value, float) else value) for value in values
    ]


def test_dates_and_missing_become_text_and_null():
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-02-29", None]), "n": pd.array([1, None], dtype="Int64")})
    assert columns_of(frame) == [
        {"name": "day", "each": ["2024-02-29", None]},
        {"name": "n", "each": [1, None]},
    ]


def test_the_drawing_library_is_that_which_the_set_up_kept_and_is_bundled_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "_KEPT", tmp_path / "vega.js")
    assert "vegaEmbed" in bundle.library()
    bundle._KEPT.write_text("// kept – whole", "utf-8")
    assert bundle.library() == "// kept – whole"


def test_a_chart_that_does_not_compile_is_a_clear_error():
    with pytest.raises(ContractBroken, match="could not be compiled"):
        bundle.compiled({"mark": {"type": "no such mark"}, "encoding": {"x": 1}})


def test_script_text_cannot_end_its_element():
    assert "</" not in script_json({"a": "</script><!--"})
    assert json.loads(script_json({"a": "</script><!--\u2028"})) == {"a": "</script><!--\u2028"}
    assert script_source('x = "</SCRIPT>"; y = /</g; z = "<!--"') == 'x = "\\x3c/SCRIPT>"; y = /</g; z = "\\x3c!--"'


def segments_frame(*rows):
    return pd.DataFrame(rows, columns=["series_id", "population", "break_id", "starts_on", "reason"])


def test_breaks_are_those_inside_what_is_shown():
    frame = normal_adoption()
    segments = segments_frame(
        ("a.series", None, "first", date(2018, 1, 1), "the opening is no break"),
        ("a.series", None, "second", date(2022, 1, 1), "the question changed"),
        ("a.series", None, "third", date(2025, 1, 1), "after the last figure"),
        ("another.series", None, "x", date(2021, 1, 1), "not this series"),
    )
    assert [(each.label, each.starts_on, each.reason) for each in breaks_within(segments, frame)] == [
        ("1", "2022-01-01", "the question changed")
    ]


def test_a_population_has_its_own_breaks():
    frame = adoption_frame(
        [adoption_row("pytorch", year, 0.5, population=name) for name in ("a", "b") for year in (2020, 2021, 2022)]
    )
    segments = segments_frame(
        ("a.series", None, "all-2021", date(2021, 1, 1), "for everybody"),
        ("a.series", "b", "all-2021", date(2021, 1, 1), "for everybody"),
        ("a.series", "b", "b-2022", date(2022, 1, 1), "for b alone"),
    )
    common, own = breaks_within(segments, frame)
    assert [common.holds_for(name) for name in ("a", "b")] == [True, True]
    assert [own.holds_for(name) for name in ("a", "b")] == [False, True]


def test_the_summary_is_of_the_newest_run():
    moments = pd.to_datetime(["2026-01-02", "2026-01-01"])
    runs = pd.DataFrame(
        {"run_id": ["new", "old"], "started_at": moments, "run_seconds": [9, None], "mode": "offline"}
        | {"outcome": ["with gaps", "complete"], "message": [None, "old"], "records": 1234, "sources": 8}
        | {"records_held": [27_054, None], "sources_held": [11, None]}
        | {"rejects": 0, "failed_sources": 1, "failed_checks": 0, "warnings": 2}
    )
    checks = pd.DataFrame(
        {"run_id": ["new", "new", "old"], "check_name": ["a", "b", "a"], "has_passed": [True, False, False]}
        | {
            "severity": ["fail", "warn", "fail"],
            "sentence": ["Holds", "Does not", "Did not"],
            "offenders_count": [0, 3, 9],
        }
    )
    run, found = newest_run(runs, checks)
    words = environment({}).get_template("tables.html").module.run_sentences(run)
    assert "Run new (offline) started on 2 January 2026 at 00:00 UTC, took 9 seconds and ended: with gaps." in words
    assert "read 1,234 records from 8 sources (“Read”); 27,054 records of 11 sources are held (“Held”)." in words
    assert "sources failed: 1; checks failed: 0; checks that warned: 2." in words
    assert [(check.sentence, check.has_passed, check.severity) for check in found] == [
        ("Does not", False, "warn"),
        ("Holds", True, "fail"),
    ]


def test_the_account_and_the_table_of_sources_agree(report_page):
    """The account's totals are the sums of the table's columns, and it counts the rows that have a figure."""
    account = BeautifulSoup(report_page.read_text(encoding="utf-8"), "html.parser").find(id="account")
    names = [cell.text for cell in account.find("thead").find_all("th")]
    rows = [[cell.text.replace(",", "") for cell in row.find_all(["th", "td"])] for row in account.tbody.find_all("tr")]
    held, read = ([row[names.index(name)] for row in rows] for name in ("Held", "Read"))
    said = re.search(
        r"It read ([\d,]+) records from (\d+) sources \(“Read”\); ([\d,]+) records of (\d+) sources are held",
        account.find("p").text,
    )
    assert [int(each.replace(",", "")) for each in said.groups()] == [
        sum(int(cell) for cell in read if cell != "–"),
        sum(cell != "–" for cell in read),
        sum(map(int, held)),
        sum(cell != "0" for cell in held),
    ]


def test_the_written_page_replaces_the_old_one(published_archive, report_page, tmp_path):
    target = tmp_path / "reports" / "index.html"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    facts = build_page(published_archive, target)
    assert target.read_bytes() == report_page.read_bytes()
    assert target.stat().st_size == facts.size_bytes > 500_000
    assert sorted(path.name for path in target.parent.iterdir()) == ["index.html", "summary.json", "summary.md"]


def test_the_page_says_what_the_detectors_recall_does_to_the_shares(page):
    """The figures are those of the audit of ICML 2019, where text and released code are both known."""
    (figure,) = [each for each in page.with_tag("figure") if each.get("id") == "figure-detectors"]
    assert figure["aria-labelledby"] == "figure-detectors-title"
    words = " ".join(page.text.split())
    assert "ICML 2019 papers PyTorch 518 31.6 % 24.8–39.3 % 70.0 %" in words.replace("\u00a0", " ")
    assert "only its hits were labelled" in words
