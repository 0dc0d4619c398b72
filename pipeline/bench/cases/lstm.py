"""A recurrent layer: one LSTM layer over 32 steps, each of which waits for the one before."""

import numpy as np

from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor

_STEPS, _UNITS = 32, 128


def _data(generator: np.random.Generator, batch: int) -> Problem:
    """Return sequences of standard normal numbers, and weights scaled to their fan-in."""
    inputs = {"sequences": Laid(generator.standard_normal((batch, _STEPS, _UNITS)))}
    weights = {
        name: Laid(generator.standard_normal((_UNITS, 4 * _UNITS)) / np.sqrt(_UNITS), "dense")
        for name in ("input weights", "recurrent weights")
    }
    bias = Laid(0.1 * generator.standard_normal(4 * _UNITS))
    return Problem(inputs=inputs, parameters={**weights, "bias": bias})


def _result(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the outputs of all steps."""
    weights = tensors["input weights"], tensors["recurrent weights"], tensors["bias"]
    return operations.lstm(tensors["sequences"], *weights)


CASE = Case(
    name="lstm",
    title="LSTM layer",
    group="CPU maths",
    sizes={"small": {"batch": 1}, "large": {"batch": 32}},
    wording=f"batch of {{batch}}, {_STEPS} steps, {_UNITS} units",
    data=_data,
    result=_result,
)
