"""The steps of the refresh and what surrounds them, as plain functions: no Prefect is started here."""

import dataclasses
import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from fault_server import Answer, FaultServer
from sample_source import FIRST_DAY, SAMPLE, SampleService

from flows.cli import app
from flows.cli.commands.doctor import prefect_findings
from flows.params import RefreshParams
from flows.prefect_server import ensure_database, prefect_environment
from pipeline.archive import manifest
from pipeline.archive.manifest import archived_records
from pipeline.errors import BadArchive, BadInput, Busy, Transient
from pipeline.fetch.addresses import Key
from pipeline.jobs import collect
from pipeline.jobs.collect import archived_sources, load_archived
from pipeline.jobs.context import JobContext, open_job
from pipeline.jobs.doctor import examine
from pipeline.jobs.publish import check, release
from pipeline.jobs.releases import write_report
from pipeline.jobs.run_log import kept_log
from pipeline.jobs.sources import COLUMNS, rows_of_archive, rows_of_health
from pipeline.log import logger
from pipeline.settings import Settings
from pipeline.sources.source import months

OFFLINE = "offline, no benchmarks"
SERVICE = dataclasses.replace(SAMPLE, windows=lambda _: months(FIRST_DAY, date(2025, 10, 1)))


class OwnArchive(Settings):
    """Settings whose shipped figures lie in the home, where a test may damage them."""

    @property
    def archive_folder(self) -> Path:
        return self.home / "archive"


@pytest.fixture
def settings(prepared_home: Path) -> Settings:
    return Settings(home=prepared_home)


@pytest.fixture
def own_archive(prepared_home: Path) -> Settings:
    shutil.copytree(Settings().archive_folder, prepared_home / "archive")
    return OwnArchive(home=prepared_home)


def rows(job: JobContext, sql: str) -> list[tuple]:
    return job.connection.execute(sql).fetchall()


def load_all(job: JobContext) -> list[str]:
    return [load_archived(job, source) for source in archived_sources(job.settings)]


# The shipped figures


@pytest.mark.slow
def test_every_shipped_source_is_loaded_recorded_and_the_same_the_second_time(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_job(settings, OFFLINE) as job:
        assert load_all(job)
        shipped = {(each.source_id, sum(f.rows_count for f in each.file)) for each in archived_sources(settings)}
        recorded = rows(job, "select source_id, records_count from ops.source_run where state = 'archived'")
        assert set(recorded) == shipped
    with open_job(settings, OFFLINE) as job:
        assert all(sentence.endswith(", 0 of them new or changed") for sentence in load_all(job))


def test_an_unchanged_source_is_not_read_again_until_its_rows_its_files_or_the_program_change(
    own_archive: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = next(each for each in archived_sources(own_archive) if each.source_id == "mlperf_training")
    read: list[str] = []

    def counted(*arguments: object) -> Iterator[object]:
        read.append("read")
        return archived_records(*arguments)

    monkeypatch.setattr(collect, "archived_records", counted)
    with open_job(own_archive, OFFLINE) as job:
        loaded = load_archived(job, source)
        before = rows(job, "select * from core.competition_entry order by all")
    assert ", 0 of them new" not in loaded
    assert before
    read.clear()
    with open_job(own_archive, OFFLINE) as job:
        again = load_archived(job, source)
        assert (read, again) == ([], f"{loaded.rpartition(',')[0]}, 0 of them new or changed")
        assert rows(job, "select * from core.competition_entry order by all") == before
        recorded = f"select state, records_count from ops.source_run where run_id = '{job.run_id}'"
        assert rows(job, recorded) == [("archived", sum(file.rows_count for file in source.file))]
        job.connection.execute("update core.competition_entry set entries_count = entries_count + 1")
        load_archived(job, source)
        assert (read, rows(job, "select * from core.competition_entry order by all")) == (["read"], before)
        renamed = source.model_copy(update={"title": "Another title"})
        load_archived(job, renamed)
        assert rows(job, "select title from ref.source where source_id = 'mlperf_training'") == [("Another title",)]
        monkeypatch.setattr(manifest, "_program", lambda: b"another")
        load_archived(job, renamed)
        load_archived(job, renamed)
    assert len(read) == 3


def test_a_damaged_source_fails_alone_keeps_its_rows_and_is_recorded_with_a_remedy(own_archive: Settings) -> None:
    some = [each for each in archived_sources(own_archive) if each.source_id.startswith(("mlperf", "npm"))]
    with open_job(own_archive, OFFLINE) as job:
        for source in some:
            load_archived(job, source)
        before = rows(job, "select * from core.competition_entry order by all")
    assert before
    file = next(own_archive.archive_folder.glob("mlperf_training.csv"))
    file.write_text(file.read_text().replace(",", ";", 1))
    with open_job(own_archive, OFFLINE) as job:
        for source in some:
            if source.source_id == "mlperf_training":
                with pytest.raises(BadArchive, match="does not match its checksum"):
                    load_archived(job, source)
            else:
                load_archived(job, source)
        assert rows(job, "select * from core.competition_entry order by all") == before
        failed = rows(
            job,
            f"select source_id, message, remedy from ops.source_run where run_id = '{job.run_id}' and state = 'failed'",
        )
        assert [source_id for source_id, _, _ in failed] == ["mlperf_training"]
        assert file.name in failed[0][1]
        assert "git" in failed[0][2]


def test_a_missing_manifest_is_one_clear_error(own_archive: Settings) -> None:
    (own_archive.archive_folder / "manifest.toml").unlink()
    with pytest.raises(BadArchive, match=r"manifest\.toml is missing; restore it from git"):
        archived_sources(own_archive)


# One run at a time


def test_a_second_run_is_told_that_the_warehouse_is_in_use(settings: Settings, run_elsewhere) -> None:
    with open_job(settings, OFFLINE):
        error = run_elsewhere(settings.home)
    assert "Busy" in error
    assert "in use by another run; wait until it has ended" in error


@pytest.fixture
def run_elsewhere():
    """Opens the warehouse from another process, as a second command would, and returns what that process says."""

    def run(home: Path) -> str:
        words = "from pipeline.jobs.context import open_job\nfrom pipeline.settings import Settings\n"
        words += "with open_job(Settings(), 'full'): pass"
        environment = {**os.environ, "OBSERVATORY_HOME": str(home)}
        return subprocess.run(
            [sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=False
        ).stderr

    return run


# Checks, publishing, page


@pytest.mark.slow
def test_checks_close_the_run_and_publishing_makes_what_the_page_reads(settings: Settings) -> None:
    with open_job(settings, OFFLINE) as job:
        load_all(job)
        check(job)
        job.failures.extend(["one: failed", "two: failed"])
        assert "published in" in release(job)
        write_report(settings)
    assert settings.page_file.stat().st_size > 100_000
    assert settings.published_file.exists()
    health = list(rows_of_health(settings.published_file))
    assert {row[1] for row in health} == {"archived"}
    assert all(len(row) == len(COLUMNS) for row in health)
    assert {row[0] for row in health} == {row[0] for row in rows_of_archive(settings.archive_folder)}


# Services


@pytest.fixture
def service() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def live_settings(home: Path, server: FaultServer) -> Settings:
    return Settings(home=home, source_urls={"sample": server.address + "/api"}, retries_count=0, read_seconds=1)


def test_a_service_that_answers_is_recorded_as_live_with_its_rows(prepared_home: Path, service: FaultServer) -> None:
    service.respond = SampleService.of(3, 20).respond
    with open_job(live_settings(prepared_home, service), "full") as job:
        collection = collect.open_collection(job, (SERVICE,))
        assert collection.is_online
        collect.collect_source(job, collection, SERVICE)
        assert rows(job, "select source_id, state, records_count from ops.source_run") == [("sample", "live", 60)]
        assert rows(job, "select count(*) from core.repository_day where source_id = 'sample'") == [(60,)]
        assert rows(job, "select state from source_health where source_id = 'sample'") == [("live",)]


def test_a_service_that_is_down_fails_and_what_it_gave_before_stays(prepared_home: Path, service: FaultServer) -> None:
    settings = live_settings(prepared_home, service)
    service.respond = SampleService.of(3, 20).respond
    with open_job(settings, "full") as job:
        collect.collect_source(job, collect.open_collection(job, (SERVICE,)), SERVICE)
    service.respond = lambda asked: Answer(status=503)
    one_month_on = dataclasses.replace(SERVICE, windows=lambda _: months(FIRST_DAY, date(2025, 11, 1)))
    with open_job(settings, "full") as job:
        with pytest.raises(Transient):
            collect.collect_source(job, collect.open_collection(job, (one_month_on,)), one_month_on)
        state, message = rows(job, f"select state, message from ops.source_run where run_id = '{job.run_id}'")[0]
        assert (state, "503" in message) == ("failed", True)
        assert rows(job, "select count(*) from core.repository_day where source_id = 'sample'") == [(60,)]


def test_without_a_network_a_service_is_neither_asked_nor_failed(prepared_home: Path) -> None:
    with open_job(Settings(home=prepared_home), "full") as job:
        collection = collect.open_collection(job, (SERVICE,))
        assert not collection.is_online
        assert "No network" in collect.collect_source(job, collection, SERVICE)
        assert rows(job, "select source_id, state, remedy from ops.source_run") == [
            ("sample", "not asked", "Run again with a network.")
        ]


def test_what_could_not_be_asked_is_said_once_and_is_no_failure(prepared_home: Path, service: FaultServer) -> None:
    keyed = dataclasses.replace(SERVICE, key=Key(setting="github_token", is_required=True))
    with open_job(Settings(home=prepared_home), "full") as job:
        assert collect.remarks(collect.open_collection(job, (SERVICE,))) == [
            "No service can be reached from here: going on offline, with the archived figures."
        ]
    settings = live_settings(prepared_home, service).model_copy(update={"github_token": None})
    with open_job(settings, "full") as job:
        collection = collect.open_collection(job, (keyed,))
        assert collect.remarks(collection) == [
            "Not asked for want of a key: OBSERVATORY_GITHUB_TOKEN can be set in the environment."
        ]
        assert "needs a key" in collect.collect_source(job, collection, keyed)
        assert rows(job, "select state from ops.source_run") == [("not asked",)]


@pytest.mark.slow
def test_a_source_that_fell_behind_and_a_verdict_that_turned_are_told_though_nothing_failed(
    prepared_home: Path, service: FaultServer
) -> None:
    service.respond = SampleService.of(3, 20).respond
    with open_job(live_settings(prepared_home, service), "full") as job:
        collect.collect_source(job, collect.open_collection(job, (SERVICE,)), SERVICE)
        release(job)
        assert job.alerts == []
        job.connection.execute("update ops.run set started_at = started_at - interval 400 days")
    with FaultServer(lambda _: Answer(body=b"ok")) as webhook:
        settings = Settings(home=prepared_home, source_urls={"webhook": webhook.address})
        with kept_log(settings), open_job(settings, "full") as job:
            collect.collect_source(job, collect.open_collection(job, (SERVICE,)), SERVICE)
            job.connection.execute("update ref.event set happened_on = '2021-02-01' where event_id = 'tensorflow-2.4'")
            release(job)
    behind, turned = job.alerts
    assert behind == "Behind, and not to be asked now: sample; `observatory sources` says why."
    assert "C094 from contradicted to reproduced" in turned
    assert "`observatory claims C094` shows why." in turned
    (asked,) = webhook.asked
    assert json.loads(asked.body)["text"] == f"{behind}\n{turned}"
    assert all(sentence in max(settings.log_folder.glob("*-run.log")).read_text() for sentence in job.alerts)
    assert job.failures == []
    with open_job(Settings(home=prepared_home), "offline") as job:
        release(job)
        assert "sample" not in str(job.alerts)


def test_the_day_a_service_was_added_is_kept(prepared_home: Path) -> None:
    with open_job(Settings(home=prepared_home), "full") as job:
        collect.open_collection(job, (SERVICE,))
        job.connection.execute("update ref.source set as_of = '2025-05-01' where source_id = 'sample'")
        collect.open_collection(job, (SERVICE,))
        assert str(rows(job, "select as_of from ref.source where source_id = 'sample'")[0][0]) == "2025-05-01"


# Choices


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({}, "full"),
        ({"offline": True}, "offline"),
        ({"offline": True, "quick": True, "bench": False}, "offline, quick, no benchmarks"),
    ],
)
def test_a_run_is_recorded_under_its_choices(choices: dict[str, bool], words: str) -> None:
    assert RefreshParams(**choices).mode == words


# Prefect's surroundings


def test_prefect_writes_below_the_home_and_asks_nobody(settings: Settings) -> None:
    set_for_prefect = prefect_environment(settings, {})
    assert set_for_prefect["PREFECT_HOME"] == str(settings.home / "data" / "prefect")
    assert set_for_prefect["DO_NOT_TRACK"] == "1"
    assert set_for_prefect["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert set_for_prefect["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] == "120"


def test_what_the_user_set_for_prefect_stays(settings: Settings) -> None:
    own = {"PREFECT_HOME": "/elsewhere", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    assert not own.keys() & prefect_environment(settings, own).keys()


def prefect_database(home: Path, *states: str) -> None:
    """Prefect's table of runs with runs in these states."""
    (home / "prefect.db").unlink(missing_ok=True)
    with closing(sqlite3.connect(home / "prefect.db")) as connection:
        connection.execute("create table flow_run (state_type text)")
        connection.executemany("insert into flow_run values (?)", [(state,) for state in states])
        connection.commit()


def test_a_prefect_database_that_is_broken_has_grown_or_holds_killed_runs_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template, database = tmp_path / "template.db", tmp_path / "prefect.db"
    template.write_bytes(b"")
    ensure_database(tmp_path, template)
    for garbage in (b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000):
        database.write_bytes(garbage)
        (tmp_path / "prefect.db-wal").write_bytes(garbage)
        ensure_database(tmp_path, template)
        assert database.read_bytes() == b""
        assert not (tmp_path / "prefect.db-wal").exists()
    prefect_database(tmp_path, "COMPLETED", "RUNNING")
    with closing(sqlite3.connect(database)) as server:
        server.execute("pragma journal_mode = wal")
        assert server.execute("select count(*) from flow_run").fetchall() == [(2,)]
        ensure_database(tmp_path, template)  # a server has it open: its runs may be alive
        assert server.execute("select count(*) from flow_run").fetchall() == [(2,)]
    ensure_database(tmp_path, template)
    assert database.read_bytes() == b""
    prefect_database(tmp_path, "COMPLETED")
    monkeypatch.setattr("flows.prefect_server._MOST_BYTES", 100)
    ensure_database(tmp_path, template)
    assert database.read_bytes() == b""


def test_a_full_disk_is_named_before_prefect_meets_it(tmp_path: Path) -> None:
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    small = f'mount -t tmpfs -o size=2m tmpfs {tmp_path} && exec "$@"'
    if not shutil.which("unshare") or subprocess.run([*alone, small, "sh", "true"], check=False).returncode:
        pytest.skip("this system gives no small disk of its own")
    words = ("run", "--offline", "--no-bench")
    ended = subprocess.run(
        [*alone, small, "sh", Path(sys.executable).with_name("observatory"), *words],
        env={**os.environ, "OBSERVATORY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "No space left on device" in ended.stderr
    assert "set OBSERVATORY_HOME" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_empty_prefect_database_is_copied_once_and_then_left_alone(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    template.write_bytes(b"empty")
    home = tmp_path / "home"
    ensure_database(home, template)
    assert (home / "prefect.db").read_bytes() == b"empty"
    prefect_database(home, "COMPLETED")
    with_runs = (home / "prefect.db").read_bytes()
    ensure_database(home, template)
    assert (home / "prefect.db").read_bytes() == with_runs
    assert [path.name for path in home.iterdir()] == ["prefect.db"]


def test_a_prefect_home_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    template.write_bytes(b"empty")
    with pytest.raises(BadInput, match=r"cannot be written .* set OBSERVATORY_HOME"):
        ensure_database(template / "below", template)


# Log


def test_the_log_of_a_run_holds_its_lines_and_tracebacks_and_twenty_are_kept(settings: Settings) -> None:
    settings.log_folder.mkdir(parents=True)
    for number in range(30):
        (settings.log_folder / f"20200101T0000{number:02}Z-run.log").touch()
    with kept_log(settings):
        logger("refresh").error("sample failed", exc_info=Transient("down"))
    kept = sorted(settings.log_folder.glob("*-run.log"))
    assert len(kept) == 20
    assert "sample failed\npipeline.errors.Transient: down" in kept[-1].read_text()


# Errors at the terminal


def told(error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code and the standard error of a command that ends with this error."""

    def fail(words: list[str]) -> None:
        raise error

    monkeypatch.setattr(app, "make_app", lambda: fail)
    code = app.run_command(["run"])
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Busy("in use."), 1, "in use."),
        (BadInput("no such thing [bold]as this[/bold]."), 2, "no such thing [bold]as this[/bold]."),
        (BadInput("two\nlines"), 2, "two lines"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/data"), 2, "/x/data: no space is left"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/data"), 2, "/x/data cannot be written"),
        (OSError(errno.EROFS, "Read-only file system", "/x/data"), 2, "set OBSERVATORY_HOME"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x/data"), 2, "/x/data is missing"),
        (OSError(errno.EISDIR, "Is a directory", "/x/.unfinished", None, "/x/a.csv"), 2, "/x/a.csv cannot be written"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (RuntimeError("Query interrupted"), 130, "Interrupted"),
    ],
)
def test_every_foreseen_error_is_one_sentence_and_its_code(
    error: Exception, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, sentence = told(error, capsys, monkeypatch)
    assert ended == code
    assert words in sentence
    assert sentence.count("\n") == 1


def test_an_unforeseen_error_names_the_log_that_holds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path))
    ended, sentence = told(ZeroDivisionError("oh"), capsys, monkeypatch)
    log = next((tmp_path / "data" / "logs").iterdir())
    assert ended == 70
    assert str(log) in sentence
    assert "Traceback" not in sentence
    assert "ZeroDivisionError: oh" in log.read_text()


def test_an_unforeseen_error_is_kept_elsewhere_where_the_home_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path / "file"))
    ended, sentence = told(ZeroDivisionError("oh"), capsys, monkeypatch)
    log = Path(sentence.split("; ")[1].split(" holds")[0])
    assert ended == 70
    assert "ZeroDivisionError: oh" in log.read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETRIES_COUNT", "many"),
        ("READ_SECONDS", "nan"),
        ("BAD_HOUR_SECONDS", "inf"),
        ("BACKOFF_SECONDS", "1e300"),
        ("RAW_ANSWERS_DAYS", "9" * 12),
        ("ACCEPT_CHANGES", "perhaps"),
        ("KAGGLE_FOLDER", __file__),
        ("REFERENCE_FOLDER", __file__),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"OBSERVATORY_{name}", value)
    assert app.run_command(["sources"]) == 2
    said = capsys.readouterr().err
    assert f"The setting OBSERVATORY_{name} is wrong: " in said
    assert "Value error" not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("home", "word"), [("what?", "?"), ("a\\b", "\\"), ("no\udcff text", "UTF-8"), ("two\nlines", "readable")]
)
def test_a_home_that_no_database_can_lie_in_is_refused_with_the_reason(
    home: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", f"{tmp_path}/{home}")
    for command in ("sources", "run"):
        assert app.run_command([command]) == 2
        said = capsys.readouterr().err
        assert "OBSERVATORY_HOME" in said
        assert word in said


def test_an_empty_home_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSERVATORY_HOME", raising=False)
    usual = Settings().home
    monkeypatch.setenv("OBSERVATORY_HOME", "")
    assert Settings().home == usual


# Doctor


def test_doctor_finds_a_sound_project_and_what_a_first_run_is_for(tmp_path: Path) -> None:
    findings = {finding.subject: finding for finding in examine(Settings(home=tmp_path))}
    assert findings["packages"].level == "ok"
    assert findings["archive"].level == "ok"
    assert findings["folder"].level == "ok"
    assert findings["published"].remedy == "Run `observatory run`."


def test_doctor_sees_a_damaged_archive_and_a_home_that_cannot_be_written(own_archive: Settings) -> None:
    file = next(own_archive.archive_folder.glob("mlperf_training.csv"))
    file.write_bytes(file.read_bytes()[:-10])
    (own_archive.home / "reports").write_text("a file where the folder should be")
    failed = {finding.subject: finding for finding in examine(own_archive) if finding.level == "fail"}
    assert failed.keys() == {"archive", "folder"}
    assert all(finding.remedy for finding in failed.values())


def test_doctor_names_a_setting_that_is_none_and_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in os.environ if each.startswith("OBSERVATORY_")]:  # of these tests
        monkeypatch.delenv(name)
    for name in ("GITHUB_TOKN", "ARXVI_URL", "GITHUB_TOKEN", "ARXIV_URL", "WEBHOOK_URL"):
        monkeypatch.setenv(f"OBSERVATORY_{name}", "http://127.0.0.1")
    found = {each.found.split()[0]: each for each in examine(Settings(home=tmp_path)) if each.subject == "settings"}
    assert {"OBSERVATORY_GITHUB_TOKN", "OBSERVATORY_ARXVI_URL"} == found.keys()
    assert "OBSERVATORY_GITHUB_TOKEN" in found["OBSERVATORY_GITHUB_TOKN"].remedy
    assert "OBSERVATORY_ARXIV_URL" in found["OBSERVATORY_ARXVI_URL"].remedy
    assert {each.level for each in found.values()} == {"warn"}


@pytest.mark.parametrize(("free_bytes", "level"), [(199_999_999, "fail"), (900_000_000, "warn"), (2 << 30, "ok")])
def test_doctor_looks_at_the_room_on_the_disk(
    free_bytes: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free_bytes)
    monkeypatch.setattr("pipeline.jobs.doctor.shutil.disk_usage", lambda folder: usage)
    (found,) = (each for each in examine(Settings(home=tmp_path / "new")) if each.subject == "disk")
    assert (found.level, bool(found.remedy)) == (level, level != "ok")


def test_doctor_looks_at_prefects_database(tmp_path: Path) -> None:
    settings, folder = Settings(home=tmp_path), tmp_path / "data" / "prefect"

    def found() -> str:
        return {finding.subject: finding.found for finding in prefect_findings(settings)}["Prefect's database"]

    assert "the next run makes it anew" in found()
    folder.mkdir(parents=True)
    prefect_database(folder, "COMPLETED")
    assert found() == "sound"
    prefect_database(folder, "RUNNING")
    assert "left by a run that was killed; the next run makes it anew" in found()
    (folder / "prefect.db").write_bytes(b"garbage" * 1000)
    assert "broken" in found()
    assert (folder / "prefect.db").read_bytes() == b"garbage" * 1000


@pytest.mark.slow
def test_doctor_sees_a_damaged_warehouse_and_one_that_a_run_holds(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    def found() -> tuple[str, str]:
        (finding,) = (each for each in examine(settings) if each.subject == "warehouse")
        return finding.level, finding.found

    assert found()[0] == "ok"
    assert not settings.warehouse_file.exists()
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, settings.warehouse_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        assert found()[0] == "warn"
        assert "in use by another run" in found()[1]
        run.stdin.close()
    settings.warehouse_file.write_bytes(b"no database" * 1000)
    assert found()[0] == "fail"
    assert "rollback --rebuild" in found()[1]


# Queries


def test_json_and_csv_answers_are_whole(archive_home, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("OBSERVATORY_HOME", str(archive_home.parent))
    assert (
        app.run_command(["query", "select source_id, records from source_health order by 1", "--format", "json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert {each["source_id"] for each in found} == {row[0] for row in rows_of_archive(Settings().archive_folder)}
    assert app.run_command(["query", "select 1 as a, null as b", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "a,b\n1,\n"
    assert app.run_command(["query", "select count(*) as rows from adoption"]) == 0
    assert "rows" in capsys.readouterr().out


def test_a_run_imports_no_statistics_that_only_benchmarks_need(settings: Settings) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, flows.refresh; print(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"OBSERVATORY_HOME": str(settings.home)},
    )
    assert not {name.partition(".")[0] for name in told.stdout.split()} & {"scipy", "statsmodels"}
