"""One question in SQL: what it may ask, what it may not reach, and how the answer is written."""

import csv
import io
import json
import math
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.errors import BadInput, Busy
from pipeline.metrics.query import QueryResult, run_query, to_csv, to_json, to_table
from pipeline.metrics.read import open_published
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.publish import publish

EVERYTHING = """
    select 1.50 as decimal_value, 'x,"y"' as text, null as nothing, date '2020-01-01' as day,
        timestamp '2020-01-01 03:04:05' as moment, [1, null] as list, {'a': 1.10} as record, 'nan'::double as nan,
        'inf'::double as infinity, 170141183460469231731687303715884105727 as huge,
        true as truth, 0.1::double as fraction
"""


@pytest.fixture(scope="module")
def published(migrated_warehouse, empty_tables, tmp_path_factory):
    empty_tables(migrated_warehouse)
    home = tmp_path_factory.mktemp("home")
    publish(migrated_warehouse, home, "r1")
    return home / "published" / "observatory.duckdb"


def test_columns_types_and_rows_come_as_the_database_gives_them(published):
    result = run_query(published, "select 1 as n, 'x' as t union all select 2, null order by n")
    assert result == QueryResult(
        columns=("n", "t"), types=("INTEGER", "VARCHAR"), rows=((1, "x"), (2, None)), is_truncated=False
    )


def test_a_public_view_needs_no_prefix_and_no_select(published):
    assert run_query(published, "from adoption").columns[:2] == ("series_id", "population")
    assert len(run_query(published, "describe adoption").rows) == 21


@pytest.mark.parametrize(("max_rows", "is_truncated"), [(3, True), (10, False), (0, True), (None, False)])
def test_rows_can_be_limited(published, max_rows, is_truncated):
    result = run_query(published, "from range(10)", max_rows)
    assert (len(result.rows), result.is_truncated) == (10 if max_rows is None else max_rows, is_truncated)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selct 1", 'syntax error at or near "selct"'),
        ("from nope", "Table with name nope does not exist"),
        ("select nope from adoption", '"nope" not found'),
        ("select error('no')", "no — "),
        ("", "one query, not 0"),
        ("-- nothing", "one query, not 0"),
        ("select 1; select 2", "one query, not 2"),
        ("select 1; drop view adoption", "one query, not 2"),
    ],
)
def test_a_query_that_is_none_is_answered_with_a_hint(published, sql, message):
    with pytest.raises(BadInput, match=message) as error:
        run_query(published, sql)
    assert str(error.value).endswith('`observatory query "from dictionary"` lists every view and column.')
    assert "\n" not in str(error.value)


REFUSED = [
    "create table t as select 1 as n",
    "create temp table t as select 1 as n",
    "drop view adoption",
    "delete from core.paper_count",
    "set memory_limit = '1TB'",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma enable_profiling",
    "attach '{other}' as other",
    "copy (select 1) to '{new}'",
    "export database '{new}'",
    "install httpfs",
    "load httpfs",
    "checkpoint",
    "from read_csv('{secret}')",
    "from read_text('{secret}')",
    "from '{secret}'",
    "from '{other}'",
    "from glob('{folder}/*')",
    "from query('from read_text(''{secret}'')')",
    "from duckdb_secrets()",
]


def other_files(folder):
    """Make files that are not the published one, and return what the refused statements call them."""
    (folder / "secret.csv").write_text("n\n1\n")
    with open_warehouse(folder / "other.duckdb"):
        pass
    names = {"secret": "secret.csv", "other": "other.duckdb", "new": "new.csv"}
    return {"folder": folder} | {word: folder / name for word, name in names.items()}


@pytest.mark.parametrize("sql", REFUSED)
def test_nothing_but_the_published_file_is_within_reach(published, tmp_path, sql):
    paths = other_files(tmp_path)
    before, files = published.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(BadInput):
        run_query(published, sql.format(**paths))
    assert published.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


# What a read-only connection lets happen to itself, without effect on any file.
HARMLESS = {"create temp table t as select 1 as n", "pragma enable_profiling", "checkpoint"}


@pytest.mark.parametrize("sql", sorted(set(REFUSED) - HARMLESS))
def test_the_connection_itself_refuses_too(published, tmp_path, sql):
    paths = other_files(tmp_path)
    files = sorted(tmp_path.iterdir())
    with open_published(published) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(**paths)).fetchall()
    assert sorted(tmp_path.iterdir()) == files


def test_without_a_published_file_the_remedy_is_named(tmp_path):
    with pytest.raises(BadInput, match="run `observatory run` first"):
        run_query(tmp_path / "observatory.duckdb", "select 1")


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "observatory.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(BadInput, match=r"no readable database .*publish it anew"):
        run_query(tmp_path / "observatory.duckdb", "select 1")


def test_csv_is_exact(published):
    assert to_csv(run_query(published, EVERYTHING)) == (
        "decimal_value,text,nothing,day,moment,list,record,nan,infinity,huge,truth,fraction\n"
        '1.50,"x,""y""",,2020-01-01,2020-01-01T03:04:05,"[1, null]","{""a"": 1.10}",,,'
        "170141183460469231731687303715884105727,true,0.1\n"
    )


def test_json_is_exact(published):
    text = to_json(run_query(published, EVERYTHING))
    assert json.loads(text, parse_float=Decimal, parse_constant=pytest.fail) == [
        {
            "decimal_value": Decimal("1.50"),
            "text": 'x,"y"',
            "nothing": None,
            "day": "2020-01-01",
            "moment": "2020-01-01T03:04:05",
            "list": [1, None],
            "record": {"a": Decimal("1.10")},
            "nan": None,
            "infinity": None,
            "huge": 170141183460469231731687303715884105727,
            "truth": True,
            "fraction": Decimal("0.1"),
        }
    ]


def test_an_answer_without_rows_is_a_header_and_an_empty_list(published):
    empty = run_query(published, "select 1 as n where false")
    assert (to_csv(empty), to_json(empty)) == ("n\n", "[]\n")


def test_json_needs_different_names(published):
    with pytest.raises(BadInput, match="two columns are named a; give one of them another name"):
        to_json(run_query(published, "select 1 as a, 2 as a"))


CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4)
    | st.dates()
    | st.datetimes()
    | st.text()
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_any_answer_can_be_read_back(rows):
    result = QueryResult(columns=("a", "b"), types=("VARCHAR", "VARCHAR"), rows=tuple(rows), is_truncated=False)
    read = json.loads(to_json(result), parse_float=Decimal, parse_constant=pytest.fail)
    assert [tuple(row.values()) for row in read] == [tuple(map(in_json, row)) for row in rows]
    lines = list(csv.reader(io.StringIO(to_csv(result), newline=""), strict=True))
    assert [tuple(line) for line in lines[1:]] == [tuple(map(in_csv, row)) for row in rows]


def in_json(value):
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date | datetime) else value


def in_csv(value):
    plain = in_json(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    return "" if plain is None else f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def test_csv_tells_null_from_empty_text(published):
    assert to_csv(run_query(published, "select '' as a, null as b")) == 'a,b\n"",\n'
    assert to_csv(run_query(published, "select null as a")) == 'a\n""\n'


def rendered(result):
    console = Console(width=120, file=io.StringIO(), no_color=True)
    console.print(to_table(result))
    return console.file.getvalue()


def test_a_table_shows_text_as_it_is_and_says_when_it_is_cut(published):
    text = rendered(run_query(published, "select '[bold]x[/bold]' as t, null as z, 0.25 as share from range(5)", 2))
    assert "[bold]x[/bold]" in text
    assert "null" in text
    assert "0.25" in text
    assert "the first 2 rows; there are more" in text
    assert "there are more" not in rendered(run_query(published, "select 1 as n"))


def test_a_file_that_is_open_for_writing_is_busy(published, tmp_path):
    """Only somebody who opens the published file by hand for writing gets here."""
    import shutil
    import subprocess
    import sys

    copy = shutil.copy(published, tmp_path / "observatory.duckdb")
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holder, str(copy)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(Busy, match="open for writing elsewhere"):
            run_query(tmp_path / "observatory.duckdb", "select 1")
        process.communicate()
