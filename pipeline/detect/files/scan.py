"""Scanning many files in worker processes: each file within its time, none of them able to end the scan.

Only a bounded number of units and results is held at any moment, so memory does not grow with what is scanned.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Queue
from threading import Event, Lock, Thread

from pipeline.clock import perf_counter
from pipeline.detect.files.inspection import FileOutcome, Inspection, reading_of
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.files.worker import NO_CONTENT, READY, Finished, Started, UnitDone
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.errors import ContractBroken

START_SECONDS = 60.0
"""How long a worker may take to compile the rules and say that it is there."""
_HELD_RESULTS = 256
_WATCH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class KnownContent:
    """What the same bytes, read in the same way under the same rules, gave before."""

    outcome: FileOutcome
    reason: str | None
    detections_count: int


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of one subject, what it gave, and whether that was known from before."""

    subject_id: str
    path: str
    size_bytes: int
    sha256: str
    reading: str
    inspection: Inspection
    is_known: bool = False


Lookup = Callable[[str, str], KnownContent | None]
"""Takes a content's checksum and reading; returns what is known of it. Called from several threads, one at a time."""


def scan(
    units: Iterable[ScanUnit], ruleset: Ruleset, look_up: Lookup, *, workers_count: int, file_seconds: float
) -> Iterator[FileResult]:
    """Yield one result for every file of every unit, in no promised order.

    A file that takes longer than `file_seconds` is `timed-out`, one that ends its worker is `crashed`; either way the
    unit goes on behind it in a new worker.
    """
    results: Queue[FileResult | Exception | None] = Queue(_HELD_RESULTS)
    feed = _Feed(units, results)
    lock = Lock()

    def locked(sha256: str, reading: str) -> KnownContent | None:
        with lock:
            return look_up(sha256, reading)

    watchdog = _Watchdog()
    orders = _Orders(ruleset, locked, file_seconds, watchdog)
    threads = [_Watcher(feed, results, orders) for _ in range(max(1, workers_count))]
    for thread in (watchdog, *threads):
        thread.start()
    try:
        waiting = len(threads)
        while waiting:
            item = results.get()
            if isinstance(item, Exception):
                raise item
            if item is None:
                waiting -= 1
            else:
                yield item
    finally:
        feed.stop()
        watchdog.end()
        for thread in threads:
            thread.end()


@dataclass(frozen=True, slots=True)
class _Orders:
    """What holds for every file of one scan."""

    ruleset: Ruleset
    look_up: Lookup
    file_seconds: float
    watchdog: "_Watchdog"


class _Feed:
    """Hands units to the watchers one at a time; an error while they are made ends the scan."""

    def __init__(self, units: Iterable[ScanUnit], results: "Queue[FileResult | Exception | None]") -> None:
        self._tasks = iter(units)
        self._results = results
        self._lock = Lock()
        self.is_stopped = False

    def take(self) -> ScanUnit | None:
        with self._lock:
            if self.is_stopped:
                return None
            try:
                return next(self._tasks, None)
            except Exception as error:  # noqa: BLE001 — raised again by the thread that consumes the results
                self.is_stopped = True
                self._results.put(error)
                return None

    def stop(self) -> None:
        self.is_stopped = True


class _Watcher(Thread):
    """Owns one worker at a time and sees to it that no file keeps it."""

    def __init__(self, feed: _Feed, results: "Queue[FileResult | Exception | None]", orders: _Orders) -> None:
        super().__init__(daemon=True)
        self._feed = feed
        self._results = results
        self._orders = orders
        self._worker: _Worker | None = None

    def run(self) -> None:
        try:
            while (unit := self._feed.take()) is not None:
                self._finish(unit)
        except Exception as error:  # noqa: BLE001 — raised again by the thread that consumes the results
            self._put(error)
        finally:
            self.end()
            self._put(None)

    def end(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _finish(self, unit: ScanUnit) -> None:
        """Have every file of the unit told, in as many workers as that takes."""
        told_count = 0
        while (told := self._attempt(unit, told_count)) is not None:
            told_count = told

    def _attempt(self, unit: ScanUnit, skipped_count: int) -> int | None:
        """Let a worker go through the unit; null when it reached the end, else how many files were told."""
        worker = self._worker = self._worker or _Worker(self._orders.ruleset, self._orders.watchdog)
        worker.send((unit, skipped_count))
        at: Started | None = None
        told = skipped_count
        while not self._feed.is_stopped:
            message = worker.receive(self._orders.file_seconds)
            if isinstance(message, UnitDone):
                return None
            if isinstance(message, Started):
                at = message
                self._answer(unit, message, worker)
                told = message.index + 1
            elif isinstance(message, Finished):
                at = None
                told = message.index + 1
                self._tell(unit, message)
            else:
                self.end()
                return self._after_loss(unit, at, told, is_late=message is _Worker.LATE)
        return None

    def _answer(self, unit: ScanUnit, message: Started, worker: "_Worker") -> None:
        known = self._orders.look_up(message.sha256, reading_of(message.path))
        worker.send(known is None)
        if known is not None:
            inspection = Inspection(None, known.outcome, known.reason, (), known.detections_count)
            found = Finished(message.index, message.path, message.size_bytes, message.sha256, inspection)
            self._tell(unit, found, is_known=True)

    def _after_loss(self, unit: ScanUnit, at: Started | None, told: int, *, is_late: bool) -> int | None:
        """List the file that a worker was lost on; between files it can only be the archive itself."""
        outcome: FileOutcome = "timed-out" if is_late else "crashed"
        reason = (
            f"it took longer than {self._orders.file_seconds:g} s" if is_late else "it ended the process that read it"
        )
        at = at or Started(told, unit.source.name, 0, NO_CONTENT)
        self._tell(unit, Finished(at.index, at.path, at.size_bytes, at.sha256, Inspection(None, outcome, reason)))
        return told if told > at.index else None

    def _tell(self, unit: ScanUnit, message: Finished, *, is_known: bool = False) -> None:
        reading = reading_of(message.path)
        self._put(
            FileResult(
                unit.subject_id, message.path, message.size_bytes, message.sha256, reading, message.inspection, is_known
            )
        )

    def _put(self, item: "FileResult | Exception | None") -> None:
        self._results.put(item)


class _Watchdog(Thread):
    """Looks at every worker's deadline a few times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._workers: set[_Worker] = set()
        self._lock = Lock()
        self._ended = Event()

    def run(self) -> None:
        while not self._ended.wait(_WATCH_SECONDS):
            with self._lock:
                for worker in self._workers:
                    worker.stop_if_late()

    def add(self, worker: "_Worker") -> None:
        with self._lock:
            self._workers.add(worker)

    def remove(self, worker: "_Worker") -> None:
        with self._lock:
            self._workers.discard(worker)

    def end(self) -> None:
        self._ended.set()


class _Worker:
    """A running worker process, spoken to through its standard input and output."""

    LATE = object()
    LOST = object()

    def __init__(self, ruleset: Ruleset, watchdog: "_Watchdog") -> None:
        command = [sys.executable, "-c", "from pipeline.detect.files.worker import main; main()"]
        self._process = subprocess.Popen(  # noqa: S603 — our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        )
        self._is_late = False
        self._deadline = float("inf")
        self._watchdog = watchdog
        watchdog.add(self)
        self.send(ruleset.model_dump(mode="json", by_alias=True))
        if self.receive(START_SECONDS) is not READY:
            self.kill()
            raise ContractBroken(
                "A scanning process did not start; see that `python -m pipeline.detect.files.worker` runs."
            )

    def send(self, order: object) -> None:
        if self._process.stdin is None:
            return
        try:
            pickle.dump(order, self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            # The process is gone; the next `receive` says so.
            return

    def receive(self, seconds: float) -> object:
        """Return the next message, `LATE` where none came in time, or `LOST` where the process ended."""
        self._deadline = perf_counter() + seconds
        try:
            return pickle.load(self._process.stdout) if self._process.stdout else _Worker.LOST  # noqa: S301 — our child
        except (EOFError, OSError, pickle.UnpicklingError):
            return _Worker.LATE if self._is_late else _Worker.LOST
        finally:
            self._deadline = float("inf")

    def kill(self) -> None:
        self._watchdog.remove(self)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def stop_if_late(self) -> None:
        """End the process when its next message is overdue; called by the watchdog."""
        if perf_counter() > self._deadline:
            self._is_late = True
            self._process.kill()


def _environment() -> dict[str, str]:
    """The parent's environment; a worker must find the project as its parent did."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
