"""The memory of the process that directs a scan: that of the largest batch, whatever the number of files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("scan_child.py")
FEW, MANY = 2000, 20_000
GROWTH_MEBIBYTES = 40
"""What ten times the files may add: pages that the warehouse keeps, up to a limit, and what a checkpoint takes."""


def peak_of(folder: Path, files_count: int, home: Path) -> int:
    folder.mkdir()
    for number in range(files_count):
        name = ("PyTorch", "JAX", "Theano", "Keras")[number % 4]
        (folder / f"{number}.txt").write_text(f"Paper {number}. We train our network {number} with {name}.\n" * 8)
    ended = subprocess.run(
        [sys.executable, str(CHILD), str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OBSERVATORY_HOME": str(home)},
    )
    count, peak = ended.stdout.split()
    assert int(count) == files_count
    return int(peak)


@pytest.mark.slow
def test_the_memory_of_a_scan_does_not_grow_with_the_corpus(tmp_path):
    few = peak_of(tmp_path / "few", FEW, tmp_path / "home-of-few")
    many = peak_of(tmp_path / "many", MANY, tmp_path / "home-of-many")
    assert many < few + GROWTH_MEBIBYTES
