"""Folders as units of counting: a repository, one LaTeX paper, or a corpus that is looked through.

A repository holds what repositories hold: a version control's folder, a packaging or requirements file, a README or a
licence beside code, or source files and no PDF. A folder mostly of papers is a corpus, whatever else lies in it.
"""

import re
from itertools import islice
from pathlib import Path

from pipeline.detect.files.file_types import CODE_TYPES, type_of_name
from pipeline.detect.files.folders import Listing, list_folder, walk
from pipeline.detect.files.latex import latex_roots, other_papers
from pipeline.detect.files.subjects import SubjectKind

_MARKERS = re.compile(
    r"\.(git|hg|svn)/?|setup\.(py|cfg)|pyproject\.toml|environment.*\.ya?ml|requirements.*\.(txt|in)|Pipfile|Dockerfile|"
    r"CMakeLists\.txt|DESCRIPTION|package\.json|Cargo\.toml|Project\.toml|pixi\.toml|go\.mod|pom\.xml|renv\.lock|"
    r"build\.gradle|_quarto\.yml|\.gitmodules|\.gitignore"
)
_BESIDE_CODE = re.compile(r"(readme|licen[cs]e|copying|makefile|citation)(\.\w+)?", re.IGNORECASE)
"""Names that a repository's first folder holds, and that a folder of papers may hold too."""
_SOURCE_FOLDERS = frozenset(
    {"src", "scripts", "notebooks", "tests", "models", "utils", "configs", "experiments", "lib"}
)
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
    papers = other_papers(folder, roots, pdfs)
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
