"""A process killed at any moment and run again leaves what an undisturbed run leaves.

A real child does the whole offline job on the shipped archive and is killed (SIGKILL) at a named step, some
milliseconds into it. Then the job runs to its end, and the contents are compared.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from whole_job import do_the_job

from pipeline.metrics.read import open_published
from pipeline.warehouse.connect import open_warehouse

CHILD = Path(__file__).with_name("whole_job.py")

# What tells of the runs themselves, which differ.
OF_RUNS = {"run_history", "check_results", "claim_history", "publications", "publication_changes"}

FEW = [("loads kaggle_survey", 100), ("publishes", 200)]
MANY = [
    *FEW,
    ("opens", 0),
    ("opens", 5),
    ("prepares", 0),
    ("prepares", 100),
    ("prepares", 200),
    ("prepares", 300),
    ("prepares", 400),
    ("loads conference_tracker", 0),
    ("loads conference_tracker", 60),
    ("loads conference_tracker", 120),
    ("loads github_ranking", 30),
    ("loads github_ranking", 90),
    ("loads mlperf_training", 20),
    ("checks", 30),
    ("publishes", 0),
    ("publishes", 60),
    ("publishes", 120),
    ("publishes", 400),
    ("publishes", 800),
    ("closes", 0),
    ("closes", 20),
]


def digests(connection):
    """Number of rows and a sum over their hashes, of each table of figures and lists."""
    names = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'ref') order by all"
    ).fetchall()
    return {name: digest(connection, name) for (name,) in names}


def digest(connection, name):
    return connection.execute(f"select count(*), sum(hash(row_)) from {name} row_").fetchall()[0]


def stored(home):
    with open_warehouse(home / "warehouse.duckdb") as connection:
        return digests(connection)


def published(home):
    """The same of the published copy, the text of its views, and of each view the rows that were exported."""
    with open_published(home / "published" / "observatory.duckdb") as connection:
        views = connection.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
        found = digests(connection) | dict(views)
    with duckdb.connect() as reader:
        exported = {path.stem: path for path in (home / "published" / "parquet").iterdir()}
        return found | {f"main.{name}": digest(reader, f"'{exported[name]}'") for name in exported.keys() - OF_RUNS}


def quietly(_):
    """Say nothing of the steps."""


@pytest.fixture(scope="module")
def undisturbed(archive_home):
    return published(archive_home)


@pytest.fixture(scope="module")
def changed_home(archive_home, tmp_path_factory):
    """A home whose published figures are the archive's, and whose warehouse has other rows since; for copying only."""
    home = tmp_path_factory.mktemp("changed") / "home"
    shutil.copytree(archive_home, home, symlinks=True)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from core.repository_day where month(observed_on) = 1")
        connection.execute("update core.survey_combination set respondents_count = respondents_count + 1")
        connection.execute("insert into ref.wording values ('gone', 'from the file')")
    return home


def kill_at(home, step, milliseconds):
    """Run the job in a child and kill it so long after it began this step; it may have ended before."""
    with subprocess.Popen([sys.executable, str(CHILD), str(home)], stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            if line.strip() == step:
                time.sleep(milliseconds / 1000)
                os.kill(child.pid, signal.SIGKILL)
                break
        else:
            pytest.fail(f"the job has no step {step}")
    return child.returncode


def assert_recovers(home, undisturbed):
    do_the_job(home, quietly)
    assert stored(home).items() <= undisturbed.items()
    assert published(home) == undisturbed
    assert sorted(path.name for path in home.iterdir()) == ["published", "releases", "warehouse.duckdb"]
    assert not [path for path in (home / "releases").iterdir() if path.suffix == ".part"]


@pytest.mark.slow
def test_a_first_run_that_is_killed_and_killed_again(tmp_path, undisturbed):
    for step, milliseconds in FEW:
        assert kill_at(tmp_path, step, milliseconds) == -signal.SIGKILL
    assert_recovers(tmp_path, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "milliseconds"), MANY)
def test_a_first_run_that_is_killed_at_many_moments(tmp_path, undisturbed, step, milliseconds):
    kill_at(tmp_path, step, milliseconds)
    assert_recovers(tmp_path, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "milliseconds"), MANY)
def test_a_later_run_that_is_killed_keeps_what_was_published(tmp_path, changed_home, undisturbed, step, milliseconds):
    home = tmp_path / "home"
    shutil.copytree(changed_home, home, symlinks=True)
    kill_at(home, step, milliseconds)
    with open_published(home / "published" / "observatory.duckdb") as connection:
        assert digest(connection, "main.adoption") == undisturbed["main.adoption"]
    shutil.copytree(home, tmp_path / "copy", symlinks=True)
    assert_recovers(tmp_path / "copy", undisturbed)
