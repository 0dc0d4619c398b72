"""Releases: listed, shown again, guarded by gates, a source of a new warehouse; and what can be freed of the disk."""

import re
import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from flows.cli import app
from pipeline.errors import BadInput, Busy, ContractBroken
from pipeline.jobs import releases
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import check, published_job
from pipeline.jobs.releases import page_writer, write_report
from pipeline.metrics.read import kept_releases
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.publish import publish, show_release

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
COUNTED = "select count(*) from core.repository_day"


@pytest.fixture
def settings(archive_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with one release of the shipped figures."""
    shutil.copytree(archive_home, tmp_path / "data", symlinks=True)
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    return Settings()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with three releases of next to nothing, the newest of them shown, and a warehouse."""
    for day in (1, 2, 3):
        release = tmp_path / "data" / "releases" / f"2026010{day}T030000Z"
        release.mkdir(parents=True)
        duckdb.connect(str(release / "observatory.duckdb")).close()
        (release / "ballast").write_bytes(b"x" * 500_000)
    show_release(tmp_path / "data", release)
    duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb")).close()
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    return Settings()


def shown(settings: Settings) -> list[str]:
    return [each.name for each in kept_releases(settings.data_folder) if each.is_shown]


def rows(file: Path, sql: str = COUNTED) -> list[tuple]:
    with duckdb.connect(str(file.resolve()), read_only=True) as connection:
        return connection.execute(sql).fetchall()


# A reader of the user's own


def test_no_published_file_can_be_written_and_a_plain_reader_is_in_nobodys_way(warehouse, tmp_path: Path) -> None:
    first = publish(warehouse, tmp_path, "r1")
    files = [path for path in first.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    file = tmp_path / "published" / "observatory.duckdb"
    with duckdb.connect(str(file), read_only=True) as held:
        publish(warehouse, tmp_path, "r2")
        assert (tmp_path / "published").resolve().name == "r2"
        assert (
            rows(file, "select count(*) from main.dictionary")
            == held.execute("select count(*) from main.dictionary").fetchall()
        )


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_the_users_own_under_the_name_published_stays(warehouse, tmp_path: Path, kind: str) -> None:
    own = tmp_path / "published"
    if kind == "folder":
        own.mkdir()
        (own / "thesis.txt").write_text("mine")
    else:
        own.write_text("mine")
    with pytest.raises(BadInput, match="published is not of this program's making; move it away"):
        publish(warehouse, tmp_path, "r1")
    assert (own / "thesis.txt" if kind == "folder" else own).read_text() == "mine"
    assert not (tmp_path / "releases").exists()


# Listed, shown again, freed


def test_releases_are_listed_with_the_one_that_is_shown(small: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run_command(["releases"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["20260103T030000Z", "20260102T030000Z", "20260101T030000Z"]
    assert [line.endswith("shown") for line in lines[1:]] == [True, False, False]
    assert float(lines[1].split()[3]) > 0.1


@pytest.mark.slow
def test_a_rollback_shows_the_release_before_or_a_named_one_and_its_page(settings: Settings, monkeypatch) -> None:
    old = shown(settings)[0]
    with open_warehouse(settings.warehouse_file) as connection:
        connection.execute("delete from core.repository_day")
        publish(connection, settings.data_folder, "20400101T000000Z", kept_count=3)
    assert rows(settings.published_file) == [(0,)]
    assert app.run_command(["rollback"]) == 0
    assert shown(settings) == [old]
    assert rows(settings.published_file)[0][0] > 1000
    assert settings.page_file.exists()
    (shown_in_readme,) = re.findall(r"```py\n(.*?)^everything", README, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(settings.home)
    found: dict = {}
    exec(shown_in_readme, found)
    assert len(found["shares"]) == 70
    assert app.run_command(["rollback", "20400101T000000Z"]) == 0
    assert shown(settings) == ["20400101T000000Z"]


@pytest.mark.slow
def test_a_release_of_another_version_is_shown_again_with_its_page(settings: Settings) -> None:
    old = kept_releases(settings.data_folder)[-1].database
    old.chmod(0o644)
    with duckdb.connect(str(old)) as connection:  # as before there were these
        connection.execute("drop view main.idioms; drop view main.roofline")
        connection.execute("comment on table settled.definition is 'of another version'")
    with open_warehouse(settings.warehouse_file) as connection:
        publish(connection, settings.data_folder, "20400101T000000Z", kept_count=3)
    assert app.run_command(["rollback"]) == 0
    assert shown(settings) == [old.parent.name]
    assert settings.page_file.stat().st_size > 100_000
    assert rows(old, "select count(*) from duckdb_views() where view_name = 'idioms'") == [(0,)]
    assert [path.name for path in sorted((settings.data_folder / "releases").iterdir())] == [
        old.parent.name,
        "20400101T000000Z",
    ]


def test_a_rollback_to_nowhere_names_what_there_is(small: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run_command(["rollback", "r9"]) == 2
    assert "there is no release r9; kept are 20260101T030000Z, " in capsys.readouterr().err
    assert shown(small) == ["20260103T030000Z"]


def test_a_rollback_waits_for_no_run(small: Settings, tmp_path: Path) -> None:
    import subprocess
    import sys

    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(small.warehouse_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        for act in (releases.roll_back, releases.prune):
            with pytest.raises(Busy):
                act(small, *(["20260101T030000Z"] if act is releases.roll_back else []))
        run.stdin.close()
    assert shown(small) == ["20260103T030000Z"]


def test_prune_says_what_it_would_free_and_frees_it_with_yes(
    small: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    small.log_folder.mkdir()
    (small.log_folder / "1-run.log").write_text("x" * 2_000_000)
    (small.raw_folder / "answers").mkdir(parents=True)
    (small.raw_folder / "answers" / "page").write_text("kept")
    assert app.run_command(["prune"]) == 0
    said = capsys.readouterr().out
    assert "--yes" in said
    assert "2.0" in said
    assert len(kept_releases(small.data_folder)) == 3
    assert app.run_command(["prune", "--yes"]) == 0
    assert "MB were freed" in capsys.readouterr().out
    assert [each.name for each in kept_releases(small.data_folder)] == ["20260102T030000Z", "20260103T030000Z"]
    assert not list(small.log_folder.iterdir())
    assert (small.raw_folder / "answers" / "page").read_text() == "kept"


# Gates


@pytest.mark.slow
def test_lost_figures_are_not_published_until_a_person_accepts_them(settings: Settings) -> None:
    with open_job(settings, "full") as job:
        check(job)
        job.connection.execute("delete from core.repository_day where observed_on < date '2025-01-01'")
        with pytest.raises(ContractBroken, match=r"figures_kept.*ACCEPT_CHANGES=1.*series_id github\.stars"):
            check(job)
    with open_job(settings.model_copy(update={"accept_changes": True}), "full") as job:
        check(job)
        job.connection.execute("update core.repository_day set stars_count = stars_count * 3")
    with open_job(settings, "full") as job, pytest.raises(ContractBroken, match=r"magnitudes_kept.*ratio 3"):
        check(job)


@pytest.mark.slow
def test_a_failed_gate_keeps_the_old_release_and_its_job_fails(settings: Settings) -> None:
    before = shown(settings)
    with pytest.raises(ContractBroken, match="the release published before stays"), published_job(settings, "x") as job:
        job.connection.execute("delete from core.repository_day")
    assert shown(settings) == before
    assert rows(settings.published_file)[0][0] > 1000
    write_report(settings, "figures_kept: <gone>")
    page = settings.page_file.read_text(encoding="utf-8")
    assert "what stands below is the release before. figures_kept: &lt;gone&gt;" in page
    with open_warehouse(settings.warehouse_file) as connection:
        assert connection.execute("select outcome from ops.run order by run_id").fetchall()[0] == ("failed",)


# A new warehouse


@pytest.mark.slow
def test_a_damaged_warehouse_is_rebuilt_from_a_release_and_gives_the_same_views(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first = kept_releases(settings.data_folder)[-1].database.parent
    settings.warehouse_file.write_bytes(b"no database" * 1000)
    with pytest.raises(BadInput, match="observatory rollback --rebuild"), open_job(settings, "full"):
        pass
    assert app.run_command(["rollback", "--rebuild"]) == 0
    assert f"A new warehouse holds what {first.name} held" in capsys.readouterr().out
    second = settings.published_folder.resolve()
    assert second != first
    of_runs = {"run_history", "check_results", "source_health", "migrations"}
    for path in (first / "parquet").iterdir():
        if path.stem not in of_runs:
            assert path.read_bytes() == (second / "parquet" / path.name).read_bytes(), path.name
    assert settings.warehouse_file.with_name("warehouse.duckdb.aside").read_bytes().startswith(b"no database")


@pytest.mark.slow
def test_the_process_that_writes_the_page_says_what_it_wrote_or_why_not(published_archive, tmp_path, monkeypatch):
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    with page_writer():
        pass  # a run that was never published asks for nothing
    with page_writer() as write_page, pytest.raises(ContractBroken, match=r"nothing is published at"):
        write_page("")
    assert not (tmp_path / "reports").exists()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "published").symlink_to(published_archive.parent)
    with page_writer() as write_page:
        assert f"{tmp_path}/reports/index.html (" in write_page("figures_kept: <gone – lost>")
    assert "figures_kept: &lt;gone – lost&gt;" in (tmp_path / "reports" / "index.html").read_text("utf-8")
