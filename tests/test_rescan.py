"""Scanning again: what did not change is not opened, what did is; a scan that was stopped goes on where it ended."""

import os
import re
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest
from detector import pdf, rules
from test_cli import run

from pipeline.detect.files import scan_units
from pipeline.jobs.scan import ScanSummary, ScanTerms, local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings

FILES = 4000


def scan_again(warehouse, folder: Path, *, seconds=60, scanner=None, **terms) -> ScanSummary:
    what = WhatToScan(paths=(folder,))
    scanner = scanner or local_scanner(1, seconds)
    return scan_into(warehouse, lambda: what.units(Settings()), [rules()], scanner, ScanTerms(**terms))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "code" / "src").mkdir(parents=True)
    (folder / "code" / "setup.py").write_text("import torch\n")
    (folder / "code" / "src" / "a.py").write_text("import jax\n")
    (folder / "code" / "empty.py").touch()
    (folder / "code" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "paper.pdf").write_bytes(pdf([["We use PyTorch."]]))
    with zipfile.ZipFile(folder / "sources.zip", "w") as archive:
        archive.writestr("a/README.md", "We use Keras.")
        archive.writestr("a/b.py", "import mxnet")
    return folder


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """The files that are given to workers, as the scan goes."""
    given: list[str] = []
    original = scan_units.without_unchanged

    def noted(unit, held):
        known, rest = original(unit, held)
        if rest:
            given.extend(file.path for file in rest.members or ()) if rest.members else given.append(rest.source.name)
        return known, rest

    monkeypatch.setattr("pipeline.detect.files.scan.without_unchanged", noted)
    return given


def evidence(warehouse):
    return warehouse.execute(
        "select subject_id, path, framework from evidence where tier <> 'own' order by all"
    ).fetchall()


def test_what_did_not_change_is_not_opened(warehouse, corpus, opened):
    first = scan_again(warehouse, corpus)
    found = evidence(warehouse)
    assert sorted(opened) == ["empty.py", "paper.pdf", "picture.png", "setup.py", "sources.zip", "src/a.py"]
    opened.clear()
    again = scan_again(warehouse, corpus)
    assert (opened, again.outcomes, evidence(warehouse)) == ([], first.outcomes, found)
    assert again.known_count == again.files_count, "the picture is neither text nor code, and is told apart"
    assert scan_again(warehouse, corpus, rehash=True).outcomes == first.outcomes
    assert len(opened) == 6


def test_a_change_that_leaves_size_and_time_is_seen(warehouse, corpus, opened):
    scan_again(warehouse, corpus)
    opened.clear()
    path = corpus / "code" / "src" / "a.py"
    before = path.stat()
    path.write_text("import abc\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    scan_again(warehouse, corpus)
    assert opened == ["src/a.py"]
    assert ("corpus/code", "src/a.py", "jax") not in evidence(warehouse)


def test_evidence_is_the_newest_sight_and_the_days_before_stay(warehouse, corpus):
    scan_again(warehouse, corpus, observed_on=date(2024, 1, 1))
    found = evidence(warehouse)
    scan_again(warehouse, corpus, observed_on=date(2024, 1, 2))
    assert evidence(warehouse) == found
    (corpus / "code" / "src" / "a.py").unlink()
    sleep(1.1)  # scans are told apart by the second
    scan_again(warehouse, corpus, observed_on=date(2024, 1, 2))
    assert evidence(warehouse) == [row for row in found if row[1] != "src/a.py"]
    history = "select count(*), count(*) filter (where is_newest) from evidence_history where tier <> 'own'"
    assert warehouse.execute(history).fetchall() == [(2 * len(found), len(found) - 1)]


def test_an_archive_of_which_the_end_was_not_seen_is_read_again(warehouse, corpus, opened):
    scan_again(warehouse, corpus)
    opened.clear()
    warehouse.execute("delete from core.scanned_file where path = 'a/b.py'")
    scan_again(warehouse, corpus)
    assert opened == ["sources.zip"]


def test_a_scan_that_is_stopped_keeps_what_it_has_and_goes_on(warehouse, tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"Paper {number} uses PyTorch.")
    (folder / "99.pdf").write_bytes(pdf([["We use PyTorch on every line of this page."] * 40] * 3000))
    stop = threading.Event()

    def stopped_after_five(*told):
        for count, result in enumerate(local_scanner(1, 60)(*told), start=1):
            if count == 5:
                stop.set()
            yield result

    started = monotonic()
    stopped = scan_again(warehouse, folder, scanner=stopped_after_five, stop=stop)
    assert stopped.is_stopped
    assert monotonic() - started < 30
    assert 0 < stopped.outcomes.total() < 31
    held = warehouse.execute("select count(*) from core.scanned_file").fetchall()[0][0]
    assert held == stopped.outcomes.total()
    (folder / "99.pdf").unlink()
    again = scan_again(warehouse, folder)
    assert again.outcomes == {"read": 30}
    assert again.known_count == stopped.outcomes.total()


@pytest.mark.slow
def test_ctrl_c_ends_a_scan_with_what_it_has(tmp_path, prepared_home):
    folder, home = tmp_path / "papers", prepared_home
    before = set(home.rglob("*-run.log"))
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.pdf").write_bytes(pdf([[f"We use PyTorch in paper {number}."] * 40] * 60))
    words = ["-c", "from flows.cli.app import main; main()", "scan", str(folder), "--workers", "1"]
    environment = {**os.environ, "OBSERVATORY_HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        # What comes before, such as preparing the warehouse, ends by an interrupt as well, with nothing to go on from.
        while child.poll() is None and not any(
            ": scan" in log.read_text() for log in {*home.rglob("*-run.log")} - before
        ):
            sleep(0.1)
        sleep(2)
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=120)
    assert child.returncode == 130, told
    assert "Stopped early." in told
    assert "goes on from there" in told
    (known_count,) = re.findall(r"Stopped early\. Scanned .* files (\d+) \(read", told)
    for number in range(int(known_count) + 1, 40):
        (folder / f"{number:02}.pdf").unlink()
    ended = run("scan", str(folder), "--workers", "1", home=home)
    assert f"not read 0, known from before {known_count})" in ended.stdout, ended.stderr


@pytest.mark.slow
def test_of_four_thousand_unchanged_files_none_is_opened_and_what_it_saves_is_printed(warehouse, tmp_path, opened):
    for number in range(FILES):
        path = tmp_path / "clones" / f"r{number // 40}" / "src" / f"{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"import torch\nimport numpy\n\ndef step_{number}(x):\n    return torch.relu(x)\n" * 40)
        (path.parent.parent / "README.md").write_text(f"Code of paper {number // 40}.")
    started = monotonic()
    scan_again(warehouse, tmp_path / "clones")
    between = monotonic()
    opened.clear()
    again = scan_again(warehouse, tmp_path / "clones")
    first, second = between - started, monotonic() - between
    sys.stdout.write(f"{first:.2f} s, then {second:.2f} s: {second / first:.3f}\n")
    assert again.known_count == again.files_count >= FILES
    assert opened == []
