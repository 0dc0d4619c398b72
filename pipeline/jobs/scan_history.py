"""The past of clones: the last commit of each year, read from git's own store; nothing is checked out or unpacked.

Git is asked by commands that run nothing which a repository's configuration names, fetch nothing, and honour none of
its attributes, so that a file is read as it was committed.
"""

import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from duckdb import DuckDBPyConnection

from pipeline.detect.files.containers import TAR_MEMBER_BYTES
from pipeline.detect.files.file_types import type_of_name
from pipeline.detect.files.folders import is_skipped_folder
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.errors import BadInput
from pipeline.log import logger

SHOWN_CHANGES = 20
"""Changes that the summary lists; all of them are in the view migrations."""
_LOG = logger("scan")
_SETTINGS = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


@dataclass(frozen=True, kw_only=True)
class Commit:
    """The last commit of one year of a clone."""

    unit: ScanUnit
    """Any unit of the clone as it lies there today."""
    name: str
    day: date
    """The day as of which it stands for the subject: the last of its year, since none followed it."""


@dataclass(kw_only=True)
class Clones:
    """The clones among units that are scanned, and the repositories that are none."""

    units: dict[str, ScanUnit] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def noted(self, units: Iterable[ScanUnit]) -> Iterator[ScanUnit]:
        """Yield the units as they come, those of clones noted."""
        for unit in units:
            if unit.members is not None and unit.source.is_dir():
                if (unit.source / ".git").exists():
                    self.units.setdefault(unit.subject.subject_id, unit)
                else:
                    self.others.add(unit.subject.subject_id)
            yield unit

    def yearly_commits(self, before: date) -> dict[date, list[Commit]]:
        """Return the last commit of every year that was over on a day, by the last day of its year.

        Raises:
            BadInput: git is not installed.
        """
        found = (commit for unit in self.units.values() for commit in _yearly(unit) if commit.day < before)
        by_day = groupby(sorted(found, key=attrgetter("day")), key=attrgetter("day"))
        return {day: list(commits) for day, commits in by_day}


def units_of_commits(commits: Sequence[Commit], folder: Path) -> Iterator[ScanUnit]:
    """Yield a unit for each commit: an archive, put into the folder, of the files that a scan would read."""
    for number, commit in enumerate(commits):
        unit = ScanUnit(commit.unit.subject, folder / f"{number}.tar", None, is_asked=False)
        try:
            _write_archive(commit, unit.source)
        except (subprocess.CalledProcessError, OSError, ValueError) as error:
            reason = f"git cannot read this commit ({type(error).__name__})"
            unit = replace(unit, members=(), refusals=((commit.name, "broken", reason),))
        yield unit


def changes_of(connection: DuckDBPyConnection, clones: Clones, ruleset_ids: Sequence[str]) -> Iterator[str]:
    """Yield how many years of how many clones are known, and every change of frameworks, in sentences."""
    values = {"subjects": list(clones.units), "rulesets": list(ruleset_ids)}
    seen = connection.execute(
        "select count(distinct subject_id), count(*) from main.migrations where subject_id in $subjects "
        "and ruleset_id in $rulesets and basis = 'code'",
        values,
    ).fetchall()
    yield (
        f"{len(clones.units)} clones; {seen[0][0]} of them were seen as of several days, {seen[0][1]} steps in all; "
        f"{len(clones.others)} other repositories have no history here."
    )
    changed = connection.execute("from migrations_in_words($subjects, $rulesets)", values).fetchall()
    yield from (line for (line,) in changed[:SHOWN_CHANGES])
    if len(changed) > SHOWN_CHANGES:
        yield f"… and {len(changed) - SHOWN_CHANGES} more changes; the view migrations has them all."


def _yearly(unit: ScanUnit) -> Iterator[Commit]:
    """Yield the newest commit of each year, by the line of first parents; years in UTC, by the date of committing."""
    try:
        lines = _git(unit.source, "rev-list", "--first-parent", "--timestamp", "HEAD").decode().split("\n")
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode()[:200].strip()
        _LOG.warning("%s has no history that git can read: %s", unit.subject.subject_id, told)
        return
    seen: set[int] = set()
    for line in filter(None, lines):
        seconds, name = line.split()
        year = datetime.fromtimestamp(int(seconds), UTC).year
        if year not in seen:
            seen.add(year)
            yield Commit(unit=unit, name=name, day=date(year, 12, 31))


def _write_archive(commit: Commit, target: Path) -> None:
    """Write the files of a commit that a scan would read; links and submodules are none."""
    listed = _git(commit.unit.source, "ls-tree", "-r", "-l", "-z", "--full-tree", commit.name)
    blobs = [blob for line in listed.split(b"\0") if line and (blob := _blob(line))]
    asking = _asking(commit.unit.source, "cat-file", "--batch")
    reader = subprocess.Popen(**asking, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with reader as process, tarfile.open(target, "w") as archive:
        asked, answers = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
        for name, path in blobs:
            asked.write(name + b"\n")
            asked.flush()
            *_, size = answers.readline().split()
            content = answers.read(int(size) + 1)[:-1]
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
        asked.close()


def _blob(line: bytes) -> tuple[bytes, str] | None:
    """Return the name and path of a listed file that a scan would read."""
    facts, _, path = line.partition(b"\t")
    mode, _, name, size = facts.split()
    place = PurePosixPath(os.fsdecode(path))
    is_file = mode.startswith(b"100") and int(size) <= TAR_MEMBER_BYTES
    if not is_file or not type_of_name(str(place)) or any(map(is_skipped_folder, place.parts[:-1])):
        return None
    return name, str(place)


def _git(folder: Path, *words: str) -> bytes:
    try:
        return bytes(subprocess.run(**_asking(folder, *words), capture_output=True, check=True).stdout)
    except FileNotFoundError as error:
        raise BadInput("The history of clones is read by git, which is not installed; install it.") from error


def _asking(folder: Path, *words: str) -> dict[str, Any]:
    """The command and the environment of its process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", f"safe.directory={folder}", "-c", "core.fsmonitor=false", "-C", str(folder), *words]
    return {"args": command, "env": {**kept, **_SETTINGS}}
