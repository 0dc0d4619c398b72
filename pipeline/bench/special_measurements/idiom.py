"""What users write: layers and an optimiser, beside the same training step in a framework's plain operations.

The programs of data/reference/idioms build the networks of two cases by each framework's own layers, loss and optimiser
of gradient descent. They start from the case's weights, and what their first step makes is held against the reference.
"""

import re
import runpy
from collections.abc import Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any, cast

from pipeline.bench import isolation
from pipeline.bench.array_framework import ArrayFramework
from pipeline.bench.cases.dense_layers import MLP_TRAINING
from pipeline.bench.cases.image_networks import CNN_TRAINING
from pipeline.bench.contract import Case, State
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Unsupported
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_NETWORKS = {"MLP": MLP_TRAINING, "CNN": CNN_TRAINING}
_SIZE, _DTYPE = "small", "float32"
_FIGURES = ("operations", "layers", "layers over operations")


def _measure(tools: SpecialTools) -> Sequence[Values]:
    from pipeline.settings import Settings  # noqa: PLC0415 — what it brings is not to burden every worker

    path = Settings().reference_folder / "idioms" / f"{tools.framework.package}.py"
    if not path.is_file():
        raise Unsupported(f"data/reference/idioms has no {path.name}, a program as this framework's users write it")
    for package in re.findall(r"^(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        isolation.show(package)
        if find_spec(package) is None:
            brings = "`pip install 'framework-observatory[idioms]'` brings it"
            raise Unsupported(f"its users' layers and optimiser need `{package}`, which is not installed; {brings}")
    program = runpy.run_path(str(path))
    tools.framework.prepare(tools.mode)
    figures = {network: _compared(tools, program, network, case) for network, case in _NETWORKS.items()}
    return [{f"{network}, {name}": value for network, found in figures.items() for name, value in found.items()}]


def _compared(tools: SpecialTools, program: dict[str, Any], network: str, case: Case) -> Values:
    """Return the seconds of a step both ways, and the ratio of two blocks in turn."""
    framework, problem = cast("ArrayFramework", tools.framework), case.problem(_SIZE, _DTYPE, tools.seed)
    weights, inputs = (framework.put_all(each, _DTYPE) for each in (problem.parameters, problem.inputs))
    names = sorted(weights, key=lambda name: name.startswith("class"))  # the last layer, wherever it stands
    model = program["NETWORKS"][network]()
    held = program["filled"](model, [weights[name] for name in names])
    loss, is_compiled = framework.watched(program["loss"], tools.mode)
    step = program["training"](model, loss, case.learning_rate, tools.mode, list(inputs.values()))
    written = State(step=step, weights=dict(zip(names, held, strict=True)))
    tools.check(case, problem, written, step(), f"the {network}'s layers")
    if is_compiled() is False:
        raise RuntimeError("no graph was compiled for this mode, so its time would be that of another")
    plain, layers = tools.in_turns(tools.built(case, _SIZE), written)
    ratio = median(each / beside for each, beside in zip(layers, plain, strict=True))
    return dict(zip(_FIGURES, (median(plain), median(layers), ratio), strict=True))


SPECIAL = SpecialMeasurement(
    **entry_of("special", "idiom"),
    workload="layers and optimiser against plain operations: "
    + "; ".join(f"{case.title}, {case.workload(_SIZE)}" for case in _NETWORKS.values()),
    measure=_measure,
)
