"""One corpus of everything that goes wrong: each file is a listed outcome, the scan ends, and nothing is written."""

import json
import stat
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from detector import pdf, pdf_of_images, rules

from pipeline.detect.files.scan import ScanControl, scan
from pipeline.detect.files.scan_units import FileResult, scan_units_of

MANY_PAGES = 5000
LONG_LINE_BYTES = 100_000_000
CODE = b"import torch\n"


def zipped(members: dict[str, bytes], *, link: str | None = None) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return content.getvalue()


def tarred(names: list[str]) -> bytes:
    content = BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(CODE)
            archive.addfile(info, BytesIO(CODE))
    return content.getvalue()


def notebook(source: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4}).encode()


READ = "read"
FILES: dict[str, tuple[Callable[[], bytes], str, set[str]]] = {
    "encrypted.pdf": (lambda: pdf([["We use PyTorch."]], password="secret"), "encrypted", set()),
    "truncated.pdf": (lambda: pdf([["We use PyTorch."]] * 9)[:-900], "broken", set()),
    "cut-short.pdf": (lambda: pdf([["We use PyTorch."]])[:120], "broken", set()),
    "images.pdf": (lambda: pdf_of_images(5), "no-text", set()),
    "empty.pdf": (bytes, "empty", set()),
    "no-pdf.pdf": (lambda: b"We use PyTorch.", "broken", set()),
    "invalid.ipynb": (lambda: notebook("import torch")[:-4], "broken", set()),
    "odd.ipynb": (lambda: b'{"cells": {"a": 1}}', "broken", set()),
    "magics.ipynb": (lambda: notebook("%matplotlib inline\n!pip install jax\nprint 'old'"), READ, {"jax"}),
    "python2.py": (lambda: b'print "hello"\nexec "x = 1"\nimport theano\n', READ, {"theano"}),
    "binary.py": (lambda: bytes(range(256)) * 64, "not-text", set()),
    "nul.py": (lambda: CODE + b"\x00" * 9000, "not-text", set()),
    "nested.py": (lambda: b"(" * 20_000 + b")" * 20_000 + b"\n" + CODE, READ, {"pytorch"}),
    "latin.txt": ("Wir benützen PyTorch.".encode("latin-1").__bytes__, READ, {"pytorch"}),
    "chinese.txt": ("我们使用PyTorch训练网络。".encode().__bytes__, READ, {"pytorch"}),
    "arabic.txt": ("تم تدريب الشبكة باستخدام TensorFlow على وحدة معالجة.".encode().__bytes__, READ, {"tensorflow"}),
    "utf16.txt": ("Мы использовали PyTorch.".encode("utf-16").__bytes__, READ, {"pytorch"}),
    "fullwidth.txt": ("ＰｙＴｏｒｃｈで実装した。".encode().__bytes__, READ, {"pytorch"}),
    "unpaired.txt": (lambda: b"\xff\xc3\x28 We use PyTorch. \xe2\x82", READ, {"pytorch"}),
}
"""What each file holds, the outcome it is listed under, and the frameworks that are found in it all the same."""
ARCHIVES: dict[str, tuple[Callable[[], bytes], dict[str, str]]] = {
    "bomb.zip": (lambda: zipped({"bomb.txt": b"0" * (32 << 20), "a.py": CODE}), {"bomb.txt": "refused", "a.py": READ}),
    "nested.zip": (
        lambda: zipped({"inner.zip": zipped({"a.py": CODE}), "a.py": CODE}),
        {"inner.zip": "unsupported", "a.py": READ},
    ),
    "paths.zip": (
        lambda: zipped({"../../out.py": CODE, "/abs.py": CODE, "..\\back.py": CODE, "a.py": CODE}, link="link.py"),
        {"../../out.py": "refused", "/abs.py": "refused", "..\\back.py": "refused", "link.py": "refused", "a.py": READ},
    ),
    "paths.tar.gz": (lambda: tarred(["../out.py", "/abs.py", "a.py"]), {"../out.py": "refused", "/abs.py": "refused"}),
    "cut.zip": (lambda: zipped({"a.py": CODE * 50})[:-30], {"cut.zip": "broken"}),
    "cut.tar.gz": (lambda: tarred(["a.py"])[:-20], {"cut.tar.gz": "broken"}),
}


def scanned(path: Path, *, workers: int = 2, seconds: float = 60) -> list[FileResult]:
    return list(scan(scan_units_of(path), rules(), ScanControl(), workers_count=workers, file_seconds=seconds))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, (content, _, _) in FILES.items():
        (folder / name).write_bytes(content())
    for name, (packed, _) in ARCHIVES.items():
        (folder / name).write_bytes(packed())
    (tmp_path / "secret.txt").write_text("We use Keras.")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    return folder


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def test_every_bad_file_is_a_listed_outcome_and_nothing_is_written(corpus, tmp_path):
    before = state_of(tmp_path)
    results = scanned(corpus)
    told = {item.path: item for item in results if item.subject_id == f"corpus/{item.path}"}
    for name, (_, outcome, frameworks) in FILES.items():
        inspection = told[name].inspection
        assert (name, inspection.outcome) == (name, outcome)
        assert {detection.framework for detection in inspection.detections} == frameworks, name
        assert inspection.reason or outcome == READ, name
    for name, (_, members) in ARCHIVES.items():
        outcomes = {item.path: item.inspection.outcome for item in results if item.subject_id == f"corpus/{name}"}
        assert members.items() <= outcomes.items(), name
    assert told["link.txt"].inspection.outcome == "refused"
    assert not any(detection.framework == "keras" for item in results for detection in item.inspection.detections)
    assert state_of(tmp_path) == before


def test_a_python_file_of_a_tree_that_leads_out_of_it_is_refused(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.py").write_bytes(CODE)
    (tmp_path / "outside.py").write_bytes(b"import jax\n")
    (tree / "outside.py").symlink_to(tmp_path / "outside.py")
    outcomes = {item.path: item.inspection.outcome for item in scanned(tree)}
    assert outcomes == {"setup.py": READ, "outside.py": "refused"}


@pytest.mark.slow
def test_a_pdf_of_five_thousand_pages_is_read_to_its_last(tmp_path):
    lines = ["A line of words that name nothing at all."] * 40
    (tmp_path / "long.pdf").write_bytes(pdf([*[lines] * (MANY_PAGES - 1), ["On the last page we use PyTorch."]]))
    (result,) = scanned(tmp_path / "long.pdf", seconds=300)
    assert [(detection.framework, detection.place) for detection in result.inspection.detections] == [
        ("pytorch", f"page {MANY_PAGES}")
    ]


@pytest.mark.slow
def test_a_pdf_of_five_thousand_pages_that_takes_too_long_does_not_hold_the_others_up(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "long.pdf").write_bytes(pdf([["A line of words that name nothing at all."] * 40] * MANY_PAGES))
    (folder / "short.pdf").write_bytes(pdf([["We use PyTorch."]]))
    outcomes = {item.path: item.inspection.outcome for item in scanned(folder, workers=1, seconds=0.3)}
    assert outcomes == {"long.pdf": "timed-out", "short.pdf": READ}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "outcome"), [("line.txt", READ), ("line.py", "too-large"), ("line.html", "too-large")]
)
def test_a_line_of_a_hundred_megabytes(tmp_path, name, outcome):
    word = b"words "
    with (tmp_path / name).open("wb") as file:
        for _ in range(LONG_LINE_BYTES // (len(word) * 100_000)):
            file.write(word * 100_000)
        file.write(b"and at last PyTorch is used.")
    (result,) = scanned(tmp_path / name, seconds=300)
    assert result.inspection.outcome == outcome
    assert {detection.framework for detection in result.inspection.detections} == (
        {"pytorch"} if outcome == READ else set()
    )
