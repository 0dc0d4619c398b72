"""Scanning many files in worker processes: each file within its time, none of them able to end the scan.

Only a bounded number of units and results is held at any moment, so memory does not grow with what is scanned.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, Queue
from threading import Event, Lock, Thread
from typing import Any, BinaryIO, cast

from pipeline.clock import perf_counter
from pipeline.detect.files.folders import shown_path
from pipeline.detect.files.inspection import Inspection
from pipeline.detect.files.scan_units import LAST, NO_CONTENT, UNDECIDED, FileResult, Held, ScanUnit, without_unchanged
from pipeline.detect.files.worker import OUT_OF_MEMORY
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.errors import ContractBroken

_HELD_RESULTS = 256
_STOP_SECONDS = 0.5
"""How soon a wish to stop is noticed, while no file comes to its end."""
MEMORY_BYTES = 768 << 20
"""How much memory reading one file may take."""
_READ, _NEXT = True, False
"""Orders to a worker that reached a file."""
_PROGRAM = "from pipeline.detect.files.worker import main; main()"


Lookup = Callable[[str, str], Inspection | None]
"""Takes a content's checksum and reading; returns what the same bytes gave before, without the detections themselves.

Called from several threads, one at a time.
"""


@dataclass(frozen=True, kw_only=True)
class ScanControl:
    """What a scan knows from before, and what ends it early."""

    look_up: Lookup = lambda _sha256, _reading: None
    held: Held = lambda _subject, _paths: []
    stop: Event = field(default_factory=Event)
    """Set from outside: the files in work are left, and what was scanned stands."""


Scanner = Callable[[Iterable[ScanUnit], Ruleset, ScanControl], Iterable[FileResult]]


def scan(
    units: Iterable[ScanUnit], ruleset: Ruleset, control: ScanControl, *, workers_count: int, file_seconds: float
) -> Iterator[FileResult]:
    """Yield one result for every file of every unit, in no promised order.

    A file that takes longer than `file_seconds` is `timed-out`, one whose reading needs more than `MEMORY_BYTES` is
    `out-of-memory`, one that ends its worker otherwise is `crashed`; the unit goes on behind it in a new worker.
    """
    orders = _Orders(iter(units), ruleset, control, file_seconds)
    results: Queue[FileResult | Exception | None] = Queue(_HELD_RESULTS)
    threads = [_Watcher(orders, results) for _ in range(max(1, workers_count))]
    for thread in threads:
        thread.start()
    try:
        yield from _taken(results, len(threads), control.stop)
    finally:
        orders.is_stopped = True
        for thread in threads:
            thread.end()


def _taken(results: "Queue[FileResult | Exception | None]", threads_count: int, stop: Event) -> Iterator[FileResult]:
    """Yield what the threads give, until each has told its end; once stopped, what they have given so far."""
    while threads_count and not (stop.is_set() and results.empty()):
        try:
            item = results.get(timeout=_STOP_SECONDS)
        except Empty:
            continue
        if isinstance(item, Exception):
            raise item
        if item is None:
            threads_count -= 1
        else:
            yield item


@dataclass
class _Orders:
    """The units of one scan, handed out one at a time, and everything else that its threads share."""

    units: Iterator[ScanUnit]
    ruleset: Ruleset
    control: ScanControl
    file_seconds: float
    is_stopped: bool = False
    lock: Lock = field(default_factory=Lock)

    @property
    def is_ended(self) -> bool:
        """Whether no further file is to be scanned."""
        return self.is_stopped or self.control.stop.is_set()

    def next_unit(self) -> ScanUnit | None:
        with self.lock:
            return None if self.is_ended else next(self.units, None)

    def known(self, file: FileResult) -> Inspection | None:
        with self.lock:
            return self.control.look_up(file.sha256, file.reading)


class _Watcher(Thread):
    """Owns one worker at a time, and starts another where a file ended it."""

    def __init__(self, orders: _Orders, results: "Queue[FileResult | Exception | None]") -> None:
        super().__init__(daemon=True)
        self._orders = orders
        self._results = results
        self._worker: _Worker | None = None
        self._waiting: FileResult | None = None

    def run(self) -> None:
        try:
            while unit := self._orders.next_unit():
                known, changed = without_unchanged(unit, self._orders.control.held)
                for result in known:
                    self._results.put(result)
                skipped_count: int | None = 0 if changed else None
                while changed and skipped_count is not None:
                    skipped_count = self._attempt(changed, skipped_count)
        except Exception as error:  # noqa: BLE001 — raised again by the thread that consumes the results
            self._results.put(error)
        finally:
            self.end()
            self._results.put(None)

    def end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _attempt(self, unit: ScanUnit, skipped_count: int) -> int | None:
        """Let a worker go through the unit; return null when that is at its end, else how many files it reached."""
        reached: FileResult | None = None
        try:
            worker = self._worker = self._worker or _Worker(self._orders)
            reached = worker.ask((unit, skipped_count))
            while reached is not None and not self._orders.is_ended:
                if reached.inspection == UNDECIDED:
                    known = self._orders.known(reached)
                    reached = replace(reached, inspection=known or worker.ask(_READ), is_known=known is not None)
                self._put(unit, reached)
                skipped_count, reached = skipped_count + 1, None
                reached = worker.ask(_NEXT)
            self._put_last(is_whole=reached is None)
        except _Lost as loss:
            self.end()
            # Between files it can only be the archive itself.
            file = reached or FileResult(
                unit.subject, shown_path(unit.source.name), 0, NO_CONTENT, "unknown", UNDECIDED
            )
            self._put(unit, replace(file, inspection=Inspection(None, *loss.args)))
            if reached:
                return skipped_count + 1
            self._put_last(is_whole=False)
        return None

    def _put(self, unit: ScanUnit, result: FileResult) -> None:
        if unit.members is not None:
            self._results.put(result)
            return
        # The last file of an archive is marked, so each waits for the next one.
        if self._waiting:
            self._results.put(self._waiting)
        self._waiting = result

    def _put_last(self, *, is_whole: bool) -> None:
        last, self._waiting = self._waiting, None
        if last:
            self._results.put(replace(last, stamp=last.stamp + LAST) if is_whole and last.stamp else last)


class _Lost(Exception):
    """A worker that ended before it answered: the outcome of the file that it read, and the reason."""


class _Worker:
    """A running worker process, spoken to through its standard input and output."""

    def __init__(self, orders: _Orders) -> None:
        self._file_seconds = orders.file_seconds
        self._process = subprocess.Popen(  # noqa: S603 — our own module
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A worker must find the project as its parent did.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._input = cast("BinaryIO", self._process.stdin)
        self._output = cast("BinaryIO", self._process.stdout)
        try:
            self.ask((orders.ruleset, orders.file_seconds, MEMORY_BYTES))
        except _Lost as loss:
            self.kill()
            raise ContractBroken(
                "A scanning process did not start; see that `python -m pipeline.detect.files.worker` runs."
            ) from loss

    def ask(self, order: object) -> Any:  # noqa: ANN401 — whatever the protocol says comes next
        """Return the answer to an order.

        Raises:
            _Lost: the process ended, by itself or because the order took longer than a file may.
        """
        started = perf_counter()
        try:
            pickle.dump(order, self._input)
            self._input.flush()
            return pickle.load(self._output)  # noqa: S301 — our child
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            if self._process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=_STOP_SECONDS)
            if self._process.returncode == OUT_OF_MEMORY:
                reason = f"reading it takes more than {MEMORY_BYTES >> 20} MiB of memory"
                raise _Lost("out-of-memory", reason) from error
            if perf_counter() - started < self._file_seconds:
                raise _Lost("crashed", "it ended the process that read it") from error
            raise _Lost("timed-out", f"it took longer than {self._file_seconds:g} s") from error

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
