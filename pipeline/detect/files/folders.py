"""Folders, read as they lie: every name below them is yielded, and no link is followed.

What is not read is yielded too, with the outcome it is listed under; nothing that a folder holds ends the walk.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.detect.files.file_types import NAMES, FileOutcome

Unread = tuple[str, FileOutcome, str]
"""What is not read: path, outcome, reason."""
Refusals = tuple[Unread, ...]
_SKIPPED_FOLDERS = frozenset(NAMES["skipped_folders"])


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A regular file: its path below the folder, and what the system says of it without opening it."""

    path: str
    size_bytes: int
    stamp: str
    """Size and times of change; another content has another stamp."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One folder: its files, its folders that are gone into, and everything else with the reason."""

    files: tuple[ListedFile, ...] = ()
    folders: tuple[str, ...] = ()
    refusals: Refusals = ()


def list_folder(folder: str, root: str) -> Listing:
    """List one folder of the resolved folder `root`, in order of names."""
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except OSError as error:
        return Listing(refusals=(("", "refused", f"the folder cannot be listed ({error.strerror})"),))
    seen = [_seen(item, root) for item in items]
    return Listing(
        files=tuple(each for each in seen if isinstance(each, ListedFile)),
        folders=tuple(each for each in seen if isinstance(each, str)),
        refusals=tuple(each for each in seen if isinstance(each, tuple)),
    )


def walk(folder: Path) -> Iterator[tuple[str, Listing]]:
    """Yield the listing of a folder and of every folder below it, each with its path, which ends in a slash."""
    root = os.path.realpath(folder)
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        listing = list_folder(f"{root}/{prefix}", root)
        yield prefix, listing
        waiting += [f"{prefix}{name}/" for name in reversed(listing.folders)]


def is_skipped_folder(name: str) -> bool:
    """Return whether a folder of this name holds copies of other people's code or a tool's own files."""
    return name in _SKIPPED_FOLDERS or name.endswith(".egg-info")


def stamp_of(status: os.stat_result) -> str:
    """Return what changes whenever a file's content does, even where its time of change was set back."""
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def shown_path(path: str) -> str:
    """Return a path that can be stored and printed: undecodable bytes and control characters escaped."""
    text = path.encode("utf-8", errors="backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text).strip() or "?"


def _seen(item: os.DirEntry[str], root: str) -> ListedFile | str | Unread:
    """A file, the name of a folder that is gone into, or what is listed without being read."""
    try:
        if item.is_symlink():
            return item.name, *_of_link(item.path, root)
        if item.is_dir(follow_symlinks=False):
            if is_skipped_folder(item.name):
                return f"{item.name}/", "passed-over", "a tool's own files, or copies of other people's code"
            return item.name
        status = item.stat(follow_symlinks=False)
    except OSError as error:
        return item.name, "broken", f"it cannot be looked at ({error.strerror})"
    if stat.S_ISREG(status.st_mode):
        return ListedFile(item.name, status.st_size, stamp_of(status))
    return item.name, "refused", "it is neither a file nor a folder"


def _of_link(path: str, root: str) -> tuple[FileOutcome, str]:
    target = os.path.realpath(path)
    if Path(target).is_symlink():
        return "refused", "it is a link that leads in a circle"
    if os.path.commonpath([root, target]) != root:
        return "refused", "it is a link that leads out of the folder"
    if not os.path.lexists(target):
        return "broken", "it is a link to nothing"
    return "passed-over", "a link within the folder; what it leads to is scanned where it lies"
