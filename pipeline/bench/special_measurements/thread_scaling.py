"""How much faster more threads are."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pipeline.bench.contract import Framework
from pipeline.bench.registry import case_named
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_MEASURED = {"matrix product": ("matmul", "large"), "MLP training step": ("mlp_training", "large")}
_THREADS = (1, 2, 4)


class ThreadScaling(SpecialMeasurement):
    """One case that is all arithmetic and one that is a whole step, each with 1, 2 and 4 threads."""

    name: ClassVar[str] = "thread_scaling"
    title: ClassVar[str] = "Thread scaling"
    is_host_only: ClassVar[bool] = True
    measures: ClassVar[Mapping[str, str]] = dict.fromkeys(_MEASURED, "s")
    workload: ClassVar[str] = "; ".join(
        f"{title}: {case_named(name).workload(size)}" for title, (name, size) in _MEASURED.items()
    )

    def modes(self, adapter: type[Framework]) -> Sequence[str]:
        """Return the mode in which a framework runs by default."""
        return adapter.modes[:1]

    def threads(self, usual_count: int, cores_count: int) -> Sequence[int]:
        """Return 1, 2 and 4 as far as there are cores."""
        del usual_count
        return [count for count in _THREADS if count <= cores_count]

    def measure(self, tools: SpecialTools) -> Sequence[Values]:
        """Return the step time of each case."""
        return [
            {
                title: tools.step_seconds(tools.built(case_named(name), size))
                for title, (name, size) in _MEASURED.items()
            }
        ]
