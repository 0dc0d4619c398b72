"""The project as a wheel: installed without its checkout, the command works from any folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT

pytestmark = [pytest.mark.slow, pytest.mark.prefect]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the built wheel, unpacked by pip, without what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    made = subprocess.run(
        [*pip, "--target", folder, PROJECT_ROOT], capture_output=True, text=True, check=False, cwd=folder
    )
    assert made.returncode == 0, made.stderr
    return folder


def ask(installed: Path, empty: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OBSERVATORY_")}
    environment |= {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(empty / "share"), **more}
    command = [sys.executable, installed / "bin" / "observatory", *words]
    return subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, check=False)


def test_a_run_from_an_empty_folder_publishes_the_shipped_figures_in_the_users_data_folder(
    installed: Path, tmp_path: Path
) -> None:
    ended = ask(installed, tmp_path, "run", "--offline", "--no-bench")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    page = tmp_path / "share" / "framework-observatory" / "reports" / "index.html"
    assert str(page) in ended.stdout
    assert page.stat().st_size > 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["share"]
    assert not (installed / "reports").exists()
    counted = ask(installed, tmp_path, "query", "select count(*) as n from adoption", "--format", "csv")
    assert int(counted.stdout.split()[1]) > 1000, counted.stderr


def test_the_lists_the_figures_and_the_bounds_of_the_wheel_are_sound(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ended = ask(installed, tmp_path, "doctor", OBSERVATORY_HOME=str(home))
    assert "every one valid" in ended.stdout, ended.stderr
    assert "all within the bounds" in ended.stdout
    assert sorted(path.name for path in (installed / "pipeline" / "shipped").iterdir()) == ["archive", "reference"]
    listed = {path.relative_to(PROJECT_ROOT / "data") for path in (PROJECT_ROOT / "data" / "reference").rglob("*.*")}
    assert all((installed / "pipeline" / "shipped" / path).exists() for path in listed)
