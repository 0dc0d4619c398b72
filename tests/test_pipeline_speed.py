"""The files that `make bench-pipeline` makes up are of the shape that today's importers read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "benchmarks" / "pipeline_speed.py"


@pytest.mark.slow
@pytest.mark.parametrize("part", ["repository_days", "papers"])
def test_a_part_that_makes_up_its_rows_measures_both_ways(part: str, tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if name != "OBSERVATORY_RAW_DATA"}
    command = [sys.executable, SCRIPT, part, tmp_path, "30000"]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert set(measured) == {"seconds", "peak_mib", "plain_seconds"}
    assert all(value > 0 for value in measured.values())
