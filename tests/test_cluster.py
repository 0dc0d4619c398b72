"""Scanning on a Dask cluster: a real one on this machine, and what is said where the extra is not installed."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from detector import pdf
from fault_server import FaultServer
from test_cli import assert_told, run
from test_paper_code import host as archives

CHILD = Path(__file__).with_name("dask_child.py")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "code").mkdir(parents=True)
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"Paper {number} uses {('PyTorch', 'JAX')[number % 2]}.")
    (folder / "paper.pdf").write_bytes(pdf([["We use TensorFlow."]]))
    (folder / "cut.pdf").write_bytes(b"%PDF-1.4 and no more")
    (folder / "code" / "setup.py").write_text("import keras\n")
    return folder


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a cluster whose processes know the project as this one does."""
    if find_spec("prefect_dask") is None:
        pytest.skip("install the cluster extra to scan on a Dask cluster")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        address = child.stdout.readline().strip()
        assert address.startswith("tcp://"), "the cluster did not start"
        yield address
        child.stdin.close()
        child.wait(timeout=60)


def rows(corpus: Path, home: Path, *options: str) -> list[dict[str, str]]:
    ended = run("scan", str(corpus), "--format", "csv", *options, home=home)
    assert ended.returncode == 0, ended.stderr
    return list(csv.DictReader(StringIO(ended.stdout)))


@pytest.mark.slow
def test_a_cluster_gives_the_rows_of_one_process(corpus, cluster, tmp_path):
    alone = rows(corpus, tmp_path / "alone", "--workers", "1")
    home = tmp_path / "cluster"
    assert len(alone) == 42
    assert rows(corpus, home, "--cluster", cluster) == alone
    assert rows(corpus, home, "--cluster", cluster) == alone
    outcomes = run("query", "select outcome, count(*) from scanned_files group by all order by all", home=home)
    assert "broken" in outcomes.stdout


@pytest.mark.slow
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_a_scheduler_that_does_not_answer_is_one_sentence(corpus, tmp_path, address):
    if find_spec("prefect_dask") is None:
        pytest.skip("install the cluster extra to scan on a Dask cluster")
    told = run("scan", str(corpus), "--quiet", "--cluster", address, home=tmp_path)
    assert told.returncode == 2
    assert f"No Dask scheduler answers at {address}" in told.stderr


def test_without_the_extra_its_name_is_told(corpus, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text('import sys\nsys.modules["prefect_dask"] = None  # as if not installed\n')
    words = ("scan", str(corpus), "--cluster", "tcp://127.0.0.1:8786")
    path = os.pathsep.join((str(hidden), os.environ.get("PYTHONPATH", "")))
    told = run(*words, home=tmp_path, env={"PYTHONPATH": path})
    assert_told(told, 2, "framework-observatory[cluster]")


@pytest.mark.slow
def test_a_night_of_paper_code_on_a_cluster_gives_the_rows_of_one_process(cluster, tmp_path):
    def night(name: str, scheduler: str) -> tuple[list[str], list[list[list[str | None]]]]:
        script = Path(__file__).with_name("cluster_night_child.py")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        words = [sys.executable, str(script), str(tmp_path / name), host.address, scheduler]
        ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    with FaultServer(archives) as host:
        found = night("cluster", cluster)
        assert found == night("alone", "")
        (unreachable,), ((), ()) = night("nowhere", "tcp://127.0.0.1:9")
    failures, (repositories, labels) = found
    assert failures == []
    assert {row[0]: row[1] for row in repositories} == {
        "a/torch": "with code",
        "a/flow": "with code",
        "a/plain": "with code",
        "a/gone": "not obtained",
    }
    assert ["a/torch", "own", "pytorch", "train.py", "line 3"] in labels
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in unreachable
