"""Files of folders and archives, read where they lie: nothing is unpacked, nothing written, no link followed.

What must not be read is yielded too, with the outcome it is listed under: names that lead out of the archive, links,
encrypted members, and whatever unpacks to far more than it should.
"""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath
from typing import cast

from pipeline.detect.files.file_types import SNIFFED_BYTES, FileOutcome, type_of_file

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
_PROGRAM_MARKS = (b"MZ", b"\x7fELF", b"#!")
"""First bytes of programs that unpack the archive that they carry."""
_PACKERS: dict[bytes, Callable[[Path], BufferedIOBase]] = {
    b"\x1f\x8b": partial(gzip.open, mode="rb"),
    b"BZh": partial(bz2.open, mode="rb"),
    b"\xfd7zXZ": partial(lzma.open, mode="rb"),
}
"""What unpacks a file, by its first bytes."""
_ENCRYPTED_FLAG = 0x1
BROKEN = (lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file within a subject: `path` is relative to it, with slashes; `refusal` names the outcome and the reason.

    `open_stream` gives its bytes from the start, as often as it is called; for refused entries it is not to be called.
    """

    path: str
    size_bytes: int
    open_stream: Opener
    refusal: Refusal | None = None
    stamp: str = ""
    """What changes whenever the file, or the archive that holds it, does."""


class BrokenContainer(Exception):
    """An archive that cannot be opened or read any further."""


def entries_of_file(path: Path) -> Iterator[Entry]:
    """Yield the one file itself, or, for an archive, its members; its content tells which, or else its name.

    Raises:
        BrokenContainer: the archive is damaged; members yielded before stand.
    """
    with path.open("rb") as stream:
        first = stream.read(SNIFFED_BYTES)
    is_named_tar = path.name.lower().endswith(_TAR_ENDS)
    file_type = type_of_file(path.name, first, is_asked=True)
    if file_type in (None, "archive", "text") and is_zip(path):
        yield from _zip_entries(path)
    elif path.suffix.lower() == ".zip":
        raise BrokenContainer("the file is no zip archive, whatever its name says")
    elif file_type == "archive" and (is_named_tar or tarfile_opens(path)):
        yield from _tar_entries(path)
    elif file_type == "archive" and first.startswith(tuple(_PACKERS)):
        yield single_entry(path)
    else:
        yield Entry(path.name, path.stat().st_size, opener(path))


def is_zip(path: Path) -> bool:
    """Return whether a file is a zip archive, which other bytes may come before."""
    with path.open("rb") as stream:
        first = stream.read(4)
    return first in _ZIP_MARKS or (first.startswith(_PROGRAM_MARKS) and zipfile.is_zipfile(path))


def tarfile_opens(path: Path) -> bool:
    """Return whether a file, packed or not, begins as a tar archive does."""
    try:
        tarfile.open(path, "r:*").close()
    except BROKEN:
        return False
    return True


def single_name(path: Path) -> str:
    """Return what a file is called once it is unpacked."""
    return path.stem if path.suffix.lower() in (".gz", ".bz2", ".xz") else path.name


def unpacked(path: Path) -> BufferedIOBase:
    """Return what gzip, bzip2 or xz packed, to be read as it goes."""
    with path.open("rb") as stream:
        first = stream.read(SNIFFED_BYTES)
    return next(unpack(path) for mark, unpack in _PACKERS.items() if first.startswith(mark))


def single_entry(path: Path) -> Entry:
    """Return the one file that was packed by gzip, bzip2 or xz without an archive."""
    name = single_name(path)
    with _broken("what is packed"), unpacked(path) as stream:
        content = stream.read(TAR_MEMBER_BYTES + 1)
    if len(content) > TAR_MEMBER_BYTES:
        return refused(name, len(content), "too-large", f"it is larger than {TAR_MEMBER_BYTES >> 20} MiB")
    return Entry(name, len(content), lambda: BytesIO(content))


def opener(path: Path) -> Opener:
    """Return what opens this file, as often as it is called."""
    return lambda: path.open("rb")


@contextmanager
def _broken(what: str) -> Iterator[None]:
    """Turn whatever a damaged archive raises into the one error that says so."""
    try:
        yield
    except BROKEN as error:
        raise BrokenContainer(f"{what} cannot be read ({type(error).__name__})") from error


def _zip_entries(path: Path) -> Iterator[Entry]:
    with _broken("the zip archive"), zipfile.ZipFile(path) as archive:
        budget = _Budget(MEMBER_BYTES)
        for member in archive.infolist():
            if not member.is_dir():
                yield _zip_entry(archive, member, budget)


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
    with _broken("the tar archive"), tarfile.open(path, "r:*") as archive:
        budget = _Budget(TAR_MEMBER_BYTES)
        for member in archive:
            if not member.isdir():
                yield _tar_entry(archive, member, budget)
                if budget.is_spent:
                    return


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
