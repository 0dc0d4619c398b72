"""Types of files, by name and, where that is not enough, by the first bytes; and the outcomes of reading a file."""

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Literal

from pipeline.detect.code.dependencies import may_declare

FileType = Literal[
    "pdf", "html", "tex", "text", "bibliography", "python", "notebook", "lua", "r", "c", "dependency", "archive"
]

FileOutcome = Literal[
    "read", "empty", "encrypted", "broken", "no-text", "not-text", "too-large", "refused", "timed-out", "crashed",
    "unsupported", "unreachable", "out-of-memory", "passed-over",
]  # fmt: skip
"""`read` is well, `passed-over` holds neither text nor code; the others are listed with their reason."""

NAMES = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
"""What the names of files and folders say by themselves."""
_BY_SUFFIX: dict[str, FileType] = {end: file_type for file_type, ends in NAMES["suffixes"].items() for end in ends}
_MAGIC: dict[FileType, tuple[bytes, ...]] = {
    "pdf": (b"%pdf-",),
    "archive": (b"pk\x03\x04", b"\x1f\x8b", b"bzh", b"\xfd7zxz"),
    "html": (b"<!doctype html", b"<html"),
}
"""First bytes of known types, in lower case."""
_OTHER_PACKED = re.compile(NAMES["other_packed"], re.IGNORECASE)
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_PYTHON_LINE = re.compile(rb"#![^\n]{0,80}python")
_TEX_START = re.compile(rb"\s*%|(?s:.)*?\\(?:document(?:class|style)|begin\s*\{document\}|magnification|input\b)")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")
SNIFFED_BYTES = 4096

CODE_TYPES: frozenset[FileType] = frozenset({"python", "notebook", "lua", "r", "c", "dependency"})


def type_of_name(path: str) -> FileType | None:
    """Return the type that a file's name stands for; null where it stands for none."""
    name = PurePosixPath(path).name.lower()
    if name.endswith(tuple(NAMES["archive_ends"])):
        return "archive"
    suffix = PurePosixPath(name).suffix
    if suffix != ".py" and may_declare(path):
        return "dependency"
    return _BY_SUFFIX.get(suffix)


def type_of_file(path: str, first: bytes, *, is_asked: bool) -> FileType | None:
    """Return what a file is by its name, or else by its first bytes; null where it holds neither text nor code.

    Any text counts where `is_asked`: the user named this very file. A PDF is one, whatever its name says.
    """
    if first.startswith(b"%PDF-"):
        return "pdf"
    return type_of_name(path) or type_of_content(path, first, is_asked=is_asked)


def type_of_content(path: str, first: bytes, *, is_asked: bool) -> FileType | None:
    """Return the type that a file's first bytes show, where its name tells none."""
    start = first.lstrip()[:16].lower()
    suffix = PurePosixPath(path).suffix[1:]
    marked = next((file_type for file_type, marks in _MAGIC.items() if start.startswith(marks)), None)
    if marked == "archive" and _OTHER_PACKED.fullmatch(suffix):
        return None
    if marked or first[_TAR_MARK_AT:].startswith(_TAR_MARK):
        return marked or "archive"
    if not looks_like_text(first):
        return None
    if _PYTHON_LINE.match(first):
        return "python"
    # Sources of papers have no ending, or that of an arXiv id; others that begin like them have their own.
    is_tex = (not suffix or suffix[0].isdigit()) and _TEX_START.match(first)
    return "tex" if is_tex else "text" if is_asked else None


def looks_like_text(first: bytes) -> bool:
    """Return whether bytes could be text in UTF-8, UTF-16 or an older encoding: no binary control codes."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < ord(" ") and byte not in _TEXT_CONTROLS for byte in first)
