"""Folders and archives as units of counting: a repository, one LaTeX paper, or a corpus that is looked through.

A repository holds what repositories hold: a version control's folder, a packaging or requirements file, a README or a
licence beside code, or source files and no PDF. A folder mostly of papers is a corpus, whatever else lies in it. An
archive holds the sources of a paper, or a repository. Of LaTeX papers of several files it is told which are roots,
and what each root takes in.
"""

import os
import re
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from pipeline.detect.files.containers import BROKEN, is_zip, single_name, tarfile_opens, unpacked
from pipeline.detect.files.file_types import CODE_TYPES, NAMES, SNIFFED_BYTES, type_of_file, type_of_name
from pipeline.detect.files.folders import Listing, list_folder, walk
from pipeline.detect.files.subjects import SubjectKind, arxiv_year

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


_MARKERS = re.compile("|".join(NAMES["repository_marks"]))
_BESIDE_CODE = re.compile(r"(readme|licen[cs]e|copying|makefile|citation)(\.\w+)?", re.IGNORECASE)
"""Names that a repository's first folder holds, and that a folder of papers may hold too."""
_SOURCE_FOLDERS = frozenset(NAMES["source_folders"])
_PAPER_FOLDER = re.compile(r"papers?|pdfs?|corpus|(19|20)\d\d|\d{4}\.\d{4,5}(v\d+)?", re.IGNORECASE)
PAPERS_COUNT = 5
"""So many PDF files, and three for each source file, make a folder a corpus in spite of what repositories hold."""
_PAPERS_PER_SOURCE = 3
_VERSION_CONTROLS = frozenset({".git/", ".hg/", ".svn/"})
_LOOKED_FOLDERS = 400
"""Folders below one that are looked into for source files."""

FolderKind = tuple[SubjectKind, str]
"""What a folder is taken for, and why."""


def kind_of_folder(folder: Path, listing: Listing) -> FolderKind | None:
    """Return what a folder as a whole is taken for; null where it is a corpus, to be looked through."""
    names = [file.path for file in listing.files]
    pdfs = [name for name in names if type_of_name(name) == "pdf"]
    roots = latex_roots(folder, listing)
    papers = set(pdfs).difference(*(taken_in(folder, root) for root in roots))
    enough_code = 1 + len(papers) // _PAPERS_PER_SOURCE
    code_count = _code_count(folder, listing, enough_code)
    if len(papers) >= PAPERS_COUNT and code_count < enough_code:
        return None
    if roots and not code_count:
        is_one = len(roots) == 1 and len(papers) < _PAPERS_PER_SOURCE and not _holds_papers(folder, listing)
        return ("paper", f"LaTeX root {roots[0]}") if is_one else None
    return _repository(folder, listing, names, is_beside_papers=bool(pdfs))


def goes_with_folder(name: str) -> bool:
    """Return whether a file of this name says something of the folder that it lies in, and is no paper."""
    return bool(_BESIDE_CODE.fullmatch(name) or _MARKERS.fullmatch(name))


def _repository(folder: Path, listing: Listing, names: list[str], *, is_beside_papers: bool) -> FolderKind | None:
    everything = [*names, *(name for name, _, _ in listing.refusals)]
    if marker := next((name for name in everything if _MARKERS.fullmatch(name)), None):
        return "repository", marker.rstrip("/")
    has_code = any(type_of_name(name) in CODE_TYPES for name in names)
    beside = next((name for name in names if _BESIDE_CODE.fullmatch(name)), None)
    if beside and (has_code or (_code_count(folder, listing, 1) and not _is_collection(folder, listing))):
        return "repository", f"{beside} beside code"
    if has_code and not is_beside_papers:
        return "repository", "source files"
    sources = _SOURCE_FOLDERS & set(listing.folders)
    if (len(sources) > 1 or "src" in sources) and not is_beside_papers and _code_count(folder, listing, 1):
        return "repository", f"folder {min(sources)} with code"
    return None


def _code_count(folder: Path, listing: Listing, enough: int) -> int:
    """How many source files lie in a folder and below, repositories with a version control of their own left out."""
    count = _code_in(listing)
    for name in listing.folders:
        for prefix, below in islice(walk(folder / name), _LOOKED_FOLDERS):
            if count >= enough:
                return count
            if not prefix and any(refused in _VERSION_CONTROLS for refused, _, _ in below.refusals):
                break
            count += _code_in(below)
    return count


def _code_in(listing: Listing) -> int:
    return sum(type_of_name(file.path) in CODE_TYPES for file in listing.files)


def _is_collection(folder: Path, listing: Listing) -> bool:
    """Whether most folders below are repositories by themselves."""
    marked = 0
    for name in listing.folders:
        below = list_folder(str(folder / name), str(folder))
        names = [*(file.path for file in below.files), *(found for found, _, _ in below.refusals)]
        marked += any(_MARKERS.fullmatch(found) or _BESIDE_CODE.fullmatch(found) for found in names)
    return marked > 1 and marked * 2 > len(listing.folders)


def _holds_papers(folder: Path, listing: Listing) -> bool:
    """Whether folders below are called as papers are, or hold LaTeX roots of their own."""
    return any(
        _PAPER_FOLDER.fullmatch(name) or latex_roots(folder / name, list_folder(str(folder / name), str(folder)))
        for name in listing.folders
    )


_LOOKED_MEMBERS = 200
_LOOKED_BYTES = 32 << 20
"""A tar archive is unpacked up to here to see what it holds."""


def kind_of_archive(path: Path) -> tuple[SubjectKind, str] | None:
    """Return whether an archive holds a paper or a repository; null where it holds neither text nor code."""
    try:
        names = _names(path)
        if names is None:
            with unpacked(path) as stream:
                packed = type_of_file(single_name(path), stream.read(SNIFFED_BYTES), is_asked=False)
            if packed is None or packed == "archive":
                return None
            return "repository" if packed in CODE_TYPES else "paper", f"packed {packed}"
    except (*BROKEN, KeyError, StopIteration):
        return ("paper", "archive") if arxiv_year(path.name) else ("repository", "archive")
    types = [type_of_name(name) for name in names]
    papers_count = sum(found in ("tex", "pdf") for found in types)
    if papers_count and papers_count >= sum(found in CODE_TYPES for found in types):
        return "paper", "archive of LaTeX or PDF"
    return ("repository", "archive") if any(types) else None


def _names(path: Path) -> list[str] | None:
    """The names of the members, of a tar archive the first; null where what is packed is none."""
    if is_zip(path):
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    if not tarfile_opens(path):
        return None
    names: list[str] = []
    with tarfile.open(path, "r:*") as packed:
        for member in islice(packed, _LOOKED_MEMBERS):
            names.append(member.name)
            if packed.offset > _LOOKED_BYTES:
                break
    return names
