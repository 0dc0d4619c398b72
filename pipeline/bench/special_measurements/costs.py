"""The costs around a framework's arithmetic: a call, the start of a script, memory, data; and what more threads spare.

Data are brought from files to batches by each framework's own loader. Files of raw pixels are read, each sample is made
float and every second one mirrored, and batches are formed. Serial: in the process itself. Parallel: by two workers of
the loader's own kind, processes or threads.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.bench import system_load
from pipeline.bench.cases.dense_layers import MLP_INFERENCE, MLP_TRAINING
from pipeline.bench.cases.image_networks import CNN_TRAINING, cnn_scores
from pipeline.bench.cases.single_operations import CONVOLUTION, MATMUL, SOFTMAX
from pipeline.bench.cases.token_networks import TRANSFORMER_INFERENCE
from pipeline.bench.contract import Case, Framework, Laid, Problem, SampleFiles, Tensors
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Tensor, Unsupported
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values

_LINKS = {"few": 1, "many": 101}
_FURTHER = 2 * (_LINKS["many"] - _LINKS["few"])
"""Operations of the longer chain beyond those of the shorter one; each link has two."""
_SCALED = {"matrix product": MATMUL, "MLP training step": MLP_TRAINING}
"""One that is all arithmetic, and one that is a whole step."""
_TIMED = (MATMUL, SOFTMAX, CONVOLUTION, MLP_INFERENCE, MLP_TRAINING, TRANSFORMER_INFERENCE)
_THREADS = (1, 2, 4)
_MEMORY_STEPS = 10


def _chain(size: str) -> Case:
    """Return a case of one number, multiplied and added to in turn, so that no compiler may sum up what it does."""
    links_count = _LINKS[size]

    def result(_operations: Operations, tensors: Tensors) -> Tensor:
        number, step = tensors["number"], tensors["step"]
        for _ in range(links_count):
            number = number * step + step
        return number

    return Case(
        name="operation_chain",
        title="Chain of small operations",
        sizes={size: {}},
        wording=f"{links_count} links",
        data=lambda draw: Problem(inputs={name: Laid(draw.standard_normal(1)) for name in ("number", "step")}),
        result=result,
    )


def _dispatch(tools: SpecialTools) -> Sequence[Values]:
    """Return the seconds of a call with two small operations, and of each operation that follows in the same call.

    Pipelined: only the last of many calls is waited for, so that a framework may work on several at once.
    """
    few, many = (tools.step_seconds(tools.built(_chain(size), size)) for size in _LINKS)
    pipelined = tools.step_seconds(tools.built(_chain("few"), "few"), waits_each_step=False)
    return [{"call": few, "call, pipelined": pipelined, "operation": (many - few) / _FURTHER}]


DISPATCH = SpecialMeasurement(
    **entry_of("special", "dispatch"),
    workload=f"a call of a multiplication and an addition of one number, and each of {_FURTHER} more in the same call",
    measure=_dispatch,
)
"""What a framework adds to an operation too small to take any time."""


def _cold_start(tools: SpecialTools) -> Sequence[Values]:
    """Return the seconds of the import, of the first step with all that it needs, and of a step after it."""
    started = tools.clock.wall_seconds()
    tools.framework.prepare(tools.mode)
    state = tools.built(MLP_TRAINING, "small")
    tools.framework.sync(state.step())
    first = tools.clock.wall_seconds() - started
    return [{"import": tools.import_seconds, "first step": first, "steady step": tools.step_seconds(state)}]


COLD_START = SpecialMeasurement(
    **entry_of("special", "cold_start"),
    workload=f"import, then the MLP training step of {MLP_TRAINING.workload('small')}, without any cache",
    measure=_cold_start,
)
"""How long somebody waits who starts a script: the import, and the first step, which compiles.

A round is a fresh process whose compiler finds nothing of an earlier one.
"""


_GIVEN_BACK, _RECOMPUTED = "memory given back at once", "activations computed again"
RECOMPUTED_TRAINING = replace(CNN_TRAINING, result=partial(cnn_scores, recomputes=True))


def _peak_memory(tools: SpecialTools) -> Sequence[Values]:
    """Return the resident memory after the import, how far its peak rose above that, and the device's counters.

    Raises:
        Unsupported: the system does not tell a process's memory, or its allocator takes no orders.
    """
    mode, _, policy = tools.mode.partition(", ")
    if policy == _GIVEN_BACK and not system_load.set_allocator("given back"):
        raise Unsupported("this system's allocator cannot be told what to give back")
    resident = system_load.resident_bytes()
    if resident is None or not system_load.reset_peak():
        raise Unsupported("this system does not tell the peak of a process's memory")
    case = RECOMPUTED_TRAINING if policy == _RECOMPUTED else CNN_TRAINING
    state = replace(tools, mode=mode).built(case, "large")
    for _ in range(_MEMORY_STEPS):
        result = state.step()
    tools.framework.sync(result)
    peak = system_load.peak_resident_bytes() or resident
    counted = tools.framework.memory_counts()
    on_device = {f"device {name}": float(counted[name]) for name in ("allocated", "reserved") if name in counted}
    return [{"after import": resident, "above import": max(0, peak - resident), **on_device}]


PEAK_MEMORY = SpecialMeasurement(
    **entry_of("special", "peak_memory"),
    workload=f"{_MEMORY_STEPS} steps of {CNN_TRAINING.workload('large')}",
    measure=_peak_memory,
    modes=lambda adapter: [*adapter.modes, *(f"{adapter.modes[0]}, {each}" for each in (_GIVEN_BACK, _RECOMPUTED))],
)
"""How much memory the same training task takes.

Some steps of the CNN in a fresh process, by the system's count on the host and the framework's on a device. The
allocators are as they come, except that none may take a device's memory ahead; see the row's conditions. A framework's
first mode is measured under two other policies too: freed memory given back at once, and each block's activations
computed again for the gradient instead of kept.
"""


def _own_timer(tools: SpecialTools) -> Sequence[Values]:
    """Return, by case, the seconds of a step as they are measured here over what the framework's own timer says.

    Both time the same steps in turn, so that what may differ is only how they are repeated and waited for.
    """

    def ratio(case: Case) -> float:
        state = tools.built(case, "small")
        ours = tools.step_seconds(state)
        return ours / tools.framework.timed_by_itself(state.step, tools.pace.block_seconds)

    return [{case.name: ratio(case) for case in _TIMED}]


OWN_TIMER = SpecialMeasurement(
    **entry_of("special", "own_timer"),
    workload=f"at their small sizes: {', '.join(case.title for case in _TIMED)}",
    measures=dict.fromkeys((case.name for case in _TIMED), "times"),
    measure=_own_timer,
    modes=lambda adapter: adapter.modes if adapter.timed_by_itself is not Framework.timed_by_itself else (),
)
"""How far a step's time as it is measured here is from what the framework's own benchmark timer says."""
THREAD_SCALING = SpecialMeasurement(
    **entry_of("special", "thread_scaling"),
    workload="; ".join(f"{title}: {case.workload('large')}" for title, case in _SCALED.items()),
    measures=dict.fromkeys(_SCALED, "s"),
    measure=lambda tools: [{title: tools.step_seconds(tools.built(case, "large")) for title, case in _SCALED.items()}],
    # The one in which a framework runs by default.
    modes=lambda adapter: adapter.modes[:1],
    # As far as there are cores.
    threads=lambda _usual_count, cores_count: [count for count in _THREADS if count <= cores_count],
)
"""How much faster more threads are."""


_FILES, _SAMPLES_A_FILE, _SIDE, _CHANNELS = 16, 256, 32, 3
_BATCH = 64
_CLOSE = 1e-3


def _write_pixels(folder: Path, seed: int) -> None:
    """Write the files: the same bytes for the same seed."""
    generator = np.random.default_rng([seed, _FILES])
    for place in range(_FILES):
        pixels = generator.integers(0, 256, (_SAMPLES_A_FILE, _SIDE, _SIDE, _CHANNELS), dtype=np.uint8)
        (folder / f"{place:02}.bin").write_bytes(pixels.tobytes())


def _loading(tools: SpecialTools) -> Sequence[Values]:
    """Return samples a second over all files, the start of the workers included."""
    paths = sorted(tools.folder.glob("*.bin"))
    files = SampleFiles(paths=tuple(paths), samples_a_file=_SAMPLES_A_FILE, shape=(_SIDE, _SIDE, _CHANNELS))
    workers = 0 if tools.mode == "serial" else 2
    started = tools.clock.wall_seconds()
    batches = list(tools.framework.loaded(files, _BATCH, workers))
    seconds = tools.clock.wall_seconds() - started
    compare_batches(files, [np.asarray(batch) for batch in batches])
    return [{"throughput": len(files) / seconds}]


def compare_batches(files: SampleFiles, batches: Sequence[NDArray[np.generic]]) -> None:
    """Hold the first and the last batch against the files, sample by sample.

    Raises:
        OutputsDiffer: the batches are not what the files hold.
    """
    count = sum(len(batch) for batch in batches)
    if count != len(files):
        raise OutputsDiffer(f"{count} samples came out of {len(files)}")
    for place, sample in ((0, batches[0][0]), (1, batches[0][1]), (len(files) - 1, batches[-1][-1])):
        if np.abs(sample - files[place]).max() > _CLOSE:
            raise OutputsDiffer(f"sample {place} is not what its file holds")


LOADING = SpecialMeasurement(
    **entry_of("special", "loader"),
    workload=(
        f"{_FILES * _SAMPLES_A_FILE} samples of {_SIDE} x {_SIDE} x {_CHANNELS} bytes in {_FILES} files, "
        f"batches of {_BATCH}"
    ),
    measure=_loading,
    modes=lambda _adapter: ("serial", "parallel"),
    prepare=_write_pixels,
)
