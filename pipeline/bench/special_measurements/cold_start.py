"""How long somebody waits who starts a script: the import, and the first step, which compiles.

A round is a fresh process whose compiler finds nothing of an earlier one.
"""

from collections.abc import Sequence

from pipeline.bench.cases import mlp
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_SIZE = "small"


def _measure(tools: SpecialTools) -> Sequence[Values]:
    """Return the seconds of the import, of the first step with all that it needs, and of a step after it."""
    started = tools.clock.wall_seconds()
    tools.framework.prepare(tools.mode)
    state = tools.built(mlp.TRAINING, _SIZE)
    tools.framework.sync(state.step())
    first = tools.clock.wall_seconds() - started
    return [{"import": tools.import_seconds, "first step": first, "steady step": tools.step_seconds(state)}]


SPECIAL = SpecialMeasurement(
    name="cold_start",
    title="Cold start",
    workload=f"import, then the MLP training step of {mlp.TRAINING.workload(_SIZE)}, without any cache",
    measures={"import": "s", "first step": "s", "steady step": "s"},
    measure=_measure,
    needs_cold_cache=True,
)
