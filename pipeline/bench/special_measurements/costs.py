"""The costs around a framework's arithmetic: a call, the start of a script, memory; and what more threads spare."""

from collections.abc import Sequence

from pipeline.bench import system_load
from pipeline.bench.cases.dense_layers import MLP_TRAINING
from pipeline.bench.cases.image_networks import CNN_TRAINING
from pipeline.bench.cases.single_operations import MATMUL
from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor, Unsupported
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_LINKS = {"few": 1, "many": 101}
_FURTHER = 2 * (_LINKS["many"] - _LINKS["few"])
"""Operations of the longer chain beyond those of the shorter one; each link has two."""
_SCALED = {"matrix product": MATMUL, "MLP training step": MLP_TRAINING}
"""One that is all arithmetic, and one that is a whole step."""
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
    name="dispatch",
    title="Dispatch overhead",
    workload=f"a call of a multiplication and an addition of one number, and each of {_FURTHER} more in the same call",
    measures={"call": "s", "call, pipelined": "s", "operation": "s"},
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
    name="cold_start",
    title="Cold start",
    workload=f"import, then the MLP training step of {MLP_TRAINING.workload('small')}, without any cache",
    measures={"import": "s", "first step": "s", "steady step": "s"},
    measure=_cold_start,
    needs_cold_cache=True,
)
"""How long somebody waits who starts a script: the import, and the first step, which compiles.

A round is a fresh process whose compiler finds nothing of an earlier one.
"""


def _peak_memory(tools: SpecialTools) -> Sequence[Values]:
    """Return the resident memory after the import, how far its peak rose above that, and the device's counters.

    Raises:
        Unsupported: the system does not tell a process's memory.
    """
    resident = system_load.resident_bytes()
    if resident is None or not system_load.reset_peak():
        raise Unsupported("this system does not tell the peak of a process's memory")
    state = tools.built(CNN_TRAINING, "large")
    for _ in range(_MEMORY_STEPS):
        result = state.step()
    tools.framework.sync(result)
    peak = system_load.peak_resident_bytes() or resident
    counted = tools.framework.memory_counts()
    on_device = {f"device {name}": float(counted[name]) for name in ("allocated", "reserved") if name in counted}
    return [{"after import": resident, "above import": max(0, peak - resident), **on_device}]


PEAK_MEMORY = SpecialMeasurement(
    name="peak_memory",
    title="Peak memory in training",
    tier="default",
    workload=f"{_MEMORY_STEPS} steps of {CNN_TRAINING.workload('large')}",
    measures=dict.fromkeys(("after import", "above import", "device allocated", "device reserved"), "byte"),
    measure=_peak_memory,
)
"""How much memory the same training task takes.

Some steps of the CNN in a fresh process, by the system's count on the host and the framework's on a device. The
allocators are as they come, except that none may take a device's memory ahead; see the row's conditions.
"""
THREAD_SCALING = SpecialMeasurement(
    name="thread_scaling",
    title="Thread scaling",
    workload="; ".join(f"{title}: {case.workload('large')}" for title, case in _SCALED.items()),
    measures=dict.fromkeys(_SCALED, "s"),
    measure=lambda tools: [{title: tools.step_seconds(tools.built(case, "large")) for title, case in _SCALED.items()}],
    is_host_only=True,
    # The one in which a framework runs by default.
    modes=lambda adapter: adapter.modes[:1],
    # As far as there are cores.
    threads=lambda _usual_count, cores_count: [count for count in _THREADS if count <= cores_count],
)
"""How much faster more threads are."""
