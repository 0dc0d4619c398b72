"""How long somebody waits who starts a script: the import, and the first step, which compiles."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pipeline.bench.cases.mlp import MlpTraining
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_SIZE = "small"


class ColdStart(SpecialMeasurement):
    """A fresh process whose compiler finds nothing of an earlier one."""

    name: ClassVar[str] = "cold_start"
    title: ClassVar[str] = "Cold start"
    measures: ClassVar[Mapping[str, str]] = {"import": "s", "first step": "s", "steady step": "s"}
    needs_cold_cache: ClassVar[bool] = True
    workload: ClassVar[str] = (
        f"import, then the MLP training step of {MlpTraining().workload(_SIZE)}, without any cache"
    )

    def measure(self, tools: SpecialTools) -> Sequence[Values]:
        """Return the seconds of the import, of the first step with all that it needs, and of a step after it."""
        started = tools.clock.wall_seconds()
        tools.framework.prepare(tools.mode)
        state = tools.built(MlpTraining(), _SIZE)
        tools.framework.sync(state.step())
        first = tools.clock.wall_seconds() - started
        return [{"import": tools.import_seconds, "first step": first, "steady step": tools.step_seconds(state)}]
