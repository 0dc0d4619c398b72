"""The files for a server: a systemd unit and timer, a container, a deployment of the flow."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from fault_server import wait_until

from flows.cli.app import make_app
from flows.params import RefreshParams
from pipeline.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "flows" / "deploy"
OBSERVATORY = Path(sys.executable).with_name("observatory")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd-analyze")
def test_systemd_takes_the_unit_and_the_timer(tmp_path: Path) -> None:
    for name in ("observatory.service", "observatory.timer"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/observatory/bin/observatory", str(OBSERVATORY)))
    files = [tmp_path / "observatory.service", tmp_path / "observatory.timer"]
    checked = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "observatory" not in checked.stderr


def test_every_file_calls_commands_that_exist() -> None:
    unit = (DEPLOY / "observatory.service").read_text(encoding="utf-8")
    (words,) = re.findall(r"^ExecStart=/opt/observatory/bin/observatory (.+)$", unit, re.MULTILINE)
    _, bound, _ = make_app().parse_args(words)
    assert bound.arguments["choices"].scheduled
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert 'CMD ["serve", "--cron", "0 3 * * *"]' in container
    make_app().parse_args(["serve", "--cron", "0 3 * * *"])


@pytest.mark.parametrize(("name", "cluster"), [("nightly", None), ("nightly-on-dask", "tcp://scheduler:8786")])
def test_each_deployment_names_a_flow_with_choices_that_it_has_and_a_schedule(name: str, cluster: str | None) -> None:
    deployments = yaml.safe_load((DEPLOY / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    assert len(deployments) == 2
    (nightly,) = (each for each in deployments if each["name"] == name)
    module, _, flow = nightly["entrypoint"].rpartition(".")
    assert (module, flow) == ("flows.refresh", "refresh")
    choices = RefreshParams(**nightly["parameters"]["params"])
    assert (choices.mode, choices.scheduled, choices.cluster) == ("no benchmarks", True, cluster)
    assert nightly["work_pool"]["name"] == "observatory"
    assert nightly["concurrency_limit"]["limit"] == 1
    from cronsim import CronSim

    (schedule,) = nightly["schedules"]
    assert next(CronSim(schedule["cron"], datetime(2026, 3, 29, tzinfo=UTC))) == datetime(2026, 3, 29, 3, tzinfo=UTC)


def test_the_container_is_built_of_what_it_copies_alone(tmp_path: Path) -> None:
    """Its steps in their order, but for the base, the packages from an index, and the user."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for *sources, target in (line.split()[1:] for line in text.splitlines() if line.startswith("COPY ")):
        place = tmp_path / target.lstrip("/")
        for source in sources:
            if (PROJECT_ROOT / source).is_dir():
                shutil.copytree(PROJECT_ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT_ROOT / source, place)
    assert "pip install --no-cache-dir /src " in text
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", tmp_path / "installed", tmp_path / "src"], check=True, cwd=tmp_path)
    asked = subprocess.run(
        [sys.executable, tmp_path / "installed" / "bin" / "observatory", "doctor"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "OBSERVATORY_HOME": str(tmp_path / "data")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "every one valid" in asked.stdout


def test_a_deployed_run_that_failed_ends_with_what_failed(tmp_path: Path) -> None:
    """In a process of its own, as importing Prefect sets what every later child would inherit."""
    said = "1 of 50 steps failed. paper_code: No Dask scheduler answers at tcp://scheduler:8786."
    script = f"""
import asyncio
from contextlib import nullcontext
from flows import refresh as module
from flows.params import RefreshParams
from prefect.states import Failed, aget_state_exception
module.open_job = lambda *_: nullcontext()
module._refreshed = lambda *_: Failed(message={said!r}, data=module.RefreshReport(run_id="r"))
state = module.refresh.fn(RefreshParams())
print(state.is_failed(), state.message, asyncio.run(aget_state_exception(state)), sep="\\n")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        env={**os.environ, "OBSERVATORY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.splitlines() == ["True", said, said], ended.stderr


@pytest.mark.slow
@pytest.mark.prefect
def test_a_worker_of_a_process_pool_runs_the_deployment_on_a_server_of_ones_own(tmp_path: Path) -> None:
    """The commands of prefect.yaml's first lines; only the run itself is asked to stay offline."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"OBSERVATORY_HOME": str(tmp_path / "home"), "PREFECT_HOME": str(tmp_path / "prefect")}
    environment |= {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    environment |= {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "PREFECT_LOGGING_COLORS": "false"}

    def prefect(*words: str) -> list[str]:
        return [sys.executable, "-m", "prefect", *words]

    def said(*words: str) -> str:
        done = subprocess.run(
            prefect(*words), env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def answers() -> bool:
        with suppress(OSError), urlopen(f"{environment['PREFECT_API_URL']}/health"):
            return True
        return False

    words = prefect("server", "start", "--host", "127.0.0.1", "--port", port)
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
    try:
        wait_until(answers)
        said("work-pool", "create", "observatory", "--type", "process")
        said("--no-prompt", "deploy", "--prefect-file", "flows/deploy/prefect.yaml", "--name", "nightly")
        (schedule,) = json.loads(said("deployment", "schedule", "ls", "refresh/nightly", "-o", "json"))
        assert "0 3 * * *" in json.dumps(schedule)
        offline = json.dumps({"offline": True, "bench": False, "scheduled": True})
        said("deployment", "run", "refresh/nightly", "--param", f"params={offline}")
        said("worker", "start", "--pool", "observatory", "--run-once")
        runs = json.loads(said("flow-run", "ls", "--state-type", "COMPLETED", "-o", "json"))
        assert [run["name"] for run in runs] == ["refresh offline, no benchmarks"]
    finally:
        server.terminate()
        server.wait(60)
    assert (tmp_path / "home" / "reports" / "index.html").stat().st_size > 100_000
