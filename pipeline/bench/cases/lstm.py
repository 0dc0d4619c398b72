"""A recurrent layer."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances

_STEPS, _UNITS = 32, 128


class Lstm(Case):
    """One LSTM layer over 32 steps, each of which waits for the one before."""

    name: ClassVar[str] = "lstm"
    title: ClassVar[str] = "LSTM layer"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"batch": 1}, "large": {"batch": 32}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4}
    wording: ClassVar[str] = f"batch of {{batch}}, {_STEPS} steps, {_UNITS} units"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return sequences of standard normal numbers, and weights scaled to their fan-in."""
        inputs = {"sequences": Laid(generator.standard_normal((self.sizes[size]["batch"], _STEPS, _UNITS)))}
        weights = {
            name: Laid(generator.standard_normal((_UNITS, 4 * _UNITS)) / np.sqrt(_UNITS), "dense")
            for name in ("input weights", "recurrent weights")
        }
        bias = Laid(0.1 * generator.standard_normal(4 * _UNITS))
        return Problem(inputs=inputs, parameters={**weights, "bias": bias})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the outputs of all steps."""
        weights = tensors["input weights"], tensors["recurrent weights"], tensors["bias"]
        return operations.lstm(tensors["sequences"], *weights)
