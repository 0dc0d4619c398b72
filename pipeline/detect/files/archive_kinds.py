"""Archives as units of counting: the sources of a paper, or a repository."""

import tarfile
import zipfile
from itertools import islice
from pathlib import Path

from pipeline.detect.files.containers import BROKEN, is_zip, single_name, tarfile_opens, unpacked
from pipeline.detect.files.file_types import CODE_TYPES, SNIFFED_BYTES, type_of_file, type_of_name
from pipeline.detect.files.subjects import SubjectKind, arxiv_year

_LOOKED_MEMBERS = 200
_LOOKED_BYTES = 32 << 20
"""A tar archive is unpacked up to here to see what it holds."""


def kind_of_archive(path: Path) -> tuple[SubjectKind, str] | None:
    """Return whether an archive holds a paper or a repository; null where it holds neither text nor code."""
    try:
        names = _names(path)
        if names is None:
            return _kind_of_single(path)
    except (*BROKEN, KeyError, StopIteration):
        return ("paper", "archive") if arxiv_year(path.name) else ("repository", "archive")
    types = [type_of_name(name) for name in names]
    papers_count = sum(found in ("tex", "pdf") for found in types)
    if papers_count and papers_count >= sum(found in CODE_TYPES for found in types):
        return "paper", "archive of LaTeX or PDF"
    return ("repository", "archive") if any(types) else None


def _kind_of_single(path: Path) -> tuple[SubjectKind, str] | None:
    with unpacked(path) as stream:
        file_type = type_of_file(single_name(path), stream.read(SNIFFED_BYTES), is_asked=False)
    if file_type is None or file_type == "archive":
        return None
    return "repository" if file_type in CODE_TYPES else "paper", f"packed {file_type}"


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
