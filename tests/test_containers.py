"""Folders and archives, friendly and hostile: read where they lie, nothing written, nothing followed."""

import os
import stat
import tarfile
import zipfile
from io import BytesIO

import pytest

from pipeline.detect.files import containers
from pipeline.detect.files.containers import BrokenContainer, Entry, entries_of_file, opener, refused
from pipeline.detect.files.folders import shown_path, walk
from pipeline.detect.files.scan_units import scan_units_of

CODE = b"import torch\n"


def entries_of_folder(folder):
    """Everything that a walk of the folder lists, as entries."""
    for prefix, listing in walk(folder):
        for name, outcome, reason in listing.refusals:
            yield refused(prefix + name or ".", 0, outcome, reason)
        for file in listing.files:
            yield Entry(prefix + file.path, file.size_bytes, opener(folder / prefix / file.path))


def told(entries):
    return {entry.path: entry.refusal[0] if entry.refusal else content_of(entry) for entry in entries}


def content_of(entry):
    with entry.open_stream() as stream:
        return stream.read()


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            archive.addfile(member, BytesIO(content))
    return path


def member(name, size=13, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


def test_names_that_lead_out_of_a_zip_are_refused_and_nothing_is_written(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = zipped(
        inner / "a.zip", {"../../evil.py": CODE, "/abs.py": CODE, "C:\\x.py": CODE, "..\\y.py": CODE, "ok.py": CODE}
    )
    before = sorted(tmp_path.rglob("*"))
    assert told(entries_of_file(path)) == {
        "../../evil.py": "refused",
        "/abs.py": "refused",
        "C:\\x.py": "refused",
        "..\\y.py": "refused",
        "ok.py": CODE,
    }
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_bomb_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"bomb.txt": b"0" * (64 << 20), "ok.py": CODE})
    assert told(entries_of_file(path)) == {"bomb.txt": "refused", "ok.py": CODE}


def test_an_archive_has_a_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "ARCHIVE_BYTES", 20)
    path = zipped(tmp_path / "a.zip", {"a.py": CODE, "b.py": CODE, "c.py": CODE})
    assert told(entries_of_file(path)) == {"a.py": CODE, "b.py": "refused", "c.py": "refused"}


def test_a_member_is_never_read_beyond_what_the_directory_promised(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.txt": os.urandom(1000)})
    entries = entries_of_file(path)
    entry = next(entries)
    with entry.open_stream() as stream:
        assert len(stream.read(600)) == 600
        assert len(stream.read()) == 400
        assert stream.read(10) == b""


def test_links_and_devices_of_a_tar_are_refused(tmp_path):
    path = tarred(
        tmp_path / "a.tar.gz",
        (member("../x.py"), CODE),
        (member("link.py", 0, tarfile.SYMTYPE, "/etc/passwd"), b""),
        (member("hard.py", 0, tarfile.LNKTYPE, "../x.py"), b""),
        (member("null", 0, tarfile.CHRTYPE), b""),
        (member("ok.py"), CODE),
    )
    assert told(entries_of_file(path)) == {
        "../x.py": "refused",
        "link.py": "refused",
        "hard.py": "refused",
        "null": "refused",
        "ok.py": CODE,
    }


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("link.py")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert told(entries_of_file(tmp_path / "a.zip")) == {"link.py": "refused"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_an_archive_that_was_cut_off_is_broken(tmp_path, name):
    path = tmp_path / name
    if name.endswith("zip"):
        zipped(path, {"a.py": CODE * 100})
    else:
        tarred(path, (member("a.py", 100 * len(CODE)), CODE * 100))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BrokenContainer):
        list(entries_of_file(path))


def test_what_only_claims_to_be_a_zip_is_broken(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no archive at all")
    with pytest.raises(BrokenContainer):
        list(entries_of_file(tmp_path / "a.zip"))


def test_a_folder_is_walked_without_following_links_out_of_it(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_bytes(CODE)
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.py").write_bytes(CODE)
    (folder / "within.py").symlink_to(folder / "sub" / "a.py")
    (folder / "out.py").symlink_to(outside / "secret.py")
    (folder / "out").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.py")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.py").write_bytes(CODE)
    assert told(entries_of_folder(folder)) == {
        ".git/": "passed-over",
        "loop": "passed-over",
        "out": "refused",
        "out.py": "refused",
        "pipe.py": "refused",
        "sub/a.py": CODE,
        "within.py": "passed-over",
    }


def test_folders_may_be_deeper_than_the_stack(tmp_path):
    folders = [tmp_path]
    for _ in range(1200):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "a.py").write_bytes(CODE)
    (entry,) = entries_of_folder(tmp_path)
    assert content_of(entry) == CODE
    (folders[-1] / "a.py").unlink()
    for folder in reversed(folders[1:]):
        folder.rmdir()


def test_a_path_is_shown_without_what_could_steer_a_terminal():
    assert shown_path("a\x1b[31m\n.py") == "a\\x1b[31m\\x0a.py"
    assert shown_path("b\udcff.py") == "b\\udcff.py"


def test_papers_are_subjects_and_repositories_are(tmp_path):
    corpus = tmp_path / "corpus"
    (corpus / "2019").mkdir(parents=True)
    (corpus / "2019" / "paper.pdf").write_bytes(b"%PDF-1.4")
    (corpus / "notes.txt").write_text("x")
    (corpus / "picture.png").write_bytes(b"x")
    repository = corpus / "code"
    (repository / "src").mkdir(parents=True)
    (repository / "setup.py").write_bytes(CODE)
    (repository / "src" / "a.py").write_bytes(CODE)
    (repository / "README.md").write_text("We use PyTorch.")
    zipped(corpus / "other.zip", {"a.py": CODE})
    units = {unit.subject.subject_id: unit.members for unit in scan_units_of(corpus)}
    assert {name: members and [file.path for file in members] for name, members in units.items()} == {
        "corpus": ["picture.png"],
        "corpus/2019/paper.pdf": None,
        "corpus/code": ["README.md", "setup.py", "src/a.py"],
        "corpus/notes.txt": None,
        "corpus/other.zip": None,
    }
    assert {unit.subject.subject_id: unit.subject.kind for unit in scan_units_of(corpus)} == {
        "corpus": "folder",
        "corpus/2019/paper.pdf": "paper",
        "corpus/code": "repository",
        "corpus/notes.txt": "paper",
        "corpus/other.zip": "repository",
    }
