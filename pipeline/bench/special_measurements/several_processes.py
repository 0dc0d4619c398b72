"""What a second process brings: the same training step by one process, and shared by two on this machine.

Each process has one thread and its share of the same batch; every step uses the mean of all gradients.
"""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from pipeline.bench.cases.dense_layers import MLP_TRAINING
from pipeline.bench.cases.token_networks import TRANSFORMER_TRAINING
from pipeline.bench.contract import Case, Framework
from pipeline.bench.entries import entry_of
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values
from pipeline.bench.timing import time_block

_NETWORKS = {"MLP": MLP_TRAINING, "transformer": TRANSFORMER_TRAINING}
_SIZE, _STEPS, _WARM_UP_STEPS, _COUNT = "large", 16, 4, 2
_TITLES = {0: "one process", 1: "two processes"}
"""By the child's place in its round; of those that train together, the first one has the figures."""
_CLOSE = 1e-2
"""How far a gradient may be from that of one process, by length; that of half the batch alone is far beyond."""


def _prepare(folder: Path, _seed: int) -> None:
    """Write addresses of this machine, one for each process, at which nobody listens."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(_COUNT)]
        addresses = " ".join(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    (folder / "addresses").write_text(addresses, encoding="ascii")


def _measure(tools: SpecialTools) -> Sequence[Values]:
    """Train alone in the first child, and together in those that follow."""
    if tools.place:
        tools.framework.join(tools.place - 1, (tools.folder / "addresses").read_text(encoding="ascii").split())
        tools.framework.start(1, "cpu")
    elif type(tools.framework).join is Framework.join:
        tools.framework.join(0, ())  # which refuses, before anything is trained in vain
    tools.framework.prepare(tools.mode)
    seconds = {network: _step_seconds(tools, case) for network, case in _NETWORKS.items()}
    title = _TITLES.get(tools.place)
    return [{f"{network}, {title}": each for network, each in seconds.items() if title}]


def _step_seconds(tools: SpecialTools, case: Case) -> float:
    """Return the median step time, after a step whose gradients are held against those of one process."""
    problem, framework = case.problem(_SIZE, "float32", tools.seed), tools.framework
    part = slice(tools.place - 1, None, _COUNT) if tools.place else slice(None)
    inputs = {name: replace(laid, values=laid.values[part]) for name, laid in problem.inputs.items()}
    problem = replace(problem, inputs=inputs)
    state = framework.setup(case, problem, tools.mode)
    result, file = state.step(), tools.folder / f"{case.name}.npz"
    outputs = framework.outputs(case, problem, state, result)
    found = {name: np.asarray(each, dtype=np.float64) for name, each in outputs.items() if name != "loss"}
    if not tools.place:
        np.savez(file, allow_pickle=False, **found)
    alone = np.load(file)
    error = max(np.linalg.norm(each - alone[name]) / np.linalg.norm(alone[name]) for name, each in found.items())
    if not error <= _CLOSE:
        raise OutputsDiffer(f"a gradient of two processes is off by {error:.2g} of that of one")
    blocks = [time_block(state.step, framework.sync, 1, tools.clock) for _ in range(_STEPS)]
    return median(block.step_seconds for block in blocks[_WARM_UP_STEPS:])


SPECIAL = SpecialMeasurement(
    **entry_of("special", "several_processes"),
    workload="; ".join(f"{network}: {case.workload(_SIZE)}" for network, case in _NETWORKS.items()),
    measure=_measure,
    further_count=_COUNT,
    # Those that every run has and that compile soon.
    modes=lambda adapter: [m for m in adapter.modes if m not in {*adapter.slow_to_compile, *adapter.mode_tiers}],
    threads=lambda _usual_count, _cores_count: (1,),
    prepare=_prepare,
)
