"""The child process that scans: one unit after another, one file after another, reported to its parent as it goes.

Before a file is inspected its checksum is sent, and the parent answers whether it is to be read at all; so the parent
always knows which file a worker is at. A file that takes too long ends the process, whatever code it is in.
"""

import faulthandler
import mmap
import os
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from pipeline.detect.files.containers import BrokenContainer, Entry, entries_of_file, opener, refused
from pipeline.detect.files.file_types import SNIFFED_BYTES, type_of_file
from pipeline.detect.files.folders import shown_path
from pipeline.detect.files.inspection import Inspection, Inspector, reading_of, untyped
from pipeline.detect.files.scan_units import NO_CONTENT, UNDECIDED, FileResult, ScanUnit

if sys.platform != "win32":
    import resource

ADDRESS_BYTES = 4 << 30
"""What the system gives a worker at most, where the watch on its memory cannot step in."""
OUT_OF_MEMORY = 77
"""Exit code of a worker whose file took more memory than it may."""
_WATCH_SECONDS = 0.02
START_SECONDS = 60.0
"""How long a worker may take to compile the rules and say that it is ready."""
_PAGE_BYTES = mmap.PAGESIZE


class _Parent:
    """The parent process, spoken to in pickled messages; nothing else may write to standard output."""

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self.file_seconds = 0.0
        self.held_bytes: int | None = None
        """Memory of this process when the order in work came; null between orders."""

    def ask(self, answer: object) -> Any:  # noqa: ANN401 — whatever the protocol says comes next
        """Answer the order before and return the next one, which must be carried out within its time."""
        _end_after(0)
        self.held_bytes = None
        pickle.dump(answer, self._answers)
        self._answers.flush()
        order = self.receive()
        self.held_bytes = _memory_bytes()
        _end_after(self.file_seconds)
        return order

    def receive(self) -> Any:  # noqa: ANN401
        """Return the next order."""
        return pickle.load(sys.stdin.buffer)  # noqa: S301 — from the process that started this one


def main() -> None:
    """Serve the parent: the ruleset and the limit come first, then units, each with the count of files to pass over."""
    _end_after(START_SECONDS)
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, hard))
    # Ctrl-C reaches every process of a terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = _Parent()
    with suppress(EOFError):
        ruleset, parent.file_seconds, memory_bytes = parent.receive()
        Thread(target=_watch_memory, args=(parent, memory_bytes), daemon=True).start()
        inspector = Inspector(ruleset)
        unit, skipped_count = parent.ask("ready")
        while True:
            for entry in islice(entries_of(unit), skipped_count, None):
                if parent.ask(_reached(unit, entry)):
                    found = inspector.inspect(entry.path, entry.size_bytes, entry.open_stream, is_asked=unit.is_asked)
                    parent.ask(found)
            unit, skipped_count = parent.ask(None)


def entries_of(unit: ScanUnit) -> Iterator[Entry]:
    """Yield the unit's files that may be read; an archive that breaks off is one more entry, refused as broken."""
    if unit.members is not None:
        for file in unit.members:
            yield Entry(file.path, file.size_bytes, opener(unit.source / file.path), stamp=file.stamp)
        return
    try:
        for entry in entries_of_file(unit.source):
            yield replace(entry, stamp=unit.stamp)
    except BrokenContainer as error:
        yield refused(unit.source.name, unit.source.stat().st_size, "broken", str(error))
    except OSError as error:
        yield refused(unit.source.name, 0, "broken", f"it cannot be read ({error.strerror})")


def content_of(unit: ScanUnit) -> Iterator[tuple[str, str]]:
    """Yield the checksum and reading of each file of a unit that can be read."""
    for entry in entries_of(unit):
        file = _reached(unit, entry)
        if file.inspection == UNDECIDED:
            yield file.sha256, file.reading


def _reached(unit: ScanUnit, entry: Entry) -> FileResult:
    """The file, before its inspection where the parent decides whether it is read."""
    path, is_asked = shown_path(entry.path), unit.is_asked
    reached = FileResult(unit.subject, path, entry.size_bytes, NO_CONTENT, "unknown", UNDECIDED, stamp=entry.stamp)
    if entry.refusal:
        return replace(reached, inspection=Inspection(None, *entry.refusal))
    try:
        with entry.open_stream() as stream:
            first = stream.read(SNIFFED_BYTES)
        if (file_type := type_of_file(entry.path, first, is_asked=is_asked)) is None:
            return replace(reached, inspection=untyped(first, is_asked=is_asked))
        with entry.open_stream() as stream:
            content = file_digest(stream, "sha256").hexdigest()
    except Exception as error:  # noqa: BLE001 — a damaged member raises whatever its decompressor likes
        reason = f"it cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})"
        return replace(reached, inspection=Inspection(None, "broken", reason))
    return replace(reached, sha256=content, reading=reading_of(entry.path, file_type))


def _end_after(seconds: float) -> None:
    """End this process after so many seconds, whatever code it is in; 0 takes that back."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


def _watch_memory(parent: _Parent, limit_bytes: int) -> None:
    """End this process once an order has taken more memory than the limit since it came."""
    while True:
        sleep(_WATCH_SECONDS)
        before = parent.held_bytes
        if before is not None and _memory_bytes() - before > limit_bytes:
            os._exit(OUT_OF_MEMORY)


def _memory_bytes() -> int:
    """Memory of this process now; where the system does not tell that, the most that it ever was."""
    try:
        with Path("/proc/self/statm").open("rb") as told:
            return int(told.read().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0 if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
