"""Subjects that a path holds: papers, each a subject of its own, and repositories, whole folders or archives.

A folder is a repository where it holds what repositories hold: a version control's folder, a packaging or requirements
file, or source files and no PDF. Any other folder is looked through for papers and repositories.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from pipeline.detect.files.containers import LEADS_OUT, entries_of_folder, is_skipped, leads_out, shown_path
from pipeline.detect.files.file_types import CODE_TYPES, FileOutcome, type_of_name
from pipeline.errors import BadInput

BATCH_FILES = 32
"""Files of one repository that are scanned as one unit."""
_LONGEST_ID = 280
_MARKERS = frozenset(
    {
        *(".git", ".hg", ".svn", "setup.py", "setup.cfg", "pyproject.toml", "environment.yml", "environment.yaml"),
        *("Pipfile", "Dockerfile", "Makefile", "CMakeLists.txt"),
    }
)
_REQUIREMENTS = re.compile(r"requirements.*\.txt$")


Refusals = tuple[tuple[str, FileOutcome, str], ...]
"""Files that must not be read: path, outcome, reason."""


@dataclass(frozen=True, slots=True)
class ScanUnit:
    """Files of one subject that one worker scans in one go.

    `source` is a file, an archive, or the folder that `members` (paths and sizes in bytes) lie below.
    """

    subject_id: str
    source: Path
    members: tuple[tuple[str, int], ...] | None
    is_asked: bool
    refusals: Refusals = ()


def scan_units_of(path: Path, subject_id: str | None = None, name: str | None = None) -> Iterator[ScanUnit]:
    """Yield the units of one path, lazily; `subject_id` makes the whole path one subject of that name.

    Without it, subjects are called by `name` (the path's own name where it is null) and what lies below it.

    Raises:
        BadInput: there is nothing at the path.
    """
    if not path.exists():
        raise BadInput(f"{path} does not exist; give files, folders, archives or a list of addresses.")
    name = subject_id or name or path.resolve().name or "root"
    if path.is_file():
        yield ScanUnit(identifier_of(name), path, None, is_asked=True)
    elif subject_id or is_repository(path):
        yield from _of_repository(path, name)
    else:
        yield from _of_corpus(path, name)


def is_repository(folder: Path) -> bool:
    """Return whether a folder is to be taken as one repository."""
    names = _names(folder)
    if any(name in _MARKERS or _REQUIREMENTS.match(name) for name in names):
        return True
    types = {type_of_name(name) for name in names}
    return "pdf" not in types and bool(types & CODE_TYPES)


def _of_repository(folder: Path, name: str) -> Iterator[ScanUnit]:
    entries = entries_of_folder(folder)
    while batch := list(islice(entries, BATCH_FILES)):
        read = (entry for entry in batch if entry.refusal is None and type_of_name(entry.path))
        members = tuple((entry.path, entry.size_bytes) for entry in read)
        refusals = tuple((entry.path, *entry.refusal) for entry in batch if entry.refusal is not None)
        if members or refusals:
            yield ScanUnit(identifier_of(name), folder, members, is_asked=False, refusals=refusals)


def _of_corpus(folder: Path, name: str) -> Iterator[ScanUnit]:
    root = folder.resolve()
    waiting = [(folder, PurePosixPath(name))]
    while waiting:
        current, within = waiting.pop()
        inner = []
        for item in (current / found for found in _names(current)):
            path = within / item.name
            if item.is_symlink() and leads_out(item, root):
                refusals: Refusals = ((item.name, "refused", LEADS_OUT),)
                yield ScanUnit(identifier_of(str(path)), item, (), is_asked=False, refusals=refusals)
            elif item.is_symlink() or is_skipped(item):
                # What a link within the folder leads to is scanned where it lies.
                continue
            elif item.is_file() and type_of_name(item.name):
                yield ScanUnit(identifier_of(str(path)), item, None, is_asked=False)
            elif item.is_dir():
                if is_repository(item):
                    yield from _of_repository(item, str(path))
                else:
                    inner.append((item, path))
        waiting += reversed(inner)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(item.name for item in folder.iterdir())
    except OSError as error:
        raise BadInput(f"{folder} cannot be listed ({error.strerror}); check its permissions.") from error


def identifier_of(name: str) -> str:
    """Return a subject's name as it is stored: printable, without spaces around it, and its end where it is long."""
    shown = shown_path(name)
    return shown if len(shown) <= _LONGEST_ID else "…" + shown[-_LONGEST_ID:].lstrip()
