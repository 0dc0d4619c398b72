"""The child process that scans: one unit after another, one file after another, told to its parent as it goes.

Before a file is inspected its checksum is sent, and the parent answers whether it is to be read at all; so the parent
always knows which file a worker is at, and can end the worker when that file takes too long.
"""

import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import BinaryIO, cast

from pipeline.detect.files.containers import BrokenContainer, Entry, entries_of_file, opener, shown_path
from pipeline.detect.files.inspection import FileOutcome, Inspection, Inspector, reading_of
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.rules.ruleset import Ruleset

MEMORY_BYTES = 6 << 30
"""A worker that needs more is ended by the system, and its file listed."""
_CHUNK_BYTES = 1 << 20
NO_CONTENT = "0" * 64
"""Stands for the checksum of a file that was not read."""


class Greeting(Enum):
    """What a worker says first."""

    READY = "ready"


READY = Greeting.READY


@dataclass(frozen=True, slots=True)
class Started:
    """A file was reached; `sha256` is its content's."""

    index: int
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A file was inspected, or refused."""

    index: int
    path: str
    size_bytes: int
    sha256: str
    inspection: Inspection


@dataclass(frozen=True, slots=True)
class UnitDone:
    """All files of the unit were told."""


class _Parent:
    """The parent process, spoken to in pickled messages; nothing else may write to standard output."""

    def __init__(self) -> None:
        self._orders = sys.stdin.buffer
        self._answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(self, message: object) -> None:
        pickle.dump(message, self._answers)
        self._answers.flush()

    def receive(self) -> object:
        return pickle.load(self._orders)  # noqa: S301 — from the process that started this one


def main() -> None:
    """Serve the parent: the ruleset comes first, then units, each with the count of files to pass over."""
    _limit_memory()
    parent = _Parent()
    inspector = Inspector(Ruleset.model_validate(parent.receive()))
    parent.send(READY)
    while True:
        try:
            unit, skipped_count = cast("tuple[ScanUnit, int]", parent.receive())
        except EOFError:
            return
        _serve(unit, skipped_count, inspector, parent)
        parent.send(UnitDone())


def _serve(unit: ScanUnit, skipped_count: int, inspector: Inspector, parent: _Parent) -> None:
    for index, entry in enumerate(entries_of(unit)):
        if index < skipped_count:
            continue
        path = shown_path(entry.path)
        if entry.refusal is not None:
            parent.send(Finished(index, path, entry.size_bytes, NO_CONTENT, _listed(*entry.refusal)))
            continue
        digest = _digest(entry)
        parent.send(Started(index, path, entry.size_bytes, digest or NO_CONTENT))
        if digest is None:
            parent.receive()
            parent.send(Finished(index, path, entry.size_bytes, NO_CONTENT, _listed("broken", "it cannot be read")))
        elif parent.receive():
            inspection = inspector.inspect(entry.path, entry.size_bytes, entry.open_stream, is_asked=unit.is_asked)
            parent.send(Finished(index, path, entry.size_bytes, digest, inspection))


def entries_of(unit: ScanUnit) -> Iterator[Entry]:
    """Yield the unit's files; an archive that breaks off is one more entry, refused as broken."""
    for path, outcome, reason in unit.refusals:
        yield Entry(path, 0, _no_stream, (outcome, reason))
    if unit.members is not None:
        for path, size_bytes in unit.members:
            yield Entry(path, size_bytes, opener(unit.source / path))
        return
    try:
        yield from entries_of_file(unit.source)
    except BrokenContainer as error:
        yield Entry(unit.source.name, unit.source.stat().st_size, _no_stream, ("broken", str(error)))
    except OSError as error:
        yield Entry(unit.source.name, 0, _no_stream, ("broken", f"it cannot be read ({error.strerror})"))


def content_of(unit: ScanUnit) -> Iterator[tuple[str, str]]:
    """Yield the checksum and reading of each file of a unit that can be read."""
    for entry in entries_of(unit):
        if entry.refusal is None and (digest := _digest(entry)) is not None:
            yield digest, reading_of(shown_path(entry.path))


def _no_stream() -> BinaryIO:
    raise FileNotFoundError


def _digest(entry: Entry) -> str | None:
    """The checksum of the file's bytes; null where they cannot be read to the end."""
    digest = sha256()
    try:
        with entry.open_stream() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    except Exception:  # noqa: BLE001 — a damaged member raises whatever its decompressor likes
        return None
    return digest.hexdigest()


def _listed(outcome: str, reason: str) -> Inspection:
    known: dict[str, FileOutcome] = {
        "encrypted": "encrypted",
        "too-large": "too-large",
        "broken": "broken",
        "unreachable": "unreachable",
    }
    return Inspection(None, known.get(outcome, "refused"), reason)


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 — not there on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
