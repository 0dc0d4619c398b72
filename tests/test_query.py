"""One question in SQL: what it may ask, what it may not reach, and how the answer is written."""

import csv
import io
import json
import math
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import sleep

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.errors import BadInput, Busy
from pipeline.metrics.query import (
    Answer,
    csv_lines,
    json_pieces,
    markdown_lines,
    open_answer,
    reason_for_nothing,
    run_query,
    to_table,
    write_parquet,
)
from pipeline.metrics.read import open_published, published_as_of, view_page
from pipeline.warehouse.connect import open_warehouse

OBSERVATORY = Path(sys.executable).with_name("observatory")
EVERYTHING = """
    select 1.50 as decimal_value, 'x,"y"' as text, null as nothing, date '2020-01-01' as day,
        timestamp '2020-01-01 03:04:05' as moment, [1, null] as list, {'a': 1.10} as record, 'nan'::double as nan,
        'inf'::double as infinity, 170141183460469231731687303715884105727 as huge,
        true as truth, 0.1::double as fraction
"""


def streamed(result):
    return Answer(columns=result.columns, types=result.types, rows=iter(result.rows))


def to_csv(result):
    return "".join(csv_lines(streamed(result)))


def to_json(result):
    return "".join(json_pieces(streamed(result)))


@pytest.fixture
def published(published_nothing):
    return published_nothing


def test_columns_types_and_rows_come_as_the_database_gives_them(published):
    result = run_query(published, "select 1 as n, 'x' as t union all select 2, null order by n")
    assert result == Answer(
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
    result = Answer(columns=("a", "b"), types=("VARCHAR", "VARCHAR"), rows=tuple(rows), is_truncated=False)
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

    copy = shutil.copy(published, tmp_path / "observatory.duckdb")
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holder, str(copy)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(Busy, match="open for writing elsewhere"):
            run_query(tmp_path / "observatory.duckdb", "select 1")
        process.communicate()


def test_a_pivot_and_a_query_that_begins_with_a_comment_are_answered(published):
    pivot = "pivot (select 1 as a, 'x' as b union all select 2, 'y') on b using sum(a)"
    assert run_query(published, pivot).rows == ((1, 2),)
    assert run_query(published, "-- one\n/* two */ from range(2)").rows == ((0,), (1,))


def test_the_place_of_a_mistake_and_what_was_meant_are_kept(published):
    with pytest.raises(BadInput) as wrong_view:
        run_query(published, "from adopton")
    assert 'Did you mean "adoption"' in wrong_view.value.detail
    with pytest.raises(BadInput) as wrong_column:
        run_query(published, "select framwork from adoption")
    assert '"framework"' in wrong_column.value.detail
    assert wrong_column.value.detail.splitlines()[-1].strip() == "^" * len("framwork")


ENDLESS = {
    "a cross join": "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range = 7",
    "a recursion": "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
    "rows without end": "from range(100000000000)",
}


@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS)
def test_a_query_without_end_is_stopped_when_its_time_is_over(published, sql):
    with (
        pytest.raises(BadInput, match=r"stopped after 0\.3 s; .*--timeout"),
        open_answer(published, sql, timeout_seconds=0.3) as answer,
    ):
        for _ in answer.rows:
            pass


def holds(process, file):
    """Whether the process has opened the file."""
    with suppress(OSError):
        return any(descriptor.resolve() == file for descriptor in Path(f"/proc/{process.pid}/fd").iterdir())
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="the open files of another process are looked up in /proc")
@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS)
def test_ctrl_c_ends_a_query_with_130_and_one_line(published, sql):
    """A real process and a real signal; where it answers at once, rows are on their way when it comes."""
    words = [str(OBSERVATORY), "query", sql, "--format", "csv", "--timeout", "600"]
    environment = {**os.environ, "OBSERVATORY_HOME": str(published.parents[1].parent)}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as asked:
        while asked.poll() is None and not holds(asked, published.resolve()):
            sleep(0.05)
        sleep(0.5)
        asked.send_signal(signal.SIGINT)
        _, said = asked.communicate(timeout=60)
    assert (asked.returncode, said.splitlines()) == (130, ["Interrupted; what was finished is kept."])


@pytest.mark.slow
def test_an_answer_of_many_rows_takes_the_memory_of_a_few(published):
    script = (
        "import resource, sys; from pathlib import Path; from pipeline.metrics.query import open_answer\n"
        "from pipeline.metrics.query import csv_lines\n"
        "sql = f'select range, range::varchar as t from range({sys.argv[2]})'\n"
        "with open_answer(Path(sys.argv[1]), sql) as answer:\n"
        "    count = sum(1 for _ in csv_lines(answer))\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    found = {}
    for rows in (10_000, 200_000):
        words = [sys.executable, "-c", script, str(published), str(rows)]
        ended = subprocess.run(words, capture_output=True, text=True, check=True)
        count, kilobytes = ended.stdout.split()
        assert int(count) == rows + 1
        found[rows] = int(kilobytes)
    assert found[200_000] < found[10_000] + 20_000


@pytest.mark.slow
def test_an_answer_that_does_not_fit_in_memory_is_refused_in_a_sentence(published):
    with pytest.raises(BadInput, match="does not fit in memory; ask for fewer"):
        run_query(published, "select list(range) from range(300000000)")


MEASURED = """
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ended.returncode)
"""
"""Runs a command from a small process: a child's greatest memory begins with that of the process it is started from."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units elsewhere")
def test_a_table_of_any_number_of_rows_in_a_pipe_is_refused_before_it_fills_the_memory(published):
    environment = {**os.environ, "OBSERVATORY_HOME": str(published.parents[1].parent)}
    command = [str(OBSERVATORY), "query", "select range, repeat(range::varchar, 20) from range(100000000)"]
    asked = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2
    assert asked.stderr == "a table holds at most 50,000 rows; take --format csv, which holds any number, or --limit.\n"
    assert int(asked.stdout) < 500_000


def test_no_bar_of_progress_stands_between_the_rows(published):
    """DuckDB writes one to standard output when a query takes longer than two seconds."""
    assert run_query(published, "select current_setting('enable_progress_bar')").rows == ((False,),)
    with open_warehouse(None) as connection:
        assert connection.execute("select current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_parquet_holds_types_and_rows_and_nothing_else_is_written(published, tmp_path):
    file = tmp_path / "answer.parquet"
    sql = "select 1.50 as amount, [1, null] as list, date '2020-01-01' as day -- the end"
    assert write_parquet(published, sql, file) == 1
    with duckdb.connect() as connection:
        rows = connection.execute(f"select amount::varchar, list, day from '{file}'").fetchall()
    assert rows == [("1.50", [1, None], date(2020, 1, 1))]
    for refused in ("from read_text('/etc/passwd')", f"copy (select 1) to '{tmp_path}/other.csv'", "explain select 1"):
        with pytest.raises(BadInput):
            write_parquet(published, refused, file)
    assert list(tmp_path.iterdir()) == [file]


def test_an_empty_view_is_explained_by_what_would_fill_it(published):
    assert reason_for_nothing(published, "from performance where framework = 'jax'") == (
        "performance holds no rows here: `observatory bench` measures here."
    )
    assert "observatory scan FOLDER" in reason_for_nothing(published, "from scanned_files")
    assert reason_for_nothing(published, "select 1 where false") is None


def test_a_table_that_does_not_fit_is_turned_and_control_characters_are_shown(published):
    result = run_query(published, "select chr(27) || '[31mred' as marked, repeat('x', 50) as long, 1 as n")
    console = Console(width=60, file=io.StringIO(), no_color=True)
    console.print(to_table(result, 60))
    text = console.file.getvalue()
    assert "row 1" in text
    assert "x" * 40 in text
    assert "\\x1b[31mred" in text
    assert "\x1b" not in text
    assert "row 1" not in rendered(result)


def test_formulas_stay_text_where_a_spreadsheet_opens_the_answer(published):
    sql = "select '=1+1' as a, '@x' as b, -1 as c, 'plain' as d"
    with open_answer(published, sql) as answer:
        assert "".join(csv_lines(answer, is_safe=True)) == "a,b,c,d\n'=1+1,'@x,-1,plain\n"


def test_markdown_keeps_the_bars_of_a_cell(published):
    with open_answer(published, "select 'a|b' as t, null::varchar as z, 0.5 as n") as answer:
        assert "".join(markdown_lines(answer)) == "| t | z | n |\n| --- | --- | --: |\n| a\\|b |  | 0.5 |\n"


def test_a_view_reads_like_a_page_of_a_manual(published):
    page = view_page(published, "adoption")
    assert page[0] == "adoption"
    assert "  framework  VARCHAR" in page
    assert max(map(len, page)) <= 80
    assert any(line.startswith("adoption ") for line in view_page(published))
    with pytest.raises(BadInput, match=r"there is no view adopton\. did you mean adoption"):
        view_page(published, "adopton")


def test_an_older_release_is_asked_by_its_day(published, tmp_path):
    for name in ("20260101T000000Z", "20260301T120000Z-2"):
        (tmp_path / "releases" / name).mkdir(parents=True)
        (tmp_path / "releases" / name / "observatory.duckdb").touch()
    assert published_as_of(tmp_path, date(2026, 2, 28)).parent.name == "20260101T000000Z"
    assert published_as_of(tmp_path, date(2026, 3, 1)).parent.name == "20260301T120000Z-2"
    with pytest.raises(BadInput, match="the oldest that is kept is of 2026-01-01"):
        published_as_of(tmp_path, date(2025, 12, 31))


def test_the_command_reads_files_and_standard_input_and_writes_files(published, tmp_path):
    home = published.parents[1].parent
    sql = tmp_path / "question.sql"
    sql.write_text("-- how many\nselect count(*) as n from range(7);\n")

    def asked(*words, given=None):
        environment = {**os.environ, "OBSERVATORY_HOME": str(home)}
        return subprocess.run(
            [OBSERVATORY, *words], env=environment, input=given, capture_output=True, text=True, check=False
        )

    assert asked("query", "-f", str(sql), "--format", "csv").stdout == "n\n7\n"
    assert (
        asked("query", "-", "--limit", "1", "--format", "json", given="from range(3)").stdout == '[\n{"range": 0}\n]\n'
    )
    assert asked("query", "-f", str(sql), "--out", str(tmp_path / "n.md")).returncode == 0
    assert (tmp_path / "n.md").read_text() == "| n |\n| --: |\n| 7 |\n"
    assert "end the name with" in asked("query", "from range(3)", "--out", str(tmp_path / "n.txt")).stderr
    assert not list(tmp_path.glob("*.part"))
    shell = asked("shell", given="select 6 * 7 as answer;\nfrom adopton;\ndescribe adoption\nquit\n")
    assert "42" in shell.stdout
    assert "  framework  VARCHAR" in shell.stdout
    assert 'Did you mean "adoption"' in shell.stderr
    assert shell.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["select '\udcff'"],
        ["select 1", "--limit", "9" * 31],
        ["select 1", "--limit", "-1"],
        ["select 1", "--timeout", "1e400"],
        ["select 1", "--timeout", "nan"],
        [f"select {'(' * 3000}1{')' * 3000}"],
        [f"select json '{'[' * 20_000}'"],
        [f"select {'9' * 400}::integer"],
        ["select repeat('x', 10000000000)"],
        ["\0"],
    ],
    ids=lambda words: words[0][:12] + " ".join(words[1:])[:20],
)
def test_no_odd_query_should_not_happen(published, words, monkeypatch, capsys):
    from flows.cli.app import run_command

    monkeypatch.setenv("OBSERVATORY_HOME", str(published.parents[1].parent))
    assert run_command(["query", *words, "--format", "csv"]) in {0, 2}
    said = capsys.readouterr().err
    assert "should not happen" not in said
    assert "Traceback" not in said
