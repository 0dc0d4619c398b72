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
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath
from typing import cast

from pipeline.detect.files.file_types import FileOutcome

Opener = Callable[[], BufferedIOBase]
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
_TAR_ENDS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz")
_ENCRYPTED_FLAG = 0x1
_SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "site-packages", "__pycache__"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".eggs", "__MACOSX"),
    }
)
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError)
LEADS_OUT = "it is a link that leads out of the folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file within a subject: `path` is relative to it, with slashes; `refusal` names the outcome and the reason.

    `open_stream` gives its bytes from the start, as often as it is called; for refused entries it is not to be called.
    """

    path: str
    size_bytes: int
    open_stream: Opener
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
    elif path.name.lower().endswith(_TAR_ENDS):
        yield from _tar_entries(path)
    else:
        yield Entry(path.name, path.stat().st_size, opener(path))


def entries_of_folder(folder: Path) -> Iterator[Entry]:
    """Yield every file below a folder in order; a link that leads out of it is refused, any other is skipped."""
    root = folder.resolve()
    waiting: list[tuple[PurePosixPath, Path | os.DirEntry[str]]] = [(PurePosixPath(), root)]
    while waiting:
        path, item = waiting.pop()
        if item.is_symlink():
            if leads_out(Path(item), root):
                yield refused(str(path), 0, "refused", LEADS_OUT)
        elif item.is_dir():
            try:
                inner = sorted(os.scandir(item), key=lambda found: found.name, reverse=True)
            except OSError as error:
                yield refused(f"{path}/", 0, "refused", f"the folder cannot be listed ({error.strerror})")
                continue
            waiting += [(path / found.name, found) for found in inner if not is_skipped(found)]
        elif item.is_file():
            yield Entry(str(path), item.stat().st_size, opener(Path(item)))
        else:
            yield refused(str(path), 0, "refused", "it is neither a file nor a folder")


def leads_out(link: Path, root: Path) -> bool:
    """Return whether a link leads out of the resolved folder `root`."""
    return not link.resolve().is_relative_to(root)


def is_skipped(item: Path | os.DirEntry[str]) -> bool:
    """Return whether this is a folder of copies of other people's code or of a tool's own files."""
    is_named_so = item.name in _SKIPPED_FOLDERS or item.name.endswith(".egg-info")
    return is_named_so and item.is_dir() and not item.is_symlink()


def shown_path(path: str) -> str:
    """Return a path that can be stored and printed: undecodable bytes and control characters escaped."""
    text = path.encode("utf-8", errors="backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text).strip() or "?"


def opener(path: Path) -> Opener:
    """Return what opens this file, as often as it is called."""
    return lambda: path.open("rb")


def _zip_entries(path: Path) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            budget = _Budget(MEMBER_BYTES)
            for member in archive.infolist():
                if not member.is_dir():
                    yield _zip_entry(archive, member, budget)
    except _BROKEN as error:
        raise BrokenContainer(f"the zip archive cannot be read ({type(error).__name__})") from error


def _zip_entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: "_Budget") -> Entry:
    size = member.file_size
    refusal = _unsafe(member.filename, is_link=stat.S_ISLNK(member.external_attr >> 16))
    if refusal is None and member.flag_bits & _ENCRYPTED_FLAG:
        refusal = "encrypted", "the member asks for a password"
    elif refusal is None and size > _RATIO_FROM_BYTES and size > _RATIO * max(1, member.compress_size):
        refusal = "refused", f"it unpacks to more than {_RATIO} times its size"
    return Entry(
        member.filename, size, lambda: cast("BufferedIOBase", archive.open(member)), refusal or budget.refusal(size)
    )


def _tar_entries(path: Path) -> Iterator[Entry]:
    try:
        with tarfile.open(path, "r:*") as archive:
            budget = _Budget(TAR_MEMBER_BYTES)
            for member in archive:
                if not member.isdir():
                    yield _tar_entry(archive, member, budget)
                    if budget.is_spent:
                        return
    except _BROKEN as error:
        raise BrokenContainer(f"the tar archive cannot be read ({type(error).__name__})") from error


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: "_Budget") -> Entry:
    refusal = _unsafe(member.name, is_link=member.issym() or member.islnk())
    if refusal is None and not member.isfile():
        refusal = "refused", "it is neither a file nor a folder"
    if refusal := refusal or budget.refusal(member.size):
        return refused(member.name, member.size, *refusal)
    stream = archive.extractfile(member)
    content = stream.read() if stream else b""
    return Entry(member.name, len(content), lambda: BytesIO(content))


@dataclass
class _Budget:
    """How much of an archive may still be unpacked, and how large a member may be."""

    largest: int
    bytes_count: int = 0
    members_count: int = 0

    @property
    def is_spent(self) -> bool:
        return self.bytes_count > ARCHIVE_BYTES or self.members_count > MEMBERS_COUNT

    def refusal(self, size: int) -> Refusal | None:
        self.bytes_count += size
        self.members_count += 1
        if self.members_count > MEMBERS_COUNT:
            return "refused", f"the archive has more than {MEMBERS_COUNT} members"
        if self.bytes_count > ARCHIVE_BYTES:
            return "refused", f"the archive unpacks to more than {ARCHIVE_BYTES >> 30} GiB"
        return ("too-large", f"it is larger than {self.largest >> 20} MiB") if size > self.largest else None


def _unsafe(name: str, *, is_link: bool) -> Refusal | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or name[1:2] == ":" or ".." in parts:
        return "refused", "its name leads out of the archive"
    return ("refused", "it is a link") if is_link else None


def refused(path: str, size_bytes: int, outcome: FileOutcome, reason: str) -> Entry:
    """Return an entry that must not be read."""
    return Entry(path, size_bytes, BytesIO, (outcome, reason))
