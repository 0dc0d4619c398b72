"""Dense layers, of which other networks are made too, and the multi-layer perceptron: run forward and trained."""

from functools import partial

import numpy as np

from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Tensor

_PIXELS, _HIDDEN, _CLASSES = 784, 256, 10


def dense_layer(
    name: str, entering: int, leaving: int, generator: np.random.Generator, *, gain: float = 1
) -> dict[str, Laid]:
    """Return the weights of a layer, scaled to their fan-in (He: with a gain of 2), and its bias."""
    weights = generator.standard_normal((entering, leaving)) * np.sqrt(gain / entering)
    return {
        f"{name} weights": Laid(weights, "dense"),
        f"{name} bias": Laid(0.1 * generator.standard_normal(leaving)),
    }


def through(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    """Return the result of the dense layer of that name."""
    return operations.dense(values, tensors[f"{name} weights"], tensors[f"{name} bias"])


def _rows(generator: np.random.Generator, rows: int) -> Problem:
    """Return inputs with labels, and weights; one row is all overhead, many rows are mostly arithmetic."""
    inputs = {
        "rows": Laid(generator.standard_normal((rows, _PIXELS))),
        "labels": Laid(generator.integers(0, _CLASSES, size=rows)),
    }
    hidden = dense_layer("hidden", _PIXELS, _HIDDEN, generator, gain=2)
    return Problem(inputs=inputs, parameters=hidden | dense_layer("class", _HIDDEN, _CLASSES, generator, gain=2))


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, rows x 10."""
    hidden = operations.relu(through(operations, tensors, "hidden", tensors["rows"]))
    return through(operations, tensors, "class", hidden)


_MLP = partial(Case, data=_rows, result=_scores)
_WORDING = f"batch of {{rows}}, layers {_PIXELS}-{_HIDDEN}-{_CLASSES}"
MLP_INFERENCE = _MLP(**entry_of("case", "mlp_inference"), wording=_WORDING)
MLP_TRAINING = _MLP(**entry_of("case", "mlp_training"), wording=f"{_WORDING}, plain gradient descent")
MLP_ADAM_TRAINING = _MLP(**entry_of("case", "mlp_adam_training"), wording=f"{_WORDING}, Adam")
