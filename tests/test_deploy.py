"""The files for a server: a systemd unit and timer, a container, a deployment of the flow."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

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
    assert "ExecStart=/opt/observatory/bin/observatory run --quiet\n" in unit
    make_app().parse_args(["run", "--quiet"])
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
