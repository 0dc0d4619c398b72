"""Files that did not change since the scan before, by size and times of change: passed on without being opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.detect.files.file_types import type_of_name
from pipeline.detect.files.folders import shown_path
from pipeline.detect.files.inspection import Inspection, reading_of
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.files.subjects import Subject

LAST = " end"
"""Marks the stamp of the last file of an archive: all before it are held too."""
NO_CONTENT = "0" * 64
"""Stands for the checksum of a file that was not read."""
UNDECIDED = Inspection(None, "read", None)
"""Stands for the inspection of a file of which it is not said yet whether it is read."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of one subject, what it gave, and whether that was known from before."""

    subject: Subject
    path: str
    size_bytes: int
    sha256: str
    reading: str
    inspection: Inspection
    is_known: bool = False
    stamp: str = ""

    @property
    def subject_id(self) -> str:
        """The subject's name."""
        return self.subject.subject_id


Held = Callable[[Subject, Sequence[str] | None], list[FileResult]]
"""Takes a subject and paths, null for all; returns those of its files that the scan before saw to an end.

They lack the detections themselves.
"""


def without_unchanged(unit: ScanUnit, held: Held) -> tuple[list[FileResult], ScanUnit | None]:
    """Return what is known of a unit's files without opening them, and a unit of the others, if any."""
    known = [
        FileResult(unit.subject, shown_path(path), 0, NO_CONTENT, "unknown", Inspection(None, outcome, reason))
        for path, outcome, reason in unit.refusals
    ]
    if unit.members is None:
        found = _of_archive(unit, held(unit.subject, None)) if unit.stamp else []
        return [*known, *found], None if found else replace(unit, refusals=())
    paths = {shown_path(file.path): file for file in unit.members}
    by_path = {file.path: file for file in held(unit.subject, list(paths)) if is_read_alike(file)}
    same = {path for path, file in paths.items() if path in by_path and by_path[path].stamp == file.stamp != ""}
    known += [by_path[path] for path in paths if path in same]
    changed = tuple(file for path, file in paths.items() if path not in same)
    return known, replace(unit, members=changed, refusals=()) if changed else None


def is_read_alike(file: FileResult) -> bool:
    """Return whether a file of this name is read today as it was then, and was it to its end."""
    named = type_of_name(file.path)
    if file.sha256 == NO_CONTENT:
        return named is None and file.inspection.outcome in ("passed-over", "empty", "unsupported")
    return named is None or file.reading == reading_of(file.path, named) or file.reading == "pdf"


def _of_archive(unit: ScanUnit, files: list[FileResult]) -> list[FileResult]:
    """The files of an archive, or the one file that it is, where all of them are held."""
    own = [file for file in files if file.stamp.removesuffix(LAST) == unit.stamp]
    is_whole = any(file.stamp.endswith(LAST) for file in own)
    is_alone = len(own) == 1 and own[0].path == shown_path(Path(unit.source).name)
    return own if is_whole and (not is_alone or is_read_alike(own[0])) else []
