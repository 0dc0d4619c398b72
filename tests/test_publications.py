"""What was published: every number with its history, why it moved, and the page as it stood on a day."""

import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlparse
from uuid import UUID

import duckdb
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from published import put_measured

from flows.cli import app
from pipeline.charts.registry import charts
from pipeline.errors import BadInput
from pipeline.jobs.releases import write_report
from pipeline.metrics.query import run_query
from pipeline.metrics.read import published_as_of, read_view
from pipeline.reference.toml_file import read_toml
from pipeline.report.build import build_page, write_changes
from pipeline.settings import Settings
from pipeline.warehouse.publish import NOT_KEPT, keep_publications, kept_publications, publish, restored

PARTS = ("new_subjects", "late_arrivals", "source_break", "rule_change", "correction")
FIRST, SECOND, THIRD = "20260110T030000Z", "20260111T030000Z", "20260112T030000Z"
PAGES = ("index.html", "summary.json", "summary.md", "changes.html")


def begin_run(connection, name: str) -> None:
    connection.execute(
        "insert into ops.run (run_id, started_at, mode, outcome) values (?, ?, 'offline', 'complete')",
        [name, datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)],
    )


@pytest.fixture
def survey(warehouse):
    """A warehouse with one survey of two years, which speaks for a topic, and one benchmark run."""
    put_measured(warehouse)
    warehouse.execute("insert into ref.headline_series values ('developers_survey', 1, 'survey.stackoverflow', [], 10)")
    warehouse.execute(
        "insert into ref.framework (framework, title, is_deep_learning, kind) "
        "values ('pytorch', 'PyTorch', true, 'framework'), ('tensorflow', 'TensorFlow', true, 'framework')"
    )
    warehouse.execute("update core.survey_count set seen_at = timestamp '2025-02-01'")
    begin_run(warehouse, FIRST)
    return warehouse


def changes(file: Path, release: str):
    found = read_view(file / "observatory.duckdb", "publication_changes", {"release_id": release})
    return found.set_index("number_id")


# Why a number moved

counts = st.integers(1, 60).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
seen = st.fixed_dictionaries(
    {
        "series_id": st.sampled_from("ab"),
        "population": st.sampled_from("pq"),
        "year": st.integers(2020, 2023),
        "ruleset_id": st.sampled_from([None, "one", "two"]),
        "break_id": st.sampled_from([None, "b"]),
        "counted": st.one_of(st.none(), counts),
        "has_counts": st.booleans(),
        "restated": st.one_of(st.none(), counts),
        "as_of": st.dates(date(2019, 1, 1), date(2025, 1, 1)),
    }
)


def put_history(connection, history) -> None:
    rows = []
    for place, each in enumerate(history):
        n, base = each["counted"] or (None, None)
        then_n, then_base = each["restated"] or (None, None)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=place)
        year = each["year"]
        rows.append(
            [
                *("number", f"r{place:02}", at, "share", each["series_id"], each["population"]),
                *(date(year, 1, 1), date(year, 12, 31), each["break_id"]),
                None if n is None else n / base,
                *((n, base) if each["has_counts"] else (None, None)),
                *(each["ruleset_id"], each["as_of"], None if then_n is None else then_n / then_base),
                *(then_n, then_base, each["ruleset_id"]),
            ]
        )
    columns = (
        "number_id, release_id, published_at, kind, series_id, population, period_start, period_end, break_id, value, "
        "n, base, ruleset_id, as_of, restated_value, restated_n, restated_base, restated_ruleset_id"
    )
    connection.execute("delete from ops.publication")
    connection.executemany(f"insert into ops.publication ({columns}) values ({', '.join('?' * 18)})", rows)


@profile(max_examples=40)
@given(history=st.lists(seen, min_size=2, max_size=8))
def test_the_parts_of_every_change_sum_to_it(migrated_warehouse, history) -> None:
    put_history(migrated_warehouse, history)
    rows = migrated_warehouse.execute(
        f"select value_before, value, change, {', '.join(PARTS)}, reason from main.publication_changes"
    ).fetchall()
    migrated_warehouse.execute("delete from ops.publication")
    assert rows[0][-1] == "first published"
    for before, now, change, *parts, _ in rows:
        if before is None or now is None:
            assert (change, set(parts)) == (None, {None})
        else:
            assert change == pytest.approx(now - before)
            assert sum(parts) == pytest.approx(change, abs=1e-12)


@profile(max_examples=25)
@given(data=st.data())
def test_a_history_to_which_subjects_are_only_added_knows_no_other_reason(migrated_warehouse, data) -> None:
    """The counts of one period only grow, n never by more than base."""
    history, n, base = [], 1, 10
    for _ in range(data.draw(st.integers(2, 6))):
        more = data.draw(st.integers(0, 20))
        n, base = n + data.draw(st.integers(0, more)), base + more
        history.append(
            {
                "series_id": "a", "population": "p", "year": 2022, "ruleset_id": None, "break_id": None,
                "counted": (n, base), "has_counts": True, "restated": (n, base),
                "as_of": data.draw(st.dates(date(2022, 1, 1), date(2023, 6, 1))),
            }
        )  # fmt: skip
    put_history(migrated_warehouse, history)
    found = migrated_warehouse.execute(
        "select source_break, rule_change, correction, reason from main.publication_changes where change is not null"
    ).fetchall()
    migrated_warehouse.execute("delete from ops.publication")
    assert all(row[:3] == (0, 0, 0) for row in found)
    assert {row[3] for row in found} <= {"new subjects", "late arrivals"}


# Kept and told


@pytest.mark.slow
def test_a_refresh_that_changes_nothing_adds_nothing_and_a_changed_fact_moves_what_rests_on_it(
    survey, tmp_path
) -> None:
    kept = "select count(*), count(distinct release_id) from ops.publication"
    first = publish(survey, tmp_path, FIRST)
    numbers = read_view(first / "observatory.duckdb", "publications").set_index("number_id")
    share = numbers.loc["share developers_survey pytorch"]
    assert (share["value"], share["n"], share["base"], share["release_id"]) == (0.1, 10, 100, FIRST)
    assert {"answer", "share", "comparison", "speed", "series"} == set(numbers["kind"])
    assert numbers["input_sha256"].str.fullmatch("[0-9a-f]{64}").all()
    before = survey.execute(kept).fetchall()
    begin_run(survey, SECOND)
    assert changes(publish(survey, tmp_path, SECOND), SECOND).empty
    assert survey.execute(kept).fetchall() == before
    survey.execute(
        "update core.survey_count set respondents_count = 30, question_count = 140, published_fraction = 30 / 140 "
        "where framework = 'pytorch' and edition_year = 2024"
    )
    begin_run(survey, THIRD)
    moved = changes(publish(survey, tmp_path, THIRD, kept_count=3), THIRD)
    assert {"share developers_survey pytorch", "comparison survey.stackoverflow all respondents"} <= set(moved.index)
    assert not any(name.startswith("speed") for name in moved.index)
    share = moved.loc["share developers_survey pytorch"]
    assert (share["n_before"], share["n"], share["base"], share["release_before"]) == (10, 30, 140, FIRST)
    assert share["late_arrivals"] == pytest.approx(30 / 140 - 0.1), "that year was over when it was published"
    assert (
        moved.loc["series survey.stackoverflow", "figure"] != moved.loc["series survey.stackoverflow", "figure_before"]
    )
    told_on_a_page_and_in_a_feed(tmp_path)


def told_on_a_page_and_in_a_feed(tmp_path) -> None:
    file = tmp_path / "published" / "observatory.duckdb"
    write_changes(file, tmp_path)
    page = (tmp_path / "changes.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert '<td>10.0 % → <b>21.4 %</b></td><td>+11.43 points</td><td class="muted">late arrivals</td>' in page
    assert f'<section id="{SECOND}"' not in page, "that one moved nothing"
    content = (tmp_path / "changes.atom").read_bytes()
    feed, name = fromstring(content), "{http://www.w3.org/2005/Atom}"
    first, last = feed.findall(f"{name}entry")[::-1]
    for each in (feed, first, last):
        assert all(each.find(f"{name}{part}") is not None for part in ("id", "title", "updated"))
        assert datetime.fromisoformat(each.findtext(f"{name}updated")).tzinfo == UTC
    assert feed.findtext(f"{name}author/{name}name")
    ids = {UUID(each.findtext(f"{name}id").removeprefix("urn:uuid:")) for each in (feed, first, last)}
    assert len(ids) == 3
    assert re.fullmatch(r"Numbers: \d+ first published", first.findtext(f"{name}title"))
    assert re.match(r"Numbers: [1-9]\d* moved$", last.findtext(f"{name}title"))
    assert "10.0 % → 21.4 % (+11.43 points); late arrivals" in last.findtext(f"{name}content").replace("\u00a0", " ")
    for link in feed.iter(f"{name}link"):
        assert not urlparse(link.get("href")).netloc, "no host is known under which somebody publishes it"
    write_changes(file, tmp_path)
    assert (tmp_path / "changes.atom").read_bytes() == content


@pytest.mark.slow
def test_the_page_of_a_day_is_written_again_after_its_release_was_pruned(survey, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    settings = Settings()
    first = publish(survey, settings.data_folder, FIRST)
    keep_publications(settings.data_folder)
    write_report(settings)
    as_published = {name: (settings.reports_folder / name).read_bytes() for name in PAGES}
    survey.execute(
        "update core.survey_count set respondents_count = 30, published_fraction = 0.3 where framework = 'pytorch'"
    )
    begin_run(survey, SECOND)
    publish(survey, settings.data_folder, SECOND)
    keep_publications(settings.data_folder)
    shutil.rmtree(first)
    assert app.run_command(["report", "--as-of", "2026-01-10"]) == 0
    assert "as-of-2026-01-10" in capsys.readouterr().out
    for name, content in as_published.items():
        assert (settings.reports_folder / "as-of-2026-01-10" / name).read_bytes() == content, name
    assert app.run_command(["query", "--as-of", "2026-01-10", "select max(n) as most from adoption"]) == 0
    assert "10" in capsys.readouterr().out
    assert app.run_command(["report", "--as-of", "2025-12-31"]) == 2
    assert "the oldest that is kept is of 2026-01-10" in capsys.readouterr().err
    assert app.run_command(["prune", "--yes"]) == 0
    assert not list(settings.data_folder.glob("publications/*.duckdb")), "it is made again when it is asked for"
    assert published_as_of(settings.data_folder, date(2026, 1, 10)).parent.name == "publications"


@pytest.mark.slow
def test_a_day_before_the_program_had_a_view_or_a_column_has_its_page_with_none_of_their_rows(
    survey, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    settings = Settings()
    first = publish(survey, settings.data_folder, FIRST)
    parquet = first / "parquet"
    (parquet / "idioms.parquet").unlink()
    for view, known in (
        ("adoption", "select * exclude (ruleset_id) from '{}'"),
        ("dictionary", "from '{}' where view_name <> 'idioms' and column_name <> 'ruleset_id'"),
    ):
        older = parquet / f"{view}.older"
        duckdb.sql(known.format(parquet / f"{view}.parquet")).write_parquet(str(older))
        older.replace(parquet / f"{view}.parquet")
    for path in parquet.glob("*.parquet"):
        kinds = {name: str(kind) for name, kind, *_ in duckdb.sql(f"describe from '{path}'").fetchall()}
        if truths := [name for name, kind in kinds.items() if kind == "BOOLEAN"]:
            duckdb.sql(f"select * exclude ({', '.join(truths)}) from '{path}'").write_parquet(f"{path}.older")
            Path(f"{path}.older").replace(path)
    keep_publications(settings.data_folder)
    begin_run(survey, SECOND)
    publish(survey, settings.data_folder, SECOND)
    shutil.rmtree(first)
    assert app.run_command(["report", "--as-of", "2026-01-10"]) == 0
    assert (settings.reports_folder / "as-of-2026-01-10" / "index.html").stat().st_size > 100_000
    older = published_as_of(settings.data_folder, date(2026, 1, 10))
    counted = "select count(*), count(ruleset_id), count(is_preliminary) from adoption"
    assert run_query(older, counted).rows == ((4, 0, 0),)
    assert run_query(older, "from idioms").rows == ()


@pytest.mark.slow
def test_what_a_killed_process_did_not_keep_is_kept_the_next_time_and_damage_is_told(tmp_path) -> None:
    for release, number in ((FIRST, 1), (SECOND, 2)):
        folder = tmp_path / "releases" / release / "parquet"
        folder.mkdir(parents=True)
        for view, rows in (("series", f"select {number} as n"), ("claims", "select 0 as n"), ("evidence", "select 0")):
            duckdb.sql(f"copy ({rows}) to '{folder / view}.parquet' (format parquet)")
        keep_publications(tmp_path)
    (tmp_path / "publications" / f"{FIRST}.json").unlink()
    keep_publications(tmp_path)
    assert kept_publications(tmp_path) == [FIRST, SECOND]
    files = list((tmp_path / "publications" / "rows").iterdir())
    assert len(files) == 3, "equal rows are stored once, and what the page does not read is not"
    with duckdb.connect(str(restored(tmp_path, FIRST)), read_only=True) as connection:
        assert connection.execute("select n from series").fetchall() == [(1,)]
    for path in files:
        path.write_bytes(b"other")
    with pytest.raises(BadInput, match="is lost or damaged; restore it from a copy of"):
        restored(tmp_path, SECOND)


def test_what_charts_and_the_rows_behind_figures_read_is_kept() -> None:
    behind = read_toml(Settings().reference_folder / "behind.toml")
    assert NOT_KEPT & ({chart.view for chart in charts()} | {each["view"] for each in behind.values()}) == set()


@pytest.mark.slow
def test_the_page_of_the_shipped_figures_is_the_same_from_what_was_kept(archive_home, report_page, tmp_path) -> None:
    (release,) = (archive_home / "releases").iterdir()
    shutil.copytree(release / "parquet", tmp_path / "releases" / release.name / "parquet")
    keep_publications(tmp_path)
    build_page(restored(tmp_path, release.name), tmp_path / "index.html")
    assert (tmp_path / "index.html").read_bytes() == report_page.read_bytes()
    for name in ("summary.json", "summary.md"):
        assert (tmp_path / name).read_bytes() == report_page.with_name(name).read_bytes()
