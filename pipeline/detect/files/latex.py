"""LaTeX papers of several files: which files are roots, and what each root takes in."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from pipeline.detect.files.file_types import type_of_name
from pipeline.detect.files.folders import Listing

READ_BYTES = 2 << 20
"""How far a file is searched for what it takes in."""
_INPUTS_COUNT = 1000
_COMMENT = re.compile(rb"(?<!\\)%[^\n]*")
_ROOT = re.compile(rb"\\document(?:class|style)\b")
_TAKEN_IN = re.compile(
    rb"\\(?:input|include|subfile|subfileinclude|bibliography|addbibresource|includegraphics|lstinputlisting)\*?"
    rb"\s*(?:\[[^\]]*\]\s*)?(?:\{([^{}]{1,2000})\}|([^\s{}\\\[]{1,300}))"
    rb"|\\(?:sub)?import\*?\{([^{}]{0,300})\}\{([^{}]{1,300})\}"
)
_ENDINGS = ("", ".tex", ".bib", ".bbl", ".ltx", ".pdf")
_SUPPLEMENT = re.compile(r"supp|append|rebut|response|cover", re.IGNORECASE)


def latex_roots(folder: Path, listing: Listing) -> list[str]:
    """Return the names of a folder's files that begin a document, supplements of a single paper left out."""
    names = [file.path for file in listing.files if type_of_name(file.path) == "tex"]
    roots = [name for name in names if _ROOT.search(_source(folder / name))]
    papers = [name for name in roots if not _SUPPLEMENT.search(name)]
    return papers if len(papers) == 1 else roots


def taken_in(folder: Path, root: str) -> list[str]:
    """Return a root and the files below its folder that it takes in, those of the same stem included; each exists."""
    stem = root.rpartition(".")[0]
    waiting = [root, *(f"{stem}{ending}" for ending in (".bbl", ".bib", ".pdf"))]
    found: dict[str, None] = {}
    while waiting and len(found) < _INPUTS_COUNT:
        path = waiting.pop(0)
        if path in found or not (folder / path).is_file() or (folder / path).is_symlink():
            continue
        found[path] = None
        if type_of_name(path) == "tex":
            waiting += _named_in(folder, path)
    return list(found)


def other_papers(folder: Path, roots: Sequence[str], pdfs: Sequence[str]) -> list[str]:
    """Return a folder's PDF files that no root of it takes in or is called like."""
    own = {name for root in roots for name in taken_in(folder, root)}
    return [name for name in pdfs if name not in own]


def _named_in(folder: Path, path: str) -> Iterator[str]:
    """Yield the paths that a file may mean, from its own folder and from the root's."""
    for within, alone, base, name in _TAKEN_IN.findall(_COMMENT.sub(b"", _source(folder / path))):
        for word in (within or alone or base + b"/" + name).split(b","):
            text = os.fsdecode(word.strip())
            for start in dict.fromkeys(("", PurePosixPath(path).parent.as_posix())):
                whole = os.path.normpath(f"{start}/{text}" if start and not text.startswith("/") else text)
                if not whole.startswith(("..", "/")) and "\0" not in whole:
                    yield from (whole + ending for ending in _ENDINGS)


def _source(path: Path) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(READ_BYTES)
    except OSError:
        return b""
