"""The published copy: complete, swapped in at once, and never lost."""

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime

import duckdb
import pytest
from published import computed_once

from pipeline.errors import BadInput, ContractBroken
from pipeline.metrics.read import open_published, read_view
from pipeline.records import RepositoryDay
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.load import load_records
from pipeline.warehouse.publish import publish, show_release

STARS = "select stars_count from core.repository_day"


@pytest.fixture
def filled(warehouse):
    put(warehouse, 1)
    return warehouse


@pytest.fixture(scope="module")
def released(migrated_warehouse, empty_tables, tmp_path_factory):
    """The same content published twice: the home and its two releases, for reading only."""
    empty_tables(migrated_warehouse)
    put(migrated_warehouse, 1)
    home = tmp_path_factory.mktemp("released")
    return home, publish(migrated_warehouse, home, "r1"), publish(migrated_warehouse, home, "r2")


@pytest.fixture
def shown(released, tmp_path):
    """A data folder of the test's own that shows the first of those releases."""
    home, first, _ = released
    shutil.copytree(home / "releases" / first.name, tmp_path / "data" / "releases" / first.name)
    show_release(tmp_path / "data", tmp_path / "data" / "releases" / first.name)
    return tmp_path / "data"


def put(connection, stars):
    record = RepositoryDay(
        source_id="stars",
        page_sha256="a" * 64,
        seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        repository="pytorch/pytorch",
        listed_as="pytorch/pytorch",
        observed_on=date(2025, 1, 1),
        stars_count=stars,
        forks_count=None,
    )
    load_records(connection, RepositoryDay, [record])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def stars_in(folder):
    with open_published(folder / "published" / "observatory.duckdb") as connection:
        return connection.execute(STARS).fetchall()[0][0]


def rows_of(connection, view):
    return connection.execute(f"select * from main.{view} order by all").fetchall()


def described(connection):
    return connection.execute(
        "select view_name, view_comment, column_name, column_type, column_comment from main.dictionary order by all"
    ).fetchall()


def test_the_copy_holds_everything(filled, released):
    home, _, release = released
    assert names(home) == ["published", "releases"]
    assert (home / "published").resolve() == release.resolve() == (home / "releases" / "r2").resolve()
    with open_published(home / "published" / "observatory.duckdb") as connection:
        assert connection.execute(STARS).fetchall() == [(1,)]
        assert described(connection) == described(filled)
        for view in {row[0] for row in described(connection)}:
            connection.execute(f"select count(*) from {view}").fetchall()
    assert names(release) == ["observatory.duckdb", "parquet"]


def test_each_public_view_is_a_parquet_file_with_its_rows(filled, released):
    _, _, release = released
    views = sorted({row[0] for row in described(filled) if "." not in row[0]})
    assert names(release / "parquet") == [f"{view}.parquet" for view in views]
    expected = {"dictionary": rows_of(filled, "dictionary")}  # which tells of views, and so of none that is a table
    with computed_once(filled, "adoption", "pairwise"):
        expected |= {view: rows_of(filled, view) for view in views if view not in expected}
    with duckdb.connect() as reader:
        for view in views:
            found = reader.execute(f"from '{release / 'parquet' / view}.parquet'").fetchall()
            assert found == expected[view], view


def test_the_same_content_makes_the_same_files(released):
    _, first, second = released
    for path in (first / "parquet").iterdir():
        assert path.read_bytes() == (second / "parquet" / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_a_reader_keeps_the_release_it_opened_and_the_next_sees_the_new_one(filled, tmp_path):
    publish(filled, tmp_path, "r1")
    with open_published(tmp_path / "published" / "observatory.duckdb") as reader:
        for number in range(2, 6):
            put(filled, number)
            publish(filled, tmp_path, f"r{number}")
            assert stars_in(tmp_path) == number
        assert reader.execute(STARS).fetchall() == [(1,)]


@pytest.mark.slow
def test_only_the_release_shown_and_the_one_before_are_kept(filled, tmp_path):
    for name in ["r5", "r1", "r9", "r2"]:
        publish(filled, tmp_path, name)
    assert names(tmp_path / "releases") == ["r2", "r9"]
    assert publish(filled, tmp_path, "r2").name == "r2-2"
    assert names(tmp_path / "releases") == ["r2", "r2-2"]
    assert stars_in(tmp_path) == 1
    publish(filled, tmp_path, "r3", kept_count=3)
    assert names(tmp_path / "releases") == ["r2", "r2-2", "r3"]


@pytest.mark.slow
def test_leftovers_of_killed_runs_are_removed(filled, tmp_path):
    publish(filled, tmp_path, "r1")
    (tmp_path / "releases" / "r2.part" / "parquet").mkdir(parents=True)
    (tmp_path / "releases" / "r3").mkdir()
    (tmp_path / "published.new").symlink_to("releases/r3")
    (tmp_path / "published.old").mkdir()
    publish(filled, tmp_path, "r4")
    assert names(tmp_path) == ["published", "releases"]
    assert names(tmp_path / "releases") == ["r1", "r4"]


def test_a_plain_folder_in_place_of_the_link_is_replaced(filled, tmp_path):
    (tmp_path / "published" / "parquet").mkdir(parents=True)
    publish(filled, tmp_path, "r1")
    assert stars_in(tmp_path) == 1
    assert names(tmp_path) == ["published", "releases"]


@pytest.mark.slow
def test_where_links_cannot_be_made_the_set_is_a_plain_folder(filled, tmp_path, monkeypatch):
    """Links fail on some file systems, which no test machine has; only that call is stood in for."""

    def refuse(path, *arguments, **options):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    for number in (1, 2, 3):
        put(filled, number)
        publish(filled, tmp_path, f"r{number}")
        assert not (tmp_path / "published").is_symlink()
        assert stars_in(tmp_path) == number
    assert names(tmp_path) == ["published", "releases"]
    assert names(tmp_path / "releases") == ["r2", "r3"]
    monkeypatch.undo()
    publish(filled, tmp_path, "r4")
    assert (tmp_path / "published").is_symlink()


def test_a_view_that_cannot_be_read_stops_it_and_the_old_release_stays(filled, shown):
    try:
        filled.execute("create view main.broken as select error('no') as n")
        with pytest.raises(ContractBroken, match=r"view broken cannot be read \(.*no"):
            publish(filled, shown, "r2")
    finally:
        filled.execute("drop view main.broken")
    assert names(shown / "releases") == ["r1"]
    assert stars_in(shown) == 1


def test_a_folder_that_cannot_be_written_is_named_and_the_old_release_stays(filled, shown, tmp_path):
    (shown / "releases").rename(tmp_path / "kept")
    (shown / "releases").write_text("in the way")
    with pytest.raises(BadInput, match=r"data could not be written .*set OBSERVATORY_HOME"):
        publish(filled, shown, "r2")
    (shown / "releases").unlink()
    (tmp_path / "kept").rename(shown / "releases")
    assert stars_in(shown) == 1


def test_the_check_reads_what_will_be_shown_and_what_it_raises_withholds_it(filled, shown):
    put(filled, 2)

    def refuse():
        assert filled.execute(STARS).fetchall() == [(2,)]
        assert filled.execute('select count(*) from settled."main.adoption"').fetchall()
        filled.execute("insert into ops.run (run_id, started_at, mode, outcome) values ('r2', '2026-01-01', 'x', 'y')")
        raise ContractBroken("so it is withheld")

    with pytest.raises(ContractBroken, match="so it is withheld"):
        publish(filled, shown, "r2", check=refuse)
    assert names(shown / "releases") == ["r1"]
    assert stars_in(shown) == 1
    # What the check noted of the run is in the warehouse, whatever came of it.
    assert filled.execute("select outcome from ops.run where run_id = 'r2'").fetchall() == [("y",)]


CRAMPED = """
import resource, signal, sys
from pathlib import Path
from pipeline.errors import BadInput
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.publish import publish
home = Path(sys.argv[1])
with open_warehouse(home / "warehouse.duckdb") as connection:
    connection.execute("checkpoint")
    # No file may grow past the limit: the write fails as it does on a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        publish(connection, home, "r2")
    except BadInput as error:
        print(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="this system cannot limit the size of files")
def test_a_write_that_fails_leaves_the_old_release_and_the_warehouse(tmp_path, prepared_warehouse):
    shutil.copy(prepared_warehouse, tmp_path)
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        put(connection, 1)
        publish(connection, tmp_path, "r1")
    command = [sys.executable, "-c", CRAMPED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "free some space there or set OBSERVATORY_HOME" in done.stdout, done.stderr
    assert "The release published before is unchanged." in done.stdout
    assert names(tmp_path / "releases") == ["r1"]
    assert stars_in(tmp_path) == 1
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        assert connection.execute(STARS).fetchall() == [(1,)]
        publish(connection, tmp_path, "r3")


def test_before_the_first_publication_the_remedy_is_named(tmp_path):
    with pytest.raises(BadInput, match="run `observatory run` first"):
        read_view(tmp_path / "published" / "observatory.duckdb", "adoption")
