"""A survey file of its real size is read in little memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT

SIZE_BYTES = 160_000_000
LIMIT_BYTES = 500_000_000

# Reads one edition as the source does, and tells the rows and the most memory that the process ever had.
READING = """
import json, sys
from pathlib import Path
sys.path.insert(0, "tests")
from sample_source import page_of
from pipeline.fetch.page import Page, Request
from pipeline.sources.stackoverflow_survey import SOURCE
request = Request(url="https://github.com/", is_large=True, about=(("year", "2023"),))
page = Page(provenance=page_of(b"", request).provenance, content=Path(sys.argv[1]))
rows = [(row.respondent_group, row.option_label, row.respondents_count) for row in SOURCE.parse(page)]
# Not getrusage: what it tells begins with the most that the starting process ever had.
told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps({"rows": rows, "peak": int(told["VmHWM"].split()[0]) * 1024}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak memory")
def test_160_megabytes_of_answers_take_less_than_500_megabytes_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    answer = ",".join(["I am a developer by profession", "NumPy;TensorFlow", '"' + "words;" * 300 + '"']) + "\n"
    written = 0
    with file.open("w", encoding="utf-8") as output:
        output.write("MainBranch,MiscTechHaveWorkedWith,Other\n")
        while output.tell() < SIZE_BYTES:
            output.write(answer * 1000)
            written += 1000
    told = subprocess.run(
        [sys.executable, "-c", READING, str(file)], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(told.stdout)
    assert [tuple(row) for row in found["rows"]] == [
        ("all respondents", "TensorFlow", written),
        ("professional developers", "TensorFlow", written),
    ]
    assert found["peak"] < LIMIT_BYTES
