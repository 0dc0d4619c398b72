"""Files of folders and archives, read where they lie: nothing is unpacked, nothing written, no link followed.

What must not be read is yielded too, with the outcome it is listed under: names that lead out of the archive, links,
encrypted members, and whatever unpacks to far more than it should.
"""

import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from pipeline.detect.files.file_types import FileOutcome

Refusal = tuple[FileOutcome, str]
"""The outcome that a file is listed under, and the reason."""
MEMBER_BYTES = 256 << 20
"""The largest member of an archive that is read."""
TAR_MEMBER_BYTES = 64 << 20
"""The largest member of a tar archive that is read; it is held whole, since tar cannot be read twice."""
ARCHIVE_BYTES = 4 << 30
"""How much one archive may unpack to before the rest of it is refused."""
MEMBERS_COUNT = 200_000
_RATIO = 200
_RATIO_FROM_BYTES = 8 << 20
"""Members larger than this must not be packed tighter than `_RATIO`."""
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED_FLAG = 0x1
_SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "site-packages", "__pycache__"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".eggs", "__MACOSX"),
    }
)
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
_BROKEN_TAR = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file within a subject: `path` is relative to it, with slashes; `refusal` names the outcome and the reason.

    `open_stream` gives its bytes from the start, as often as it is called; for refused entries it is not to be called.
    """

    path: str
    size_bytes: int
    open_stream: Callable[[], BinaryIO]
    refusal: Refusal | None = None


class BrokenContainer(Exception):
    """An archive that cannot be opened or read any further."""


def entries_of_file(path: Path) -> Iterator[Entry]:
    """Yield the one file itself, or, for an archive, its members.

    Raises:
        BrokenContainer: the archive is damaged; members yielded before stand.
    """
    with path.open("rb") as stream:
        is_zip = stream.read(4) in _ZIP_MARKS
    if is_zip:
        yield from _zip_entries(path)
    elif path.suffix.lower() == ".zip":
        raise BrokenContainer("the file is no zip archive, whatever its name says")
    elif _is_tar_name(path.name):
        yield from _tar_entries(path)
    else:
        yield Entry(path.name, path.stat().st_size, lambda: path.open("rb"))


def entries_of_folder(folder: Path) -> Iterator[Entry]:
    """Yield every file below a folder in order; a link that leads out of it is refused, any other is skipped."""
    root = folder.resolve()
    waiting = [_listed(folder, PurePosixPath())]
    while waiting:
        item = next(waiting[-1], None)
        if item is None:
            waiting.pop()
        elif isinstance(item, Entry):
            yield item
        else:
            path, found = item
            if found.is_symlink():
                if not Path(found.path).resolve().is_relative_to(root):
                    yield refused(str(path), 0, "refused", "it is a link that leads out of the folder")
            elif found.is_dir():
                if not is_skipped_folder(found.name):
                    waiting.append(_listed(Path(found.path), path))
            else:
                yield _file_entry(found, path)


def is_skipped_folder(name: str) -> bool:
    """Return whether a folder of this name holds copies of other people's code or a tool's own files."""
    return name in _SKIPPED_FOLDERS or name.endswith(".egg-info")


def shown_path(path: str) -> str:
    """Return a path that can be stored and printed: undecodable bytes and control characters escaped."""
    text = path.encode("utf-8", errors="backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text).strip() or "?"


def _listed(folder: Path, within: PurePosixPath) -> Iterator[tuple[PurePosixPath, os.DirEntry[str]] | Entry]:
    """The folder's items by name; a folder that may not be read is an entry that is refused."""
    try:
        items = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        return iter([refused(str(within) + "/", 0, "refused", f"the folder cannot be listed ({error.strerror})")])
    return iter([(within / item.name, item) for item in items])


def _file_entry(found: "os.DirEntry[str]", path: PurePosixPath) -> Entry:
    if not found.is_file():
        return refused(str(path), 0, "refused", "it is neither a file nor a folder")
    return Entry(str(path), found.stat().st_size, opener(Path(found.path)))


def opener(path: Path) -> Callable[[], BinaryIO]:
    """Return what opens this file, as often as it is called."""
    return lambda: path.open("rb")


def _zip_entries(path: Path) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            budget = _Budget()
            for member in archive.infolist():
                if not member.is_dir():
                    yield _zip_entry(archive, member, budget)
    except _BROKEN_ZIP as error:
        raise BrokenContainer(f"the zip archive cannot be read ({type(error).__name__})") from error


def _zip_entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: "_Budget") -> Entry:
    size, name = member.file_size, member.filename
    refusal: Refusal | None = None
    if reason := _unsafe(name):
        refusal = "refused", reason
    elif stat.S_ISLNK(member.external_attr >> 16):
        refusal = "refused", "it is a link"
    elif member.flag_bits & _ENCRYPTED_FLAG:
        refusal = "encrypted", "the member asks for a password"
    elif size > _RATIO_FROM_BYTES and size > _RATIO * max(1, member.compress_size):
        refusal = "refused", f"it unpacks to more than {_RATIO} times its size"
    else:
        refusal = budget.refusal(size, MEMBER_BYTES)
    return Entry(name, size, lambda: _Limited(archive.open(member), size), refusal)


def _tar_entries(path: Path) -> Iterator[Entry]:
    try:
        with tarfile.open(path, "r:*") as archive:
            budget = _Budget()
            for member in archive:
                if not member.isdir():
                    yield _tar_entry(archive, member, budget)
                    if budget.is_spent:
                        return
    except _BROKEN_TAR as error:
        raise BrokenContainer(f"the tar archive cannot be read ({type(error).__name__})") from error


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: "_Budget") -> Entry:
    if reason := _unsafe(member.name):
        return refused(member.name, member.size, "refused", reason)
    if member.issym() or member.islnk():
        return refused(member.name, 0, "refused", "it is a link")
    if not member.isfile():
        return refused(member.name, 0, "refused", "it is neither a file nor a folder")
    if refusal := budget.refusal(member.size, TAR_MEMBER_BYTES):
        return refused(member.name, member.size, *refusal)
    stream = archive.extractfile(member)
    content = stream.read() if stream else b""
    return Entry(member.name, len(content), lambda: BytesIO(content))


class _Budget:
    """How much of an archive may still be unpacked."""

    def __init__(self) -> None:
        self._bytes = 0
        self._members = 0

    @property
    def is_spent(self) -> bool:
        return self._bytes > ARCHIVE_BYTES or self._members > MEMBERS_COUNT

    def refusal(self, size: int, largest: int) -> Refusal | None:
        self._bytes += size
        self._members += 1
        if self._members > MEMBERS_COUNT:
            return "refused", f"the archive has more than {MEMBERS_COUNT} members"
        if self._bytes > ARCHIVE_BYTES:
            return "refused", f"the archive unpacks to more than {ARCHIVE_BYTES >> 30} GiB"
        return ("too-large", f"it is larger than {largest >> 20} MiB") if size > largest else None


class _Limited(BytesIO):
    """A member's bytes, read on demand and never more than the archive's directory promised."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = size

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        data = self._stream.read(wanted) if wanted else b""
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


def _unsafe(name: str) -> str | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    is_absolute = name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":")
    return "its name leads out of the archive" if is_absolute or ".." in parts else None


def refused(path: str, size_bytes: int, outcome: FileOutcome, reason: str) -> Entry:
    """Return an entry that must not be read."""
    return Entry(path, size_bytes, BytesIO, (outcome, reason))


def _is_tar_name(name: str) -> bool:
    return name.lower().endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz"))
