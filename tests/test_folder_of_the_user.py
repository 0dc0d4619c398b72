"""What lies in the folder in which a command runs is data at most: none of it is imported, whatever it is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OBSERVATORY = Path(sys.executable).with_name("observatory")
NAMES = ("pipeline", "flows", "prefect", "pip", "json", "random", "pickle", "numpy")
"""The project's own packages, as many projects have them too, others that it needs, and modules of Python's own."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of somebody's whose modules leave a mark when they are imported."""
    project = tmp_path / "project"
    project.mkdir()
    for name in NAMES:
        (project / f"{name}.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'a').write({name!r})\n")
    return project


@pytest.mark.parametrize(
    "words",
    [
        ("scan", ".", "--quiet"),
        pytest.param(("bench", "--quick", "--case", "matmul", "--framework", "jax"), marks=pytest.mark.slow),
        pytest.param(("run", "--offline", "--no-bench"), marks=pytest.mark.slow),
    ],
    ids=lambda words: words[0],
)
def test_nothing_that_lies_where_a_command_runs_is_imported(
    folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    ended = subprocess.run(
        [OBSERVATORY, *words],
        env=environment | {"OBSERVATORY_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=900,
    )
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()
