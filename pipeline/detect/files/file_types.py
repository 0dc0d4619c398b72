"""Types of files, by name and, where that is not enough, by the first bytes; and the outcomes of reading a file."""

from pathlib import PurePosixPath
from typing import Literal

from pipeline.detect.code.dependencies import may_declare

FileType = Literal[
    "pdf", "html", "tex", "text", "bibliography", "python", "notebook", "lua", "r", "c", "dependency", "archive"
]

FileOutcome = Literal[
    "read", "empty", "encrypted", "broken", "no-text", "not-text", "too-large", "refused", "timed-out", "crashed",
    "unsupported", "unreachable",
]  # fmt: skip
"""`read` is well; the others are listed with their reason."""

_BY_SUFFIX: dict[str, FileType] = {
    ".pdf": "pdf",
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".tex", ".latex", ".ltx"), "tex"),
    **dict.fromkeys((".txt", ".md", ".rst", ".text", ".markdown", ".mdx", ".org", ".adoc"), "text"),
    **dict.fromkeys((".bib", ".bbl"), "bibliography"),
    **dict.fromkeys((".py", ".pyi", ".pyx", ".pxd", ".pyw"), "python"),
    ".ipynb": "notebook",
    ".lua": "lua",
    **dict.fromkeys((".r", ".rmd"), "r"),
    **dict.fromkeys((".c", ".cc", ".cpp", ".cxx", ".cu", ".cuh", ".h", ".hh", ".hpp", ".hxx"), "c"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz"), "archive"),
}
_ARCHIVE_ENDS = (".tar.gz", ".tar.bz2", ".tar.xz")
_MAGIC: tuple[tuple[bytes, FileType], ...] = (
    (b"%pdf-", "pdf"),
    (b"pk\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"<!doctype html", "html"),
    (b"<html", "html"),
)
"""First bytes of known types, in lower case."""
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")
SNIFFED_BYTES = 4096

CODE_TYPES: frozenset[FileType] = frozenset({"python", "notebook", "lua", "r", "c", "dependency"})


def type_of_name(path: str) -> FileType | None:
    """Return the type that a file's name stands for; null where it stands for none."""
    name = PurePosixPath(path).name.lower()
    if name.endswith(_ARCHIVE_ENDS):
        return "archive"
    suffix = PurePosixPath(name).suffix
    if suffix != ".py" and may_declare(path):
        return "dependency"
    return _BY_SUFFIX.get(suffix)


def type_of_content(first: bytes) -> FileType | None:
    """Return the type that a file's first bytes show: known marks, or text; null for anything binary."""
    start = first.lstrip()[:16].lower()
    marked = next((file_type for mark, file_type in _MAGIC if start.startswith(mark)), None)
    return marked or ("text" if looks_like_text(first) else None)


def looks_like_text(first: bytes) -> bool:
    """Return whether bytes could be text in UTF-8, UTF-16 or an older encoding: no binary control codes."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < ord(" ") and byte not in _TEXT_CONTROLS for byte in first)
