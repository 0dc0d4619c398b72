"""A worker child as its controller sees it: started, asked with a deadline, ended, with its last words kept."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from itertools import chain, count
from pathlib import Path
from typing import IO, Any, cast

from pipeline.bench.contract import CPU, Framework
from pipeline.bench.isolation import dropped_names, passed_on
from pipeline.bench.plan import RunContext
from pipeline.bench.registry import adapter_class
from pipeline.bench.system_load import text_of
from pipeline.bench.worker import MESSAGE_LENGTH, WorkerSpec, ran_out
from pipeline.clock import perf_counter
from pipeline.records.benchmarks import Outcome
from pipeline.reference import known_frameworks
from pipeline.reference.frameworks import BenchEntry

_EVIDENCE_LENGTH = 4000
_PATIENCE_SECONDS = 0.2
"""How often a wait looks up whether the run is to be stopped."""
_GONE_SECONDS = 5
_NUMBERS = count()
_RUN_WORKER = "from pipeline.bench.worker import main; main()"
"""Imported, for as Python's main module it would make TensorFlow's eager steps 7 to 10 % longer."""
_UNANSWERED = ".unanswered"
"""How the name of the file ends that stands in the cache folder while a worker has not answered a request."""


class Lost(Exception):
    """A request was not done; the worker may be gone (`is_worker_gone`) or ready for the next one."""

    def __init__(self, outcome: Outcome, message: str, *, is_worker_gone: bool) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.is_worker_gone = is_worker_gone


class Stopped(Exception):
    """The run is to be stopped; nobody waits for answers any more."""


class WorkerProcess:
    """One running child. `ask` is one request and its answer; several children may be asked at once from threads."""

    def __init__(
        self, spec: WorkerSpec, cache_folder: Path, stop: threading.Event, *, evidence_file: Path, is_quick: bool
    ) -> None:
        """Start the child; it has not imported its framework yet.

        Raises:
            Lost: the system does not let it be started.
        """
        self._stop = stop
        self._evidence_file = evidence_file
        self._mark = cache_folder / f"{evidence_file.stem}{_UNANSWERED}"
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._is_ended = False
        # What a framework leaves in its temporary folder when it is killed goes with the run's own.
        temporary = {"TMPDIR": str(evidence_file.parent)}
        try:
            with evidence_file.open("wb") as evidence:
                self._process = subprocess.Popen(  # noqa: S603 — our own module, no shell
                    [sys.executable, "-P", "-c", _RUN_WORKER, json.dumps(asdict(spec))],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=evidence,
                    env=temporary | child_environment(spec, cache_folder, is_quick=is_quick),
                    start_new_session=True,  # Ctrl-C is the controller's business; and the whole group can be ended
                    text=True,
                    encoding="utf-8",
                )
        except OSError as error:
            raise lost_to_system(error) from error
        self._requests = cast("IO[str]", self._process.stdin)
        self._lines = cast("IO[str]", self._process.stdout)
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, request: str, deadline_seconds: float, **arguments: object) -> dict[str, Any]:
        """Return the answer to one request.

        Raises:
            Lost: it was not done: the framework refused or failed, or the child ended or was ended at the deadline.
            Stopped: the run was stopped meanwhile; the child is still at it.
        """
        with suppress(OSError):
            self._mark.touch()
        line = {"request": request, "deadline_seconds": deadline_seconds, "arguments": arguments}
        try:
            self._requests.write(json.dumps(line) + "\n")
            self._requests.flush()
        except (OSError, ValueError):
            raise self._death(request) from None
        answer: dict[str, Any] = json.loads(self._wait(request, deadline_seconds))
        self._mark.unlink(missing_ok=True)
        if (outcome := answer.pop("outcome")) != "done":
            raise Lost(outcome, answer["message"], is_worker_gone=False)
        return answer

    def close(self) -> None:
        """End the child and whatever it started, now. A second call does nothing."""
        if self._is_ended:
            return
        self._is_ended = True
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_SECONDS)
        for stream in (self._requests, self._lines):
            with suppress(OSError, ValueError):
                stream.close()

    def _wait(self, request: str, deadline_seconds: float) -> str:
        until = perf_counter() + deadline_seconds
        while (left := until - perf_counter()) > 0:
            if self._stop.is_set():
                raise Stopped
            try:
                answer = self._answers.get(timeout=min(left, _PATIENCE_SECONDS))
            except queue.Empty:
                continue
            if answer is None:
                raise self._death(request)
            return answer
        self.close()
        raise Lost("timed out", f"no answer to `{request}` within {deadline_seconds:g} s", is_worker_gone=True)

    def _death(self, request: str) -> Lost:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_SECONDS)
        self.close()
        evidence = text_of(self._evidence_file)[-_EVIDENCE_LENGTH:]
        code = self._process.returncode
        how = "stopped answering" if code is None else f"ended with code {code}"
        if code and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            how = f"was killed by {name}{', as the system does when memory runs out' if name == 'SIGKILL' else ''}"
        last_words = next((line.strip() for line in reversed(evidence.splitlines()) if line.strip()), "")
        message = f"the worker {how} during `{request}`" + (f"; its last words: {last_words}" if last_words else "")
        return Lost(ran_out(evidence) or "crashed", message[:MESSAGE_LENGTH], is_worker_gone=True)

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._lines:
                self._answers.put(line)
        self._answers.put(None)


def new_worker(
    context: RunContext, entry: BenchEntry, device: str = CPU, *, needs_framework: bool = True
) -> WorkerProcess:
    """Start a child by the protocol of a run; its last words are kept in the run's scratch folder.

    Raises:
        Lost: the framework is not installed, or the system does not let the child be started.
    """
    protocol, adapter = context.protocol, adapter_class(entry.adapter)
    if needs_framework and find_spec(adapter.package) is None:
        message = f"{entry.title} is not installed; `pip install {adapter.package}` brings it"
        raise Lost("missing", message, is_worker_gone=True)
    spec = WorkerSpec(
        adapter=entry.adapter,
        threads_count=protocol.threads_count,
        device=device,
        seed=protocol.seed,
        pace=protocol.pace,
        hidden_roots=hidden_roots(adapter),
        dropped_variables=dropped_names(adapter.variable_prefixes),
    )
    evidence = context.scratch / f"worker-{next(_NUMBERS)}.log"
    cache_folder = context.options.cache_folder
    return WorkerProcess(spec, cache_folder, context.stop, evidence_file=evidence, is_quick=protocol.is_quick)


def drop_unfinished(cache_folder: Path) -> None:
    """Remove what compilers may have left half written: all that is newer than a request that got no answer."""
    asked_at = [mark.stat().st_mtime for mark in cache_folder.glob(f"*{_UNANSWERED}")]
    for file in cache_folder.rglob("*") if asked_at else ():
        if file.is_file() and file.stat().st_mtime >= min(asked_at):
            file.unlink(missing_ok=True)


def lost_to_system(error: OSError) -> Lost:
    """Return what an error of the operating system, outside the worker, means for what was asked."""
    outcome: Outcome = "no space left" if ran_out(str(error)) == "no space left" else "failed"
    return Lost(outcome, f"{type(error).__name__}: {error.strerror or error}", is_worker_gone=True)


def hidden_roots(adapter: type[Framework]) -> tuple[str, ...]:
    """Return the packages of the registered frameworks that a child of this adapter is not to find."""
    roots = {framework.code.import_roots for framework, _ in known_frameworks().bench()}
    return tuple(sorted(chain.from_iterable(own for own in roots if adapter.packages().isdisjoint(own))))


def child_environment(spec: WorkerSpec, cache_folder: Path, *, is_quick: bool) -> dict[str, str]:
    """Return what is passed on, with the threads of every library limited and accelerators out of sight."""
    threads = str(spec.threads_count)
    limited = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "BLIS")
    adapter = adapter_class(spec.adapter)
    return {
        **passed_on(),
        **{f"{library}_NUM_THREADS": threads for library in limited},
        "VECLIB_MAXIMUM_THREADS": threads,
        **({"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "-1"} if spec.device == CPU else {}),
        # The child must find the same modules as this process, wherever that was started.
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **adapter.environment(spec.threads_count, str(cache_folder), is_quick=is_quick),
    }
