"""How much faster more threads are: a case that is all arithmetic and one that is a whole step, by 1, 2 and 4."""

from pipeline.bench.cases import matmul, mlp
from pipeline.bench.special_measurement import SpecialMeasurement

_MEASURED = {"matrix product": matmul.CASE, "MLP training step": mlp.TRAINING}
_SIZE = "large"
_THREADS = (1, 2, 4)

SPECIAL = SpecialMeasurement(
    name="thread_scaling",
    title="Thread scaling",
    workload="; ".join(f"{title}: {case.workload(_SIZE)}" for title, case in _MEASURED.items()),
    measures=dict.fromkeys(_MEASURED, "s"),
    measure=lambda tools: [{title: tools.step_seconds(tools.built(case, _SIZE)) for title, case in _MEASURED.items()}],
    is_host_only=True,
    # The one in which a framework runs by default.
    modes=lambda adapter: adapter.modes[:1],
    # As far as there are cores.
    threads=lambda _usual_count, cores_count: [count for count in _THREADS if count <= cores_count],
)
