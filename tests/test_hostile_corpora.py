"""Corpora that would end, hang or fool a scan: each ends, with every path below it listed and nothing else stored."""

import bz2
import gzip
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from detector import pdf, pdf_of_a_form_within_itself, rules

from pipeline.detect.files import folders
from pipeline.detect.files import scan as engine
from pipeline.detect.files.folders import shown_path
from pipeline.detect.files.scan import ScanControl, scan
from pipeline.detect.files.scan_units import FileResult, scan_units_of

CODE = b"import torch\n"
TEX = b"% a paper\n\\documentclass{article}\nWe use PyTorch."


def scanned(folder: Path) -> list[FileResult]:
    return list(scan(scan_units_of(folder), rules(), ScanControl(), workers_count=1, file_seconds=30))


def tarred(name: str, content: bytes) -> bytes:
    held = BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, BytesIO(content))
    return held.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def links(folder: Path) -> dict[str, str]:
    (folder / "b.py").symlink_to(folder / "a.py")
    (folder / "a.py").symlink_to(folder / "b.py")
    (folder / "self").symlink_to(folder / "self")
    (folder / "up").symlink_to(folder.parent)
    (folder / "nowhere.pdf").symlink_to(folder / "gone.pdf")
    (folder / "good.py").write_bytes(CODE)
    (folder / "again.py").symlink_to(folder / "good.py")
    outcomes = {"b.py": "refused", "a.py": "refused", "self": "refused", "up": "refused", "nowhere.pdf": "broken"}
    return {**outcomes, "good.py": "read", "again.py": "passed-over"}


def special_files(folder: Path) -> dict[str, str]:
    os.mkfifo(folder / "pipe.tex")
    os.mkfifo(folder / "README.md")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.py"))
    (folder / "good.txt").write_bytes(b"We use JAX.")
    return {"pipe.tex": "refused", "README.md": "refused", "socket.py": "refused", "good.txt": "read"}


def odd_names(folder: Path) -> dict[str, str]:
    raw = os.fsencode(folder)
    names = [
        b"caf\xe9.py",
        b"\xff\xfe.pdf",
        b"line\nbreak.py",
        b"\x1b[31mred.txt",
        b" .txt",
        "n\u0308.tex".encode(),
        b"a" * 250 + b".py",
    ]
    for name in names:
        content = pdf([["We use PyTorch."]]) if name.endswith(b"pdf") else b"x = 1\n"
        (Path(os.fsdecode(raw)) / os.fsdecode(name)).write_bytes(content)
    return {shown_path(os.fsdecode(name)): "read" for name in names}


def told_by_content(folder: Path) -> dict[str, str]:
    files = {
        "2101.00001v1": pdf([["We use PyTorch."]]),
        "2101.00002.gz": gzip.compress(tarred("main.tex", TEX)),
        "2101.00003.gz": gzip.compress(TEX),
        "2101.00004": gzip.compress(tarred("main.tex", TEX)),
        "2101.00005v2": TEX,
        "2101.00006.bz2": bz2.compress(TEX),
        "install.sh.bin": b"#!/bin/sh\nexit\n" + zipped("setup.py", CODE),
        "setup.exe": b"MZ\x90\x00\x03" + bytes(500) + zipped("setup.py", CODE),
        "paper.txt": pdf([["We use PyTorch."]]),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "model.npz").write_bytes(zipped("a.npy", bytes(99)))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return {**dict.fromkeys(files, "read"), "model.npz": "passed-over", "picture.png": "passed-over"}


def broken_archives(folder: Path) -> dict[str, str]:
    files = {
        "cut.zip": (zipped("a.py", CODE * 9)[:-9], "broken"),
        "cut.gz": (gzip.compress(os.urandom(99_000))[:-999], "unsupported"),
        "2101.00001": (gzip.compress(tarred("main.tex", TEX + os.urandom(99_000)))[:-999], "broken"),
        "no.tar.gz": (b"\x1f\x8b\x08", "broken"),
        "bomb.zip": (zipped("a.txt", bytes(32 << 20)), "refused"),
        "bomb.gz": (gzip.compress(bytes(70 << 20)), "unsupported"),
        "out.zip": (zipped("../../out.py", CODE), "refused"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: outcome for name, (_, outcome) in files.items()}


def deep_folders(folder: Path) -> dict[str, str]:
    path = folder
    for _ in range(20):
        path /= "d" * 100
        path.mkdir()
    (path / "a.py").write_bytes(CODE)
    return {"a.py": "read"}


def empty_files(folder: Path) -> dict[str, str]:
    (folder / "setup.py").write_bytes(CODE)
    names = [f"package/{number}/__init__.py" for number in range(40)] + [".gitkeep", "empty.pdf", "empty"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return {**dict.fromkeys(names, "empty"), "setup.py": "read"}


def broken_papers(folder: Path) -> dict[str, str]:
    files = {
        "cut.pdf": (pdf([["We use PyTorch."]])[:99], "broken"),
        "page.pdf": (b"<html>not found</html>", "broken"),
        "locked.pdf": (pdf([["We use PyTorch."]], password="x"), "encrypted"),
        "good.pdf": (pdf([["We use PyTorch."]]), "read"),
        "deep.ipynb": (b"[" * 100_000, "broken"),
        "loop.tex": (b"\\documentclass{a}\\input{loop}\\input{/etc/passwd}\\input{../../x}", "read"),
        "bytes.py": (bytes(range(256)) * 9, "not-text"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: outcome for name, (_, outcome) in files.items()}


def tools_folders(folder: Path) -> dict[str, str]:
    for name in (".git", "node_modules", "__pycache__", "a.egg-info"):
        (folder / name).mkdir()
        (folder / name / "inner.py").write_bytes(CODE)
    (folder / "node").write_text("import torch")
    (folder / "weights.bin").write_bytes(bytes(5000))
    (folder / "a.py").write_bytes(CODE)
    skipped = {f"{name}/": "passed-over" for name in (".git", "node_modules", "__pycache__", "a.egg-info")}
    return {**skipped, "node": "passed-over", "weights.bin": "passed-over", "a.py": "read"}


CORPORA = [links, special_files, odd_names, told_by_content, broken_archives, deep_folders, empty_files, broken_papers]


@pytest.mark.parametrize("make", [*CORPORA, tools_folders], ids=lambda make: make.__name__)
def test_every_path_of_a_hostile_corpus_is_listed(tmp_path, make: Callable[[Path], dict[str, str]]):
    folder = tmp_path / "corpus"
    folder.mkdir()
    expected = make(folder)
    results = scanned(folder)
    by_name = {(item.path, item.inspection.outcome) for item in results}
    by_subject = {
        (item.subject_id.removeprefix("corpus/"), item.inspection.outcome)
        for item in results
        if item.subject_id != "corpus"
    }
    missing = {pair for pair in expected.items() if pair not in by_name | by_subject}
    assert missing == set(), sorted(by_name | by_subject)
    assert all(item.inspection.reason or item.inspection.outcome == "read" for item in results)


def test_a_folder_that_cannot_be_listed_and_a_file_that_vanishes_are_listed(tmp_path, monkeypatch):
    folder = tmp_path / "corpus"
    for name in ("closed", "open"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.txt").write_text("We use PyTorch.")
    (folder / "repository" / "locked").mkdir(parents=True)
    (folder / "repository" / "setup.py").write_bytes(CODE)
    (folder / "gone.txt").write_text("We use JAX.")
    original = os.scandir

    def refusing(path):
        if str(path).rstrip("/").endswith(("closed", "locked")):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(folders.os, "scandir", refusing)
    units = scan_units_of(folder)
    first = [unit for unit in units]  # noqa: C416 — all are found before one vanishes
    (folder / "gone.txt").unlink()
    results = list(scan(first, rules(), ScanControl(), workers_count=1, file_seconds=30))
    told = {(item.subject_id, item.path): item.inspection.outcome for item in results}
    assert told == {
        ("corpus/closed", "."): "refused",
        ("corpus/open/a.txt", "a.txt"): "read",
        ("corpus/repository", "locked/"): "refused",
        ("corpus/repository", "setup.py"): "read",
        ("corpus/gone.txt", "gone.txt"): "broken",
    }


def test_a_pdf_that_grows_without_end_is_listed_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "MEMORY_BYTES", 100 << 20)
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(pdf_of_a_form_within_itself())
    (folder / "b.pdf").write_bytes(pdf([["We use PyTorch."]]))
    outcomes = {item.path: item.inspection.outcome for item in scanned(folder)}
    assert outcomes == {"a.pdf": "out-of-memory", "b.pdf": "read"}
