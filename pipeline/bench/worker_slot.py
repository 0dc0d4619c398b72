"""One framework's place in one launch: its worker, what that worker holds, and starting it anew after it was lost.

Whether the framework computed what it was asked to is found out here too, before any of it is timed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from math import inf
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.contract import CPU, Float64s, problem_digest
from pipeline.bench.plan import RunContext, Variant
from pipeline.bench.process import Lost, WorkerProcess, new_worker
from pipeline.bench.registry import case_named
from pipeline.bench.runner import UNFINISHED
from pipeline.bench.timing import disturbances
from pipeline.records.benchmarks import BenchSample, BenchVariant, BenchWorker, Outcome
from pipeline.reference.frameworks import BenchEntry

_NUMBERS = count()
_READING = Lock()
"""NumPy has Python parse headers: two threads at it can end in a SystemError (python/cpython#106905, until 3.11.8)."""
_BYTES_A_NUMBER = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(kw_only=True)
class VariantState:
    """What is known so far about one variant in one launch."""

    variant: Variant
    launch_index: int
    outcome: Outcome | None = None
    """None while it is still in the race."""
    message: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    samples: list[BenchSample] = field(default_factory=list)

    def lose(self, outcome: Outcome, message: str) -> None:
        """Take the variant out of the race; the first reason stays."""
        if self.outcome is None:
            self.outcome, self.message = outcome, message

    @property
    def disturbed_rounds(self) -> list[int]:
        """The rounds of which no attempt was left alone."""
        quiet = {sample.round_index for sample in self.samples if not sample.is_disturbed}
        return sorted({sample.round_index for sample in self.samples} - quiet)

    def row(self, run_id: str, *, unfinished: Outcome) -> BenchVariant:
        """Return what became of the variant; `unfinished` is why it has no sample if nothing went wrong with it."""
        case, size = case_named(self.variant.case_name), self.variant.size
        numbers = case.least_numbers(size)
        return BenchVariant(
            run_id=run_id,
            launch_index=self.launch_index,
            workload=case.workload(size),
            case_group=case.group_at(size),
            step_samples=case.sizes[size].get("batch"),
            step_operations=case.operations_count(size),
            step_bytes=None if numbers is None else numbers * _BYTES_A_NUMBER[self.variant.dtype],
            outcome=self.outcome or ("measured" if self.samples else unfinished),
            message=self.message or (None if self.samples else UNFINISHED[unfinished]),
            **vars(self.variant),
            **self.facts,
        )


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the outputs are from the reference."""

    relative_error: float
    """The largest over all outputs: greatest difference over the reference's greatest absolute value.

    A gradient is compared as a whole: the length of the difference over the gradient's. In a deep network a rectifier
    whose input is zero but for rounding changes single entries of it by a tenth, and the whole by a few thousandths.
    """
    worst_output: str
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether every output is within the tolerance; a value that is no number never is."""
        return self.relative_error <= self.tolerance

    @property
    def sentence(self) -> str:
        """What differs most, and by how much."""
        size = "length" if " of " in self.worst_output else "largest value"
        off = f"`{self.worst_output}` is off by {self.relative_error:.2g} of the reference's {size}"
        return f"{off}; {self.tolerance:g} is allowed"


class WorkerSlot:
    """Builds, checks, warms up and samples variants; a lost worker is replaced when the next one needs it."""

    def __init__(self, entry: BenchEntry, launch_index: int, context: RunContext, device: str = CPU) -> None:
        """Take the place; no process is started yet."""
        self.entry = entry
        self.device = device
        self.launch_index = launch_index
        self.worker_row: BenchWorker | None = None
        self.refusal: Lost | None = None
        """Why its framework cannot be started; then nothing can be built here any more."""
        self._context, self._protocol, self._limits = context, context.protocol, context.protocol.limits
        self._run_id = context.options.run_id
        self._process: WorkerProcess | None = None
        self._built: set[Variant] = set()
        # What the present worker holds; it is gone with the worker.
        self._keys: dict[Variant, int] = {}
        self._warm: set[Variant] = set()
        self._prepared: set[str] = set()
        self._unusable_modes: dict[str, Lost] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a worker."""
        return self._process is not None

    def takes(self, variant: Variant) -> bool:
        """Whether the variant belongs here: by its framework and its device."""
        return (variant.framework, variant.device) == (self.entry.id, self.device)

    def has_built(self, variant: Variant) -> bool:
        """Whether the variant was built here; if its worker was lost since, it is built again when needed."""
        return variant in self._built

    def open(self) -> None:
        """Have a worker that has imported its framework and is ready for every mode. Does nothing if there is one.

        Raises:
            Lost: it is not installed or cannot be started; asking again says the same without trying.
            Stopped: the run was stopped.
        """
        if self.refusal:
            raise self.refusal
        if self._process:
            return
        try:
            self._process = new_worker(self._context, self.entry, self.device)
            found = self._ask("start", self._limits.start_seconds)
        except Lost as lost:
            self.refusal = lost
            self.close()
            raise
        self.worker_row = self.worker_row or BenchWorker(
            run_id=self._run_id,
            launch_index=self.launch_index,
            framework=self.entry.id,
            device=self.device,
            threads_count=self._protocol.threads_count,
            **found | {name: json.dumps(found[name], sort_keys=True) for name in ("read_back", "memory_policy")},
        )

    def prepare(self, mode: str) -> None:
        """Let the worker load what the mode needs, once.

        Raises:
            Lost: the mode cannot be used here; asking again says the same without trying.
        """
        if mode in self._unusable_modes:
            raise self._unusable_modes[mode]
        self.open()
        if mode in self._prepared:
            return
        try:
            self._ask("prepare", self._limits.prepare_seconds, mode=mode)
        except Lost as lost:
            self._unusable_modes[mode] = lost
            raise
        self._prepared.add(mode)

    def build(self, state: VariantState, deadline_seconds: float) -> None:
        """Build the variant and compare its first outputs with the reference; afterwards it can be sampled.

        Raises:
            Lost: it could not be built, or its outputs differ.
        """
        variant = state.variant
        self.prepare(variant.mode)
        expected, digest = reference(variant.case_name, variant.size, variant.dtype, self._protocol.seed)
        key = next(_NUMBERS)
        file = self._context.scratch / f"outputs-{key}.npz"
        try:
            answer = self._ask("build", deadline_seconds, key=key, variant=vars(variant), file=str(file))
            if answer["problem_sha256"] != digest:
                raise Lost("failed", "the worker made other input data than its controller", is_worker_gone=False)
            agreement = compare(read_outputs(file), expected, case_named(variant.case_name).tolerances[variant.dtype])
        finally:
            file.unlink(missing_ok=True)
        state.facts |= answer | {
            "outputs_agree": agreement.agrees,
            "relative_error": agreement.relative_error if agreement.relative_error < inf else None,
            "tolerance": agreement.tolerance,
        }
        if not agreement.agrees:
            raise Lost("outputs differ", agreement.sentence, is_worker_gone=False)
        self._built.add(variant)
        self._keys[variant] = key

    def warm_up(self, state: VariantState, at_most_seconds: float = inf) -> None:
        """Run the variant until it is steady or the time is over, building it anew if its worker was lost.

        Does nothing when it is warm.

        Raises:
            Lost: it failed meanwhile.
        """
        variant = state.variant
        if self._process is None or variant not in self._keys:
            self.build(state, self._limits.build_seconds)
        if variant not in self._warm:
            seconds = min(at_most_seconds, self._protocol.pace.warmup_seconds)
            key = self._keys[variant]
            found = self._ask("warm", self._limits.sample_seconds, key=key, at_most_seconds=seconds)
            self._warm.add(variant)
            if not state.samples:
                state.facts |= {"warmup_steps_count": found["steps_count"], "is_warmup_flat": found["is_flat"]}

    def sample(self, state: VariantState, round_index: int, order_index: int, attempt_index: int = 0) -> None:
        """Time one block of the variant and add it to its samples; a later attempt stands beside the earlier ones.

        Raises:
            Lost: it failed meanwhile; its earlier samples stay.
        """
        self.warm_up(state)
        block = self._ask("sample", self._limits.sample_seconds, key=self._keys[state.variant])
        own_switches = [earlier.involuntary_switches_count for earlier in state.samples]
        # A device beside the processor is fed by one thread, whatever the setting.
        threads_count = self._protocol.threads_count if state.variant.device == CPU else 1
        reasons = disturbances(block, threads_count, self._protocol.cores_count, own_switches)
        del block["wall_seconds"]
        state.samples.append(
            BenchSample(
                run_id=self._run_id,
                **vars(state.variant),
                launch_index=self.launch_index,
                round_index=round_index,
                attempt_index=attempt_index,
                order_index=order_index,
                is_disturbed=bool(reasons),
                disturbances=", ".join(reasons) or None,
                **block,
            )
        )

    def close(self) -> None:
        """End the worker, if there is one, with everything it holds."""
        process, self._process = self._process, None
        self._keys.clear()
        self._warm.clear()
        self._prepared.clear()
        if process:
            process.close()

    def _ask(self, request: str, deadline_seconds: float, **arguments: object) -> dict[str, Any]:
        if self._process is None:
            raise Lost("crashed", "the worker is gone", is_worker_gone=True)
        try:
            return self._process.ask(request, deadline_seconds, **arguments)
        except Lost as lost:
            if lost.is_worker_gone:
                self.close()
            raise


@cache
def reference(case_name: str, size: str, dtype: str, seed: int) -> tuple[Float64s, str]:
    """Return what must come out, in float64, for the data as the dtype holds it, and the hash of that data."""
    from pipeline.bench.reference import expected  # noqa: PLC0415 — brings 60 MiB

    problem = case_named(case_name).problem(size, dtype, seed)
    return expected(case_named(case_name), problem), problem_digest(problem)


def read_outputs(file: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays that a worker wrote."""
    with _READING, np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def compare(outputs: Mapping[str, NDArray[np.generic]], wanted: Float64s, tolerance: float) -> Agreement:
    """Return how far the outputs are from what was expected; a missing output or another shape is infinitely far."""
    errors = {name: _relative_error(name, outputs.get(name), values) for name, values in wanted.items()}
    worst = max(errors, key=lambda name: errors[name])
    return Agreement(relative_error=errors[worst], worst_output=worst, tolerance=tolerance)


def _relative_error(name: str, found: NDArray[np.generic] | None, expected: NDArray[np.float64]) -> float:
    if found is None or found.shape != expected.shape:
        return inf
    order = 2 if " of " in name else np.inf  # of all that a step moves; a loss or an output by its largest number
    difference, scale = (
        float(np.linalg.norm(values.ravel(), order)) for values in (found.astype(np.float64) - expected, expected)
    )
    error = difference / scale if scale > 0 else difference
    return error if np.isfinite(error) else inf
