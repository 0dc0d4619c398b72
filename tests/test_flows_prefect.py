"""The refresh under Prefect itself: real servers, real processes, real schedules."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import requests
from fault_server import Answer, FaultServer, wait_until
from sample_source import SampleService

from flows.cli.commands.doctor import prefect_findings
from flows.prefect_server import make_database, password_file
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.connect import open_warehouse

pytestmark = pytest.mark.prefect

TESTS = Path(__file__).parent
OBSERVATORY = Path(sys.executable).with_name("observatory")
JOB = ("run", "--offline", "--no-bench")


@contextmanager
def child(script: str, home: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A script of this folder as a process of its own, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, TESTS / script, *words],
        env=surroundings(home) | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def surroundings(home: Path) -> dict[str, str]:
    return {**os.environ, "OBSERVATORY_HOME": str(home), "PYTHONPATH": f"{PROJECT_ROOT}:{TESTS}"}


def prefect_rows(home: Path, sql: str) -> list[tuple]:
    """What Prefect's own database says; a moment when it is being made or written to has nothing to say."""
    database = home / "data" / "prefect" / "prefect.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def asked_of_prefect(home: Path, address: str, method: str, path: str) -> None:
    """One request about the deployment that is served, as somebody else's program would make it."""
    ((deployment,),) = prefect_rows(home, "select id from deployment")
    password = password_file(Settings(home=home)).read_text().strip()
    basic = {"Authorization": f"Basic {b64encode(password.encode()).decode()}"}
    requests.request(method, f"{address}/deployments/{deployment}{path}", headers=basic, timeout=60).raise_for_status()


def processes_of(home: Path, module: bytes) -> list[int]:
    """Processes of a module of Python whose environment names this home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, variables = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if module in words and f"OBSERVATORY_HOME={home}".encode() in variables.split(b"\0"):
            found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_a_failing_service_makes_the_run_failed_and_the_page_is_still_made_and_says_so(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with (
        FaultServer(lambda asked: Answer(status=503)) as server,
        child(
            "refresh_child.py",
            tmp_path,
            OBSERVATORY_SAMPLE_URL=f"{server.address}/api",
            OBSERVATORY_RETRIES_COUNT="0",
            OBSERVATORY_BAD_HOUR_SECONDS="0.5",
        ) as job,
    ):

        def refreshed(line: str = "") -> dict:
            job.stdin.write(f"{line}\n")
            job.stdin.flush()
            line = job.stdout.readline()
            assert line, job.stderr.read()
            return json.loads(line)

        failed = refreshed()
        assert failed["type"] == "FAILED"
        assert "sample" in failed["message"]
        assert {"sample", "publish", "report"} <= set(failed["steps"])
        page = settings.page_file.read_text(encoding="utf-8")
        assert "503" in page
        assert prefect_rows(tmp_path, "select state_type from flow_run") == [("FAILED",)]

        # In a scheduled run the service is asked once more after its bad hour, and the run is well.
        down = [Answer(status=503)]
        server.respond = lambda asked: down.pop() if down else SampleService.of(2, 5).respond(asked)
        well = refreshed("scheduled")
        assert (well["type"], down) == ("COMPLETED", [])
        assert sorted(well["steps"]) == sorted([*failed["steps"], "paper_code", "raw answers"])
    with duckdb.connect(str(settings.published_file.resolve()), read_only=True) as published:
        outcomes = published.execute("select outcome, failed_sources from run_history order by started_at").fetchall()
        assert outcomes == [("with gaps", 1), ("complete", 0)]
        state = published.execute("select state, records from source_health where source_id = 'sample'").fetchall()
        assert state == [("live", 10)]


@pytest.mark.slow
def test_a_scheduled_run_really_fires_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with child("serve_child.py", tmp_path) as serving:
        assert serving.stdout.readline().startswith("serving "), serving.stderr.read()
        fired = "select count(*) from flow_run where auto_scheduled and state_type = 'COMPLETED'"
        wait_until(lambda: prefect_rows(tmp_path, fired)[0][0] > 0)
        assert Settings(home=tmp_path).page_file.exists()
        at_once = "select count(*) from flow_run where state_type in ('RUNNING', 'PENDING')"
        assert prefect_rows(tmp_path, at_once)[0][0] <= 1
        serving.send_signal(signal.SIGINT)
        serving.wait(300)
        wait_until(lambda: processes_of(tmp_path, b"flows.prefect_child") == [])


@pytest.mark.slow
def test_a_missed_refresh_is_caught_up_with_and_the_schedule_is_kept(tmp_path: Path) -> None:
    settings, began = Settings(home=tmp_path), datetime.now(UTC) - timedelta(days=3)
    with open_job(settings, "offline, no benchmarks") as job:
        job.connection.execute("update ops.run set started_at = ?", [began.replace(tzinfo=None)])
        release(job)
    due = datetime.now(UTC) - timedelta(hours=1)
    with child("serve_child.py", tmp_path, f"{due.minute} {due.hour} {due.day} {due.month} *") as serving:
        is_serving, _, address = serving.stdout.readline().strip().partition(" ")
        assert is_serving == "serving", serving.stderr.read()
        assert serving.stdout.readline() == f"The refresh of {due:%Y-%m-%d %H:%M} UTC was missed; it runs now.\n"

        # The run is killed, and is not shown as running for ever.
        running = "select 1 from flow_run where state_type = 'RUNNING'"
        wait_until(lambda: prefect_rows(tmp_path, running) != [])
        os.kill(processes_of(tmp_path, b"spawn_main")[0], signal.SIGKILL)
        wait_until(lambda: prefect_rows(tmp_path, "select 1 from flow_run where state_type = 'CRASHED'") != [])
        assert prefect_rows(tmp_path, running) == []

        # Somebody pauses the deployment and removes it; each is told and put right, and doctor sees what is so.
        for method, path, word in (("POST", "/pause_deployment", "paused"), ("DELETE", "", "removed")):
            asked_of_prefect(tmp_path, address, method, path)
            assert serving.stdout.readline() == f"The schedule was {word}; it is restored.\n"
            assert prefect_rows(tmp_path, "select paused from deployment") == [(0,)]
            ((schedule, is_active),) = prefect_rows(tmp_path, "select schedule, active from deployment_schedule")
            assert is_active
            assert f"{due.minute} {due.hour} {due.day} {due.month} *" in schedule
        found = {each.subject: each for each in prefect_findings(Settings(home=tmp_path))}
        assert "in use" in found["Prefect's database"].found
        assert found["schedule"].level == "ok"
        assert found["schedule"].found == f"{due.minute} {due.hour} {due.day} {due.month} * (UTC)"

        # It ends when it is asked to, without a word of trouble, also after what was removed.
        serving.send_signal(signal.SIGTERM)
        said, trouble = serving.communicate(timeout=300)
        assert (serving.returncode, said) == (0, "")
        assert [line for line in trouble.splitlines() if "Flow run" not in line] == []


@pytest.mark.slow
def test_a_verdict_that_turned_ends_a_scheduled_run_with_1_and_is_only_told_to_who_looks(tmp_path: Path) -> None:
    lists = tmp_path / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", lists)
    changed = (lists / "events.toml").read_text(encoding="utf-8").replace("2020-12-17", "2021-02-01")

    def ended(*words: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [OBSERVATORY, *JOB, *words],
            env=surroundings(tmp_path) | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    whole_run(tmp_path)
    (lists / "events.toml").write_text(changed, encoding="utf-8")
    code, said = ended("--scheduled", OBSERVATORY_REFERENCE_FOLDER=str(lists))
    assert code == 1, said
    assert "C094 from contradicted to reproduced" in said
    code, said = ended()
    assert code == 0, said
    assert "C094 from reproduced to contradicted" in said


@pytest.mark.slow
def test_a_second_run_is_turned_away_and_the_first_loses_nothing(tmp_path: Path) -> None:
    with open_warehouse(Settings(home=tmp_path).warehouse_file):
        turned_away = subprocess.run(
            [OBSERVATORY, *JOB], env=surroundings(tmp_path), capture_output=True, text=True, check=False
        )
    assert turned_away.returncode == 1
    assert "in use by another run; wait until it has ended" in turned_away.stderr
    assert turned_away.stderr.count("\n") == 1


@pytest.mark.slow
def test_an_empty_prefect_database_can_be_made_beforehand(tmp_path: Path) -> None:
    made = tmp_path / "share" / "prefect.db"
    make_database(made)
    assert list(made.parent.iterdir()) == [made]
    with closing(sqlite3.connect(made)) as connection:
        assert connection.execute("select count(*) from flow_run").fetchall() == [(0,)]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["Preparing", "Loading Kaggle", "Publishing", "Writing the page"])
def test_a_job_killed_at_any_moment_and_run_again_gives_the_same_database(
    moment: str, undisturbed: dict[str, list[tuple]], tmp_path: Path
) -> None:
    killed = subprocess.Popen([OBSERVATORY, *JOB], env=surroundings(tmp_path), stdout=subprocess.DEVNULL)
    logs = tmp_path / "data" / "logs"
    wait_until(lambda: any(moment in path.read_text() for path in logs.glob("*-run.log")))
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    wait_until(lambda: processes_of(tmp_path, b"flows.prefect_child") == [])
    whole_run(tmp_path)
    assert contents(tmp_path) == undisturbed


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """What a run that nobody killed publishes."""
    home = tmp_path_factory.mktemp("undisturbed")
    whole_run(home)
    return contents(home)


def whole_run(home: Path) -> None:
    ended = subprocess.run([OBSERVATORY, *JOB], env=surroundings(home), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def contents(home: Path) -> dict[str, list[tuple]]:
    """Every row of every fact and reference table in the published copy."""
    with duckdb.connect(str(Settings(home=home).published_file.resolve()), read_only=True) as published:
        tables = published.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'ref')"
        ).fetchall()
        return {name: published.execute(f"select * from {name} order by all").fetchall() for (name,) in tables}
