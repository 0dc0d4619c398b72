"""Scanning in processes: the same rows whatever the number of them, known content left alone, lost workers replaced."""

import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from detector import pdf, rules

from pipeline.detect.files import scan as engine
from pipeline.detect.files.scan import ScanControl, scan
from pipeline.detect.files.scan_units import FileResult, scan_units_of
from pipeline.errors import BadInput

SLOW_PDF = [["We use PyTorch and many other words on every line of this page."] * 40] * 3000


def scanned(path: Path, *, workers: int = 2, seconds: float = 60, known=None) -> list[FileResult]:
    control = ScanControl(look_up=known) if known else ScanControl()
    return list(scan(scan_units_of(path), rules(), control, workers_count=workers, file_seconds=seconds))


def rows(results: list[FileResult]) -> Counter[object]:
    return Counter(
        (item.subject_id, item.path, item.sha256, item.inspection.outcome, item.inspection.detections)
        for item in results
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Paper {number} uses PyTorch.")
    (folder / "paper.pdf").write_bytes(pdf([["We use TensorFlow."]]))
    (folder / "cut.pdf").write_bytes(pdf([["We use TensorFlow."]])[:99])
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr("../out.py", "import torch")
        archive.writestr("a.py", "import jax")
    return folder


@pytest.mark.slow
def test_the_rows_do_not_depend_on_the_number_of_workers(corpus):
    alone, together = scanned(corpus, workers=1), scanned(corpus, workers=3)
    assert rows(alone) == rows(together)
    assert Counter(item.inspection.outcome for item in alone) == {"read": 14, "broken": 1, "refused": 1}


def test_known_content_is_not_read_again(corpus):
    first = {(item.sha256, item.reading): item for item in scanned(corpus)}

    def known(sha256, reading):
        item = first.get((sha256, reading))
        return item and replace(item.inspection, detections=())

    again = scanned(corpus, known=known)
    assert all(item.is_known for item in again if item.inspection.outcome != "refused")
    assert all(item.inspection.detections == () for item in again)
    assert Counter(item.inspection.outcome for item in again) == {"read": 14, "broken": 1, "refused": 1}


def test_a_file_that_takes_too_long_is_listed_and_the_rest_goes_on(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "setup.py").write_text("import torch")
    (folder / "slow.pdf").write_bytes(pdf(SLOW_PDF))
    (folder / "z.py").write_text("import jax")
    outcomes = {item.path: item.inspection.outcome for item in scanned(folder, workers=1, seconds=0.3)}
    assert outcomes == {"setup.py": "read", "slow.pdf": "timed-out", "z.py": "read"}


def test_an_archive_goes_on_behind_a_member_that_takes_too_long(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.py", "import torch")
        archive.writestr("slow.pdf", pdf(SLOW_PDF))
        archive.writestr("z.py", "import jax")
    outcomes = {item.path: item.inspection.outcome for item in scanned(tmp_path / "a.zip", workers=1, seconds=0.3)}
    assert outcomes == {"a.py": "read", "slow.pdf": "timed-out", "z.py": "read"}


def test_a_file_that_ends_its_worker_is_listed_and_the_rest_goes_on(corpus, monkeypatch):
    started: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def recorded(*arguments, **options):
        started.append(original(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(engine.subprocess, "Popen", recorded)

    def fatal(sha256, reading):
        # While the parent is asked about the PDF, the worker that holds it is ended from outside.
        if reading == "pdf" and started[-1].poll() is None and len(started) == 1:
            started[-1].kill()
            started[-1].wait()

    outcomes = Counter(item.inspection.outcome for item in scanned(corpus, workers=1, known=fatal))
    assert outcomes == {"read": 14, "crashed": 1, "refused": 1}
    assert len(started) == 2


def test_a_scan_that_is_left_ends_its_workers(corpus, monkeypatch):
    started: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen
    monkeypatch.setattr(
        engine.subprocess, "Popen", lambda *words, **options: started.append(original(*words, **options)) or started[-1]
    )
    results = scan(scan_units_of(corpus), rules(), ScanControl(), workers_count=2, file_seconds=60)
    next(results)
    results.close()
    assert all(process.wait(timeout=30) is not None for process in started)


def test_a_path_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        scanned(tmp_path / "nowhere")
