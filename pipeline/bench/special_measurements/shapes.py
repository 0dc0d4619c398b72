"""What shapes that change cost: a compiled step on batches of several sizes, as an epoch's last or a server's are.

Each framework compiles as its users get it, and by what it offers against compiling anew; how often it did is its own
count. What each size gives is held against the reference.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pipeline.bench.cases.dense_layers import MLP_TRAINING
from pipeline.bench.cases.token_networks import TRANSFORMER_INFERENCE
from pipeline.bench.contract import Case
from pipeline.bench.entries import entry_of
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values
from pipeline.bench.timing import time_block

_NETWORKS = {"MLP": MLP_TRAINING, "transformer": TRANSFORMER_INFERENCE}
_BATCHES = (32, 24, 17, 9, 28, 5)
_SIZE, _DTYPE = "large", "float32"
_FIGURES = ("shapes", "graphs", "further shapes", "step over fixed")


def _measure(tools: SpecialTools) -> Sequence[Values]:
    tools.framework.prepare(tools.mode.partition(",")[0])
    figures = {network: _stepped(tools, case) for network, case in _NETWORKS.items()}
    return [{f"{network}, {name}": value for network, found in figures.items() for name, value in found.items()}]


def _stepped(tools: SpecialTools, case: Case) -> Values:
    """Count graphs, and time first steps after the first size and, in turn, the last size with one compiled for it."""
    framework, whole = tools.framework, case.problem(_SIZE, _DTYPE, tools.seed)
    state, seconds = framework.setup(case, whole, tools.mode), []
    for batch in _BATCHES:
        inputs = {name: replace(laid, values=laid.values[:batch]) for name, laid in whole.inputs.items()}
        state.give(inputs)
        seconds.append(time_block(state.step, framework.sync, 1, tools.clock).wall_seconds)
        now = framework.weights(state, whole)
        weights = {name: replace(laid, values=now[name].copy()) for name, laid in whole.parameters.items()}
        problem = replace(whole, inputs=inputs, parameters=weights)
        tools.check(case, problem, state, state.step(), f"a batch of {batch}")
    if not ((graphs := state.graphs_count()) or state.is_compiled()):
        raise RuntimeError("no graph was compiled for this mode, so its figures would be those of another")
    fixed = framework.setup(case, problem, tools.mode.partition(",")[0])
    framework.sync(fixed.step())
    ratio = median(each / beside for each, beside in zip(*tools.in_turns(state, fixed), strict=True))
    figures = zip(_FIGURES, (len(_BATCHES), graphs, sum(seconds[1:]), ratio), strict=True)
    return {name: figure for name, figure in figures if figure is not None}


SPECIAL = SpecialMeasurement(
    **entry_of("special", "changing_shapes"),
    workload=f"batches of {', '.join(map(str, _BATCHES))}, of "
    + "; ".join(f"{case.title}, {case.workload(_SIZE).partition(', ')[2]}" for case in _NETWORKS.values()),
    measure=_measure,
    modes=lambda adapter: adapter.shape_modes,
)
