"""Migrations: once each, forward only, whole or not at all."""

import re
import sys
from datetime import datetime

import pytest

from pipeline.errors import ContractBroken
from pipeline.records import RECORDS
from pipeline.settings import PROJECT_ROOT
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.staging import column_types
from pipeline.warehouse.views import MIGRATIONS, deploy_views, migrate, template_file


@pytest.fixture
def connection():
    with open_warehouse(None) as opened:
        yield opened


def put(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def tables(connection):
    return [row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]


def ledger(connection):
    return connection.execute("select name, applied_at from ops.migration order by name").fetchall()


def test_the_project_migrates_from_nothing_and_a_second_time_changes_nothing(connection, now):
    names = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
    assert migrate(connection, clock=lambda: now) == names
    assert ledger(connection) == [(name, now.replace(tzinfo=None)) for name in names]
    assert migrate(connection) == []


def test_the_warehouse_that_the_set_up_keeps_holds_all_that_a_first_run_would_make(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    script = (PROJECT_ROOT / ".ci" / "setup").read_text("utf-8")
    (program,) = re.findall(r"^keep_warehouse.*?<<'PYTHON'\n(.*?)^PYTHON$", script, re.DOTALL | re.MULTILINE)
    exec(program, {})
    assert list(template_file().parent.iterdir()) == [template_file()]
    with open_warehouse(tmp_path / "warehouse.duckdb", template_file()) as opened:
        assert (migrate(opened), deploy_views(opened)) == ([], [])
        assert opened.execute("select count(*) from adoption").fetchall() == [(0,)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.table)
def test_every_record_has_its_table(migrated_warehouse, record):
    assert set(column_types(migrated_warehouse, record.table)) == set(record.model_fields)
    keys = migrated_warehouse.execute(
        "select constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY' "
        "and schema_name || '.' || table_name = ?",
        [record.table],
    ).fetchall()
    assert [tuple(columns) for (columns,) in keys] == ([record.key] if record.is_indexed else [])


def test_new_files_are_applied_to_an_older_version_with_its_rows(connection, tmp_path):
    folder = put(tmp_path, **{"0001_a": "create table a (n integer); insert into a values (1);"})
    migrate(connection, folder)
    put(folder, **{"0002_b": "alter table a add column m integer; update a set m = n + 1;"})
    assert migrate(connection, folder) == ["0002_b.sql"]
    assert connection.execute("select n, m from a").fetchall() == [(1, 2)]


def test_a_failing_file_leaves_nothing_and_the_files_before_it(connection, tmp_path):
    put(
        tmp_path,
        **{"0001_a": "create table a (n integer)", "0002_b": "create table b (n integer); insert into c values (1)"},
    )
    with pytest.raises(ContractBroken, match=r"0002_b\.sql fails \(.*c does not exist"):
        migrate(connection, tmp_path)
    assert tables(connection) == ["a", "migration"]
    put(tmp_path, **{"0002_b": "create table b (n integer)"})
    assert migrate(connection, tmp_path) == ["0002_b.sql"]


def test_a_stop_in_the_middle_leaves_nothing_of_that_file(connection, tmp_path):
    put(tmp_path, **{"0001_a": "create table a (n integer)"})

    def stopped() -> datetime:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(connection, tmp_path, clock=stopped)
    assert tables(connection) == ["migration"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: put(folder, **{"0002_b": "create table b2 (n integer)"}), r"0002_b\.sql was edited"),
        (lambda folder: (folder / "0001_a.sql").unlink(), r"0001_a\.sql was applied here but its file is gone"),
        (lambda folder: put(folder, **{"0001_b": "select 1"}), r"0001_b\.sql sorts before 0002_b\.sql"),
    ],
)
def test_history_is_not_rewritten(connection, tmp_path, change, message):
    put(tmp_path, **{"0001_a": "create table a (n integer)", "0002_b": "create table b (n integer)"})
    migrate(connection, tmp_path)
    change(tmp_path)
    with pytest.raises(ContractBroken, match=message):
        migrate(connection, tmp_path)
    assert tables(connection) == ["a", "b", "migration"]


def test_entries_stored_before_groups_were_told_apart_stay_as_one_group(connection, tmp_path):
    before = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.name < "0021"]
    for path in before:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    migrate(connection, tmp_path)
    connection.execute(
        "insert into core.competition_entry values "
        "('m', repeat('0', 64), timestamp '2026-01-12', 'MLPerf Training', 'v5.1', 2025, 'pytorch', 123)"
    )
    grouped = MIGRATIONS / "0021_entry_groups_and_criteria.sql"
    (tmp_path / grouped.name).write_bytes(grouped.read_bytes())
    assert migrate(connection, tmp_path) == [grouped.name]
    kept = connection.execute("select round, entry_group, label_set, entries_count from core.competition_entry")
    assert kept.fetchall() == [("v5.1", "all entries", "pytorch", 123)]
