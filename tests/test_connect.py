"""Opening the working database: one writer, and a clear word for everything that can be wrong with the file."""

import subprocess
import sys

import duckdb
import pytest

from pipeline.errors import BadInput, Busy
from pipeline.warehouse.connect import open_warehouse, transaction

HOLDER = """
import sys
from pathlib import Path
from pipeline.warehouse.connect import open_warehouse
with open_warehouse(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_missing_file_is_made_with_its_folder_and_keeps_what_is_committed(tmp_path):
    path = tmp_path / "new" / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute("create table t as select 1 as n")
    with open_warehouse(path) as connection:
        assert connection.execute("select n from t").fetchall() == [(1,)]
    assert [file.name for file in path.parent.iterdir()] == ["warehouse.duckdb"]


def test_a_missing_file_is_a_copy_of_the_template_and_one_that_is_there_stays(tmp_path):
    path, template = tmp_path / "warehouse.duckdb", tmp_path / "template.duckdb"
    with open_warehouse(path, template):
        pass
    with open_warehouse(template) as connection:
        connection.execute("create table t as select 1 as n")
    with open_warehouse(path, template) as connection:
        assert connection.execute("show tables").fetchall() == []
    path.unlink()
    with open_warehouse(path, template) as connection:
        connection.execute("insert into t values (2)")
    with open_warehouse(template) as connection:
        assert connection.execute("from t").fetchall() == [(1,)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["template.duckdb", "warehouse.duckdb"]


def test_a_second_process_is_told_to_wait(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Busy, match=r"in use by another run; wait until it has ended"), open_warehouse(path):
            pass
        holder.communicate()
    with open_warehouse(path) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def damaged(path):
    """Write a database and overwrite the middle of it, past the headers."""
    with open_warehouse(path) as connection:
        connection.execute("create table t as select i, hash(i) as h from range(100000) r(i)")
    content = bytearray(path.read_bytes())
    content[12_288:20_000] = bytes(byte ^ 0xFF for byte in content[12_288:20_000])
    return bytes(content)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 2000, b"PK\x03\x04", damaged])
def test_a_file_that_is_no_database_is_named_with_the_remedy_and_kept(tmp_path, content):
    path = tmp_path / "warehouse.duckdb"
    content = content(path) if callable(content) else content
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"no readable database .*move it away and run"), open_warehouse(path):
        pass
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="move it away"), open_warehouse(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match=r"set OBSERVATORY_HOME"), open_warehouse(tmp_path / "file" / "w.duckdb"):
        pass


def test_leftovers_of_a_killed_start_are_removed(tmp_path):
    (tmp_path / "warehouse.duckdb.99999999.new").write_bytes(b"DUCK")
    with open_warehouse(tmp_path / "warehouse.duckdb"):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["warehouse.duckdb"]


def insert(connection, *values):
    with transaction(connection):
        for value in values:
            if isinstance(value, BaseException):
                raise value
            connection.execute("insert into t values (?)", [value])


def test_a_transaction_is_all_or_nothing(tmp_path):
    with open_warehouse(None) as connection:
        connection.execute("create table t (n integer)")
        with pytest.raises(KeyboardInterrupt):
            insert(connection, 1, KeyboardInterrupt())
        with pytest.raises(duckdb.ConversionException):
            insert(connection, 1, "x")
        insert(connection, 2)
        assert connection.execute("from t").fetchall() == [(2,)]


CRAMPED = """
import resource, signal, sys
from pathlib import Path
from pipeline.errors import BadInput
from pipeline.warehouse.connect import open_warehouse, transaction
# No file may grow past the limit: the write fails as it does on a full disk.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
with open_warehouse(Path(sys.argv[1])) as connection:
    try:
        with transaction(connection):
            connection.execute("insert into t select hash(i)::varchar from range(20000) r(i)")
    except BadInput as error:
        print(error)
    print(connection.execute("from t").fetchall())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="this system cannot limit the size of files")
def test_a_full_disk_is_named_and_nothing_is_lost(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute("create table t as select 'kept' as word")
    command = [sys.executable, "-c", CRAMPED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "could not be written (" in done.stdout, done.stderr
    assert "free some space there or set OBSERVATORY_HOME" in done.stdout
    assert done.stdout.endswith("[('kept',)]\n")
    with open_warehouse(path) as connection:
        assert connection.execute("from t").fetchall() == [("kept",)]


def test_sessions_run_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with open_warehouse(None) as connection:
        assert connection.execute("select timestamptz '2026-01-01 00:00+00'::timestamp::varchar").fetchall() == [
            ("2026-01-01 00:00:00",)
        ]
