"""Every view: its cases (folders of rows), and what every view must promise.

A case is a folder `tests/sql/<view>/<case>/`: one CSV file a table, named like `core.survey_count.csv`, with only the
columns that matter, and `expect.csv` with the columns that are compared. An empty cell is null. A list is `a|b`,
an empty one `[]`. Rows come in any order, numbers agree to 1e-4.
"""

import csv
import re
from datetime import date, datetime
from pathlib import Path
from time import process_time

import pytest

from pipeline.errors import ContractBroken
from pipeline.warehouse.views import MACROS, VIEWS, deploy_views, in_dependency_order

CASES = sorted(path.parent for path in (Path(__file__).parent / "sql").glob("*/*/expect.csv"))
VIEW_FILES = sorted(VIEWS.glob("*.sql"))

DEFAULTS = {"VARCHAR": "x", "TIMESTAMP": "2026-01-01", "DATE": "2026-01-01", "BOOLEAN": "false", "JSON": "{}"}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return list(reader.fieldnames), list(reader)


def fill(connection, path):
    """Insert the rows of one CSV file; columns it does not name get null, or a plain value where null is forbidden."""
    described = connection.execute(
        "select column_name, data_type, is_nullable from duckdb_columns() where schema_name || '.' || table_name = ?",
        [path.stem],
    ).fetchall()
    nullable = {name: can_be_null for name, _, can_be_null in described}
    defaults = {
        name: "0" * 64 if name == "page_sha256" else DEFAULTS.get(kind, "0")
        for name, kind, can_be_null in described
        if not can_be_null
    }
    columns, rows = rows_of(path)
    assert described, f"{path}: there is no table {path.stem}"
    assert set(columns) <= set(nullable), f"{path}: {set(columns) - set(nullable)} are no columns of {path.stem}"
    for row in rows:
        given = {name: None if cell == "" and nullable[name] else cell for name, cell in row.items()}
        values = {**defaults, **given}
        connection.execute(
            f"insert into {path.stem} ({', '.join(values)}) values ({', '.join('?' * len(values))})",
            list(values.values()),
        )


def view_named(connection, folder):
    found = connection.execute(
        "select schema_name || '.' || view_name from duckdb_views() where (view_name = ? and schema_name in "
        "('main', 'metric')) or schema_name || '_' || view_name = ? order by schema_name",
        [folder, folder],
    ).fetchall()
    assert found, f"tests/sql/{folder}: there is no view of that name"
    return found[0][0]


def rows_shown_by(connection, folder):
    """The view of that name; a view of the schema metric is read where its figures are shown."""
    view = view_named(connection, folder)
    if (VIEWS / f"metric_{folder}.sql").exists():
        return f"main.adoption where series_id in (select series_id from {view})"
    return view


def as_cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "|".join(map(str, value)) or "[]"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, int | float) else str(value)


def same_cell(actual, expected):
    if isinstance(actual, int | float) and expected != "":
        return actual == pytest.approx(float(expected), abs=1e-4)
    return actual == expected


def missing_from(actual, expected):
    """Return the expected rows without a partner; partners are taken out of `actual`."""
    without = []
    for row in expected:
        partner = next((a for a in actual if all(map(same_cell, a, row))), None)
        if partner is None:
            without.append(row)
        else:
            actual.remove(partner)
    return without


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(warehouse, case):
    for path in sorted(case.glob("*.*.csv")):
        fill(warehouse, path)
    columns, expected = rows_of(case / "expect.csv")
    rows = rows_shown_by(warehouse, case.parent.name)
    found = warehouse.execute(f"select {', '.join(columns)} from {rows}").fetchall()
    surplus = [tuple(map(as_cell, row)) for row in found]
    missing = missing_from(surplus, [tuple(row.values()) for row in expected])
    assert (missing, surplus) == ([], []), "expected rows that are missing, and rows that were not expected"


@pytest.mark.parametrize("path", VIEW_FILES, ids=lambda path: path.stem)
def test_a_view_file_states_its_grain_and_names_its_columns(path):
    text = path.read_text(encoding="utf-8")
    opening = text[: re.search(r"^(?!--)", text, re.MULTILINE).start()]
    assert "grain" in opening.lower(), "the first comment says what one row is"
    code = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)
    assert not re.search(r"\bselect\s+(?:distinct\s+)?\*|\.\*|,\s*\*", code), "columns are listed, not starred"


def test_every_view_has_a_case():
    with_case = {case.parent.name for case in CASES}
    names = {path.stem.removeprefix("metric_") for path in VIEW_FILES}
    # The dictionary tells of the views themselves; test_metrics.py compares it with the catalogue.
    assert names - with_case == {"dictionary"}


def test_every_view_runs(warehouse):
    views = warehouse.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
    assert len(views) >= len(VIEW_FILES)
    for schema, view in views:
        warehouse.execute(f"select count(*) from {schema}.{view}").fetchall()


SHOWN_NAME = "case v.schema_name when 'main' then '' else v.schema_name || '.' end || v.view_name"


def test_every_view_and_column_has_a_comment_in_the_dictionary(warehouse):
    shown = warehouse.execute(
        "select view_name, column_name from dictionary where view_comment is not null and column_comment is not null "
        "order by all"
    ).fetchall()
    there_are = warehouse.execute(
        f"""
        select {SHOWN_NAME}, c.column_name
        from duckdb_views() v join duckdb_columns() c
          on c.database_name = v.database_name and c.schema_name = v.schema_name and c.table_name = v.view_name
        where not v.internal
        order by all
        """
    ).fetchall()
    assert shown == there_are


def test_every_comment_is_in_the_dictionary(warehouse):
    lost = warehouse.execute(
        """
        (select comment from duckdb_views() where not internal
         union select c.comment from duckdb_columns() c join duckdb_views() v
           on v.schema_name = c.schema_name and v.view_name = c.table_name
         where not v.internal and c.comment is not null)
        except (select view_comment from dictionary union select column_comment from dictionary)
        """
    ).fetchall()
    assert lost == []


def test_a_column_of_a_series_keeps_its_own_meaning_and_else_has_that_of_adoption(warehouse):
    meanings = dict(
        warehouse.execute(
            "select column_name, column_comment from dictionary where view_name = 'metric.survey_kaggle'"
        ).fetchall()
    )
    assert "None included" in meanings["base"]
    assert meanings["wording_id"].startswith("The survey question")


def test_adoption_and_its_versions_have_the_columns_of_figures(warehouse):
    columns = dict(
        warehouse.execute(
            "select schema_name || '.' || table_name, list((column_name, data_type) order by column_index) "
            "from duckdb_columns() where schema_name in ('main', 'metric') group by all"
        ).fetchall()
    )
    assert columns["metric.figures"][:-1] == columns["main.adoption_vintages"]
    assert columns["metric.figures"][:21] == columns["main.adoption"]


CALCULATED = {"interval_low", "interval_high", "interval_method", "break_id"}
GIVEN = {"series_id", "population", "period_start", "period_end", "framework", "measure", "n", "as_of", "source_id"}


def test_a_metric_view_gives_columns_of_figures_and_no_other(warehouse):
    columns = dict(
        warehouse.execute(
            "select table_name, list(column_name) from duckdb_columns() where schema_name = 'metric' group by all"
        ).fetchall()
    )
    for path in VIEWS.glob("metric_*.sql"):
        given = set(columns[path.stem.removeprefix("metric_")])
        assert given >= GIVEN, path.name
        assert given <= set(columns["figures"]) - CALCULATED | {"no_interval_reason", "is_complete_count"}, path.name


def put(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def view_names(connection):
    return [row[0] for row in connection.execute("select view_name from duckdb_views() where not internal").fetchall()]


@pytest.fixture
def scratch():
    from pipeline.warehouse.connect import open_warehouse

    with open_warehouse(None) as connection:
        yield connection


def test_views_are_made_after_those_they_read(scratch, tmp_path):
    views = put(
        tmp_path / "views",
        a="create or replace view main.a as with x as (select n from c) select n from x",
        b="create or replace view main.b as select 1 as n; comment on view main.b is 'from a; it''s not'",
        c="-- reads b\ncreate or replace view main.c as select n from main.b",
    )
    assert deploy_views(scratch, put(tmp_path / "macros"), views) == ["b.sql", "c.sql", "a.sql"]
    assert scratch.execute("select n from a").fetchall() == [(1,)]


def test_a_view_whose_file_is_gone_is_dropped_and_comments_survive_a_second_deploy(scratch, tmp_path):
    macros = put(tmp_path / "macros", twice="create or replace macro twice(n) as 2 * n")
    views = put(
        tmp_path / "views",
        kept="create or replace view main.kept as select twice(1) as n; comment on view main.kept is 'told'",
        gone="create or replace view main.gone as select 1 as n",
    )
    deploy_views(scratch, macros, views)
    (views / "gone.sql").unlink()
    deploy_views(scratch, macros, views)
    assert view_names(scratch) == ["kept"]
    assert scratch.execute("select comment from duckdb_views() where view_name = 'kept'").fetchall() == [("told",)]


def test_views_over_views_are_made_in_a_time_that_does_not_double_with_each_level(scratch, tmp_path):
    level = "create or replace view main.v{} as select a.n from v{} a join v{} b using (n)"
    views = put(
        tmp_path / "views",
        v10="create or replace view main.v10 as select 1 as n; comment on column main.v10.n is 'told'",
        **{f"v{number}": level.format(number, number - 1, number - 1) for number in range(11, 28)},
    )
    started = process_time()
    deploy_views(scratch, put(tmp_path / "macros"), views)
    assert process_time() - started < 2
    assert sorted(view_names(scratch)) == [f"v{number}" for number in range(10, 28)]
    assert scratch.execute("select n from v12").fetchall() == [(1,)]
    assert scratch.execute("select comment from duckdb_columns() where table_name = 'v10'").fetchall() == [("told",)]


def test_a_failing_view_leaves_the_old_ones(scratch, tmp_path):
    macros, views = (
        put(tmp_path / "macros"),
        put(tmp_path / "views", a="create or replace view main.a as select 1 as n"),
    )
    deploy_views(scratch, macros, views)
    put(
        views,
        a="create or replace view main.a as select 2 as n",
        b="create or replace view main.b as select x from nowhere",
    )
    with pytest.raises(ContractBroken, match=r"b\.sql fails .*nowhere"):
        deploy_views(scratch, macros, views)
    assert scratch.execute("select n from a").fetchall() == [(1,)]


def test_views_that_need_each_other_are_named(tmp_path):
    files = {
        tmp_path / "a.sql": "create or replace view main.a as select n from b",
        tmp_path / "b.sql": "create or replace view main.b as select n from main.a",
    }
    with pytest.raises(ContractBroken, match=r"need each other: \w\.sql -> \w\.sql"):
        in_dependency_order(files)


def test_two_files_may_not_make_the_same_view(tmp_path):
    files = dict.fromkeys([tmp_path / "a.sql", tmp_path / "b.sql"], "create or replace view main.a as select 1 as n")
    with pytest.raises(ContractBroken, match=r"b\.sql and a\.sql both make main\.a"):
        in_dependency_order(files)


def test_macros_are_deployed(warehouse):
    assert sorted(MACROS.glob("*.sql"))
    assert warehouse.execute("select wilson_low(5, 10)").fetchall()[0][0] == pytest.approx(0.236593, abs=1e-6)
