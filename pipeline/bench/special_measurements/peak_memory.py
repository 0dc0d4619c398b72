"""How much memory the same training task takes.

Ten steps of the CNN in a fresh process, by the system's count on the host and the framework's on a device. The
allocators are as they come, except that none may take a device's memory ahead; see the row's conditions.
"""

from collections.abc import Sequence

from pipeline.bench import system_load
from pipeline.bench.cases import cnn
from pipeline.bench.operations import Unsupported
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_SIZE, _STEPS = "large", 10


def _measure(tools: SpecialTools) -> Sequence[Values]:
    """Return the resident memory after the import, how far its peak rose above that, and the device's counters.

    Raises:
        Unsupported: the system does not tell a process's memory.
    """
    resident = system_load.resident_bytes()
    if resident is None or not system_load.reset_peak():
        raise Unsupported("this system does not tell the peak of a process's memory")
    state = tools.built(cnn.TRAINING, _SIZE)
    for _ in range(_STEPS):
        result = state.step()
    tools.framework.sync(result)
    peak = system_load.peak_resident_bytes() or resident
    counted = tools.framework.memory_counts()
    on_device = {f"device {name}": float(counted[name]) for name in ("allocated", "reserved") if name in counted}
    return [{"after import": resident, "above import": max(0, peak - resident), **on_device}]


SPECIAL = SpecialMeasurement(
    name="peak_memory",
    title="Peak memory in training",
    tier="default",
    workload=f"{_STEPS} steps of {cnn.TRAINING.workload(_SIZE)}",
    measures=dict.fromkeys(("after import", "above import", "device allocated", "device reserved"), "byte"),
    measure=_measure,
)
