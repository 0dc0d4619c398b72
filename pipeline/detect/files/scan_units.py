"""Subjects that a path holds, and the units of work that their files are scanned in.

Every paper is a subject: a PDF, a page, a text, an archive of sources, or a LaTeX root with what it takes in. Every
repository is one, whole, as a folder or an archive. What belongs to none is listed under the folder that it lies in.
Files that did not change since the scan before, by size and times of change, are passed on without being opened.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from pipeline.detect.files import kinds
from pipeline.detect.files.containers import is_zip
from pipeline.detect.files.file_types import CODE_TYPES, SNIFFED_BYTES, FileType, type_of_file, type_of_name
from pipeline.detect.files.folders import ListedFile, Listing, Refusals, Unread, list_folder, shown_path, stamp_of, walk
from pipeline.detect.files.inspection import Inspection, reading_of
from pipeline.detect.files.subjects import Subject, SubjectKind, new_subject, repository_links
from pipeline.errors import BadInput

BATCH_FILES = 32
"""Files of one repository that are scanned as one unit."""
_CONFIG_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class ScanUnit:
    """Files of one subject that one worker scans in one go.

    `source` is a file, an archive, or the folder that `members` lie below.
    """

    subject: Subject
    source: Path
    members: tuple[ListedFile, ...] | None
    is_asked: bool
    refusals: Refusals = ()
    stamp: str = ""
    """Of the one file or archive."""


Claims = set[str]
"""Paths, resolved, that belong to subjects found elsewhere and are passed by."""


def scan_units_of(
    path: Path, subject_id: str | None = None, name: str | None = None, claims: Claims | None = None
) -> Iterator[ScanUnit]:
    """Yield the units of one path, lazily; `subject_id` makes the whole path one subject of that name.

    Without it, subjects are called by `name` (the path's own name where it is null) and what lies below it.

    Raises:
        BadInput: there is nothing at the path.
    """
    if not os.path.lexists(path):
        raise BadInput(f"{path} does not exist; give files, folders, archives or a list of addresses.")
    resolved = Path(os.path.realpath(path))
    claims = set() if claims is None else claims
    if str(resolved) in claims:
        return
    name = subject_id or name or resolved.name or "root"
    if subject_id:
        yield from units_of_subject(named_subject(resolved, subject_id), [path])
    elif resolved.is_dir():
        yield from _of_folder(resolved, name, claims)
    else:
        yield from units_of_subject(new_subject(name, *_kind_of_asked(resolved)), [path])


def units_of_subject(subject: Subject, paths: list[Path]) -> Iterator[ScanUnit]:
    """Yield the units of one subject that is made of these paths, whole."""
    for path in paths:
        resolved = Path(os.path.realpath(path))
        if resolved.is_dir():
            yield from _units_of_tree(subject, resolved, set())
            continue
        try:
            status = resolved.stat()
        except OSError as error:
            refusals: Refusals = ((path.name, "unreachable", f"nothing can be had from there ({error.strerror})"),)
        else:
            if stat.S_ISREG(status.st_mode):
                yield ScanUnit(subject, resolved, None, is_asked=True, stamp=stamp_of(status))
                continue
            refusals = ((path.name, "refused", "it is neither a file nor a folder"),)
        yield ScanUnit(subject, resolved, (), is_asked=True, refusals=refusals)


def _repository_of_folder(folder: Path) -> str | None:
    """The address that a clone was made from, as its configuration says."""
    try:
        with (folder / ".git" / "config").open("rb") as stream:
            lines = [line for line in stream.read(_CONFIG_BYTES).splitlines() if line.strip().startswith(b"url")]
    except OSError:
        return None
    return next(iter(repository_links(lines)), None)


def named_subject(path: Path, subject_id: str) -> Subject:
    """Return the one subject that a path is said to be."""
    if not path.is_dir():
        kind = _kind_of_asked(path)[0]
    elif found := kinds.kind_of_folder(path, list_folder(str(path), str(path))):
        kind = found[0]
    else:
        types = {type_of_name(file.path) for _, listing in islice(walk(path), 100) for file in listing.files}
        kind = "paper" if types & {"pdf", "tex"} and not types & CODE_TYPES else "repository"
    return new_subject(subject_id, kind, "named", _repository_of_folder(path) if kind == "repository" else None)


def _of_folder(folder: Path, name: str, claims: Claims) -> Iterator[ScanUnit]:
    root = str(folder)
    waiting = [("", PurePosixPath(name))]
    while waiting:
        below, within = waiting.pop()
        current = folder / below
        listing = _unclaimed(current, list_folder(str(current), root), claims)
        if kind := kinds.kind_of_folder(current, listing):
            repository = _repository_of_folder(current) if kind[0] == "repository" else None
            yield from _units_of_tree(new_subject(str(within), *kind, repository), current, claims)
            continue
        yield from _of_corpus(current, listing, str(within), claims)
        waiting += [(f"{below}{inner}/", within / inner) for inner in reversed(listing.folders)]


def _unclaimed(folder: Path, listing: Listing, claims: Claims) -> Listing:
    if not claims:
        return listing
    files = tuple(file for file in listing.files if str(folder / file.path) not in claims)
    folders = tuple(name for name in listing.folders if str(folder / name) not in claims)
    return Listing(files, folders, listing.refusals)


def _units_of_tree(subject: Subject, folder: Path, claims: Claims) -> Iterator[ScanUnit]:
    """Yield a whole folder, a few files at a time."""
    found: Iterator[ListedFile | Unread] = chain.from_iterable(
        [
            *((f"{prefix}{name}" or ".", outcome, reason) for name, outcome, reason in listing.refusals),
            *(
                ListedFile(prefix + file.path, file.size_bytes, file.stamp)
                for file in listing.files
                if not claims or f"{folder}/{prefix}{file.path}" not in claims
            ),
        ]
        for prefix, listing in walk(folder)
    )
    yield from _batches(subject, folder, found)


def _batches(subject: Subject, folder: Path, found: Iterator[ListedFile | Unread]) -> Iterator[ScanUnit]:
    while batch := list(islice(found, BATCH_FILES)):
        members = tuple(item for item in batch if isinstance(item, ListedFile))
        refusals = tuple(item for item in batch if not isinstance(item, ListedFile))
        yield ScanUnit(subject, folder, members, is_asked=False, refusals=refusals)


def _of_corpus(folder: Path, listing: Listing, name: str, claims: Claims) -> Iterator[ScanUnit]:
    """Yield the papers of one folder, and last what lies beside them."""
    sizes = {file.path: file for file in listing.files}
    taken: set[str] = set()
    for root in kinds.latex_roots(folder, listing):
        paths = [path for path in kinds.taken_in(folder, root) if path not in taken]
        if root in paths:
            taken.update(paths)
            claims.update(str(folder / path) for path in paths)
            members = (sizes.get(path) or _listed(folder, path) for path in paths)
            yield from _batches(new_subject(f"{name}/{root}", "paper", f"LaTeX root {root}"), folder, iter(members))
    beside: list[ListedFile | Unread] = []
    for refusal in listing.refusals:
        # A paper that cannot be had is a subject that gave no answer.
        if refusal[1] != "passed-over" and (file_type := type_of_name(refusal[0])):
            kind: SubjectKind = "repository" if file_type in CODE_TYPES else "paper"
            refused = new_subject(f"{name}/{refusal[0]}", kind, file_type)
            yield ScanUnit(refused, folder, (), is_asked=False, refusals=(refusal,))
        else:
            beside.append((refusal[0] or ".", *refusal[1:]))
    for file in listing.files:
        if file.path in taken:
            continue
        path = folder / file.path
        file_type = None if kinds.goes_with_folder(path.name) else _type_at(path, is_asked=False)
        if file_type and file_type != "bibliography" and (found := _kind_of_type(path, file_type)):
            subject = new_subject(f"{name}/{file.path}", *found)
            yield ScanUnit(subject, path, None, is_asked=False, stamp=file.stamp)
        else:
            beside.append(file)
    yield from _batches(new_subject(name, "folder", "what lies beside"), folder, iter(beside))


def _listed(folder: Path, path: str) -> ListedFile:
    try:
        status = (folder / path).stat()
    except OSError:
        return ListedFile(path, 0, "")
    return ListedFile(path, status.st_size, stamp_of(status))


def _kind_of_asked(path: Path) -> kinds.FolderKind:
    return _kind_of_type(path, _type_at(path, is_asked=True) or "text") or ("paper", "named")


def _kind_of_type(path: Path, file_type: FileType) -> kinds.FolderKind | None:
    if file_type == "archive":
        return kinds.kind_of_archive(path)
    return "repository" if file_type in CODE_TYPES else "paper", file_type


def _type_at(path: Path, *, is_asked: bool) -> FileType | None:
    if found := type_of_name(path.name):
        return found
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            found = type_of_file(path.name, stream.read(SNIFFED_BYTES), is_asked=is_asked)
        return "archive" if found in (None, "text") and is_zip(path) else found
    except OSError:
        return None


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
