"""The child process: one framework, one request at a time, JSON lines in and out.

The controller starts it by `main`, with its specification. File descriptor 1 is kept for the answers and then pointed
at stderr, since frameworks and compilers print; what is printed there is the controller's evidence after a crash.
"""

import gc
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pipeline.bench import isolation, system_load
from pipeline.bench.contract import CPU, Case, Framework, Problem, State, problem_digest
from pipeline.bench.registry import adapter_class, case_named, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools, plain_peaks
from pipeline.bench.timing import Block, Clock, SamplingTimes, between, look_around, time_block, warm_up
from pipeline.clock import perf_counter, process_time

_RunOut = Literal["no space left", "out of memory"]
_RUN_OUT: Mapping[_RunOut, str] = {
    "no space left": "disk quota exceeded|file too large|no space left on device",
    "out of memory": "bad_alloc|can(?:'|no)t allocate memory|(?:failed|unable) to allocate|out of memory"
    "|resource_?exhausted",
}
"""How frameworks, allocators and systems say it."""
MESSAGE_LENGTH = 300
_GRACE_SECONDS = 5
"""A worker outlives its request's deadline by this much at most, if no controller is left to end it."""

Answer = dict[str, Any]


class NotCompiled(Exception):
    """The framework ran a mode that promises to compile without compiling."""


def _device_peaks(framework: Framework) -> Callable[[], Answer]:
    """Return what says by how much the memory held on the framework's device rose from now on, and what is reserved.

    Where peaks cannot be set back, one that does not rise tells nothing.
    """
    held = framework.memory_counts().get("in_use", 0)
    least = -1 if framework.reset_device_peaks() else framework.memory_counts().get("allocated", 0)

    def so_far() -> Answer:
        now = framework.memory_counts()
        peak = now.get("allocated", -1)
        above = max(0, peak - held) if peak > least else None
        return {"device_peak_bytes": above, "device_reserved_bytes": now.get("reserved")}

    return so_far


@dataclass(frozen=True, kw_only=True)
class WorkerSpec:
    """What a child is told when it is started; travels as JSON."""

    adapter: str
    threads_count: int
    device: str
    seed: int
    pace: SamplingTimes
    hidden_roots: Sequence[str] = ()
    """Packages that the child does not find; see `isolation.py`."""
    dropped_variables: Sequence[str] = ()
    """Names of those that it was not given."""


def ran_out(text: str) -> _RunOut | None:
    """Return what an error text says has run out: a disk or quota, or memory; None if neither."""
    return next((outcome for outcome, said in _RUN_OUT.items() if re.search(said, text.lower())), None)


@dataclass(kw_only=True)
class _Held:
    """A variant that was built, and what stepping it takes."""

    case: Case
    state: State
    steps_per_sample: int = 0


@dataclass(kw_only=True)
class Worker:
    """The answers to the controller's requests; each public method is one request."""

    spec: WorkerSpec
    framework: Framework
    clock: Clock
    cpus: frozenset[int] | None = None
    """Those that this process may use."""
    sampled_on: frozenset[int] | None = None
    """As many of these as the framework has threads, for samples; none of a device beside the processors.

    Where a step is handed to another thread, that costs several times as much if its processor sleeps.
    """
    held: dict[int, _Held] = field(default_factory=dict)
    import_seconds: float = 0
    keeps_freed_memory: bool = False

    def start(self) -> Answer:
        """Import the framework and report what it says of itself."""
        counting = system_load.instructions_file()  # before there are threads of the framework's
        started = self.clock.wall_seconds()
        version = self.framework.start(self.spec.threads_count, self.spec.device)
        self.import_seconds = self.clock.wall_seconds() - started
        return {
            "framework_version": version,
            "import_seconds": self.import_seconds,
            "resident_bytes": system_load.resident_bytes(),
            "read_back": {
                **self.framework.read_back(),
                "instructions": counting if isinstance(counting, str) else "counted",
                "sampled_on_cpus": sorted(self.sampled_on or ()),
                "dropped_variables": self.spec.dropped_variables,
                "hidden_packages": self.spec.hidden_roots,
                "hidden_packages_in_memory": sorted(set(self.spec.hidden_roots) & sys.modules.keys()),
            },
            "memory_policy": system_load.memory_policy(),
            "blas_path": self.framework.blas_path(),
        }

    def peaks(self) -> Answer:
        """Take the machine's peaks by plain means; no framework is needed, so none need be started."""
        return {"peaks": plain_peaks(self.spec.threads_count, self.clock)}

    def devices(self) -> Answer:
        """Report what the framework could run on here; such a child is asked nothing else."""
        return {"devices": [dict(facts) for facts in self.framework.devices()]}

    def prepare(self, mode: str) -> Answer:
        """Load what the mode needs once a process."""
        self.framework.prepare(mode)
        # A collection looks at every object that the import made; frozen ones it leaves alone.
        gc.collect()
        gc.freeze()
        return {}

    def build(self, key: int, variant: Mapping[str, str], file: str) -> Answer:
        """Bind a variant, take its first step, leave that step's outputs in `file`, and keep the variant."""
        case = case_named(variant["case_name"])
        problem = _problem(variant["case_name"], variant["size"], variant["dtype"], self.spec.seed)
        gc.collect()
        self._keep_to(self.cpus)
        self._adjust_allocator(case)
        system_load.give_back_freed_memory()
        resident, can_tell_peak = system_load.resident_bytes(), system_load.reset_peak()
        device_peaks, is_from_cache = _device_peaks(self.framework), self.framework.cache_question(variant["mode"])
        started = self.clock.wall_seconds()
        state = self.framework.setup(case, problem, variant["mode"])
        built = self.clock.wall_seconds()
        result = state.step()
        self.framework.sync(result)
        stepped = self.clock.wall_seconds()
        outputs = self.framework.outputs(case, problem, state, result)
        np.savez(file, allow_pickle=False, **{name: np.asarray(out) for name, out in outputs.items()})
        peak = system_load.peak_resident_bytes() if can_tell_peak else None
        if (is_compiled := state.is_compiled()) is False:
            raise NotCompiled("no graph was compiled as this mode is named, so its time would be that of another")
        self.held[key] = _Held(case=case, state=state)
        return {
            "build_seconds": built - started,
            "first_step_seconds": stepped - built,
            "is_from_cache": is_from_cache(),
            "is_compiled": is_compiled,
            "peak_memory_bytes": None if peak is None or resident is None else max(0, peak - resident),
            **device_peaks(),
            "problem_sha256": problem_digest(problem),
        }

    def warm(self, key: int, at_most_seconds: float) -> Answer:
        """Run the variant until it is steady, or until the time is over, and size its samples."""
        self._keep_to(self.sampled_on)
        gc.collect()
        gc.freeze()
        held = self.held[key]
        pace = replace(self.spec.pace, warmup_seconds=min(at_most_seconds, self.spec.pace.warmup_seconds))
        found = warm_up(lambda steps: self._block(held, steps), pace)
        held.steps_per_sample = found.steps_per_sample
        return {"steps_count": found.steps_count, "is_flat": found.is_flat}

    def sample(self, key: int) -> Answer:
        """Time one block, after steps that bring the variant's data back into the caches, and touch kept memory."""
        held = self.held[key]
        self._keep_to(self.sampled_on)
        # While a step makes its result, that of the step before is still there.
        self._block(held, 2 if held.case.keeps_freed_memory else 1)
        before = look_around(self.cpus)
        block = self._block(held, held.steps_per_sample)
        found = between(before, look_around(self.cpus), block.wall_seconds)
        used = {name: found.pop(name) for name in ("instructions", "minor_faults", "switches", "system_seconds")}
        return {
            "steps_count": block.steps_count,
            "wall_seconds": block.wall_seconds,
            "step_seconds": block.step_seconds,
            "cpu_seconds": block.cpu_seconds / block.steps_count,
            "other_cpus": block.other_cpus,
            **{f"step_{name}": None if each is None else each / block.steps_count for name, each in used.items()},
            **found,
        }

    def special_measurement(self, name: str, mode: str, folder: str, place: int = 0) -> Answer:
        """Take a special measurement, once, in this fresh process."""
        tools = SpecialTools(
            framework=self.framework,
            mode=mode,
            seed=self.spec.seed,
            clock=self.clock,
            pace=self.spec.pace,
            folder=Path(folder),
            import_seconds=self.import_seconds,
            place=place,
        )
        return {"values": [dict(values) for values in special_measurement_named(name).measure(tools)]}

    def _block(self, held: _Held, steps_count: int) -> Block:
        self._adjust_allocator(held.case)
        gc.disable()
        try:
            return time_block(held.state.step, self.framework.sync, steps_count, self.clock)
        finally:
            gc.enable()

    def _keep_to(self, cpus: frozenset[int] | None) -> None:
        if cpus and cpus != system_load.usable_cpus():
            system_load.keep_to(cpus)

    def _adjust_allocator(self, case: Case) -> None:
        """Have the allocator as the case states it."""
        if case.keeps_freed_memory != self.keeps_freed_memory:
            system_load.set_allocator("kept" if case.keeps_freed_memory else "usual")
            self.keeps_freed_memory = case.keeps_freed_memory


@lru_cache(maxsize=1)
def _problem(case_name: str, size: str, dtype: str, seed: int) -> Problem:
    return case_named(case_name).problem(size, dtype, seed)


def answer_one(worker: Worker, line: str) -> Answer:
    """Do what one request line asks and return the answer; whatever goes wrong in a framework becomes one too."""
    request = json.loads(line)
    name, arguments = request["request"], request["arguments"]
    _set_alarm(ceil(request["deadline_seconds"]) + _GRACE_SECONDS)
    try:
        return {"outcome": "done", **getattr(worker, name)(**arguments)}
    # The boundary: a framework may raise anything, and its failure is a result to record, not an error of ours.
    except Exception as error:  # noqa: BLE001
        worker.held.pop(arguments.get("key", -1), None)
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
        message = f"{type(error).__name__}: {said}" if said else type(error).__name__
        return {"outcome": outcome_of(error, worker.framework), "message": message[:MESSAGE_LENGTH]}
    finally:
        _set_alarm(0)


def outcome_of(error: Exception, framework: Framework) -> str:
    """Name what an exception means for the variant that raised it."""
    if isinstance(error, ModuleNotFoundError) and error.name == framework.package:
        return "missing"
    if framework.is_unsupported(error):
        return "unsupported"
    if isinstance(error, OutputsDiffer):
        return "outputs differ"
    usual = "out of memory" if isinstance(error, MemoryError) else "failed"
    return ran_out(f"{type(error).__name__} {error}") or usual


def main() -> None:
    """Serve requests until there are no more."""
    given = json.loads(sys.argv[1])
    spec = WorkerSpec(**given | {"pace": SamplingTimes(**given["pace"])})
    with suppress(OSError):  # the kernel is to take this process first when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    cpus = system_load.usable_cpus()
    clock = Clock(
        wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: system_load.busy_seconds(cpus)
    )
    isolation.hide(spec.hidden_roots)
    own = system_load.separate_cpus(spec.threads_count, cpus) if cpus and spec.device == CPU else None
    worker = Worker(spec=spec, framework=adapter_class(spec.adapter)(), clock=clock, cpus=cpus, sampled_on=own)
    with requests, answers:
        for line in requests:
            answers.write(json.dumps(answer_one(worker, line), default=str) + "\n")
            answers.flush()


def _set_alarm(seconds: int) -> None:
    """Let the kernel end this process after that time, even within a call that never returns; 0 takes that back."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
