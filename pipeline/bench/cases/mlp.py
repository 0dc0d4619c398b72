"""The multi-layer perceptron run forward and trained: 784 inputs, one hidden layer, 10 classes.

One row is all overhead, many rows are mostly arithmetic.
"""

from dataclasses import replace

import numpy as np

from pipeline.bench.cases.network import through
from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor

_PIXELS, _HIDDEN, _CLASSES = 784, 256, 10


def _data(generator: np.random.Generator, rows: int) -> Problem:
    """Return inputs with labels, and weights scaled to their fan-in (He)."""
    return Problem(
        inputs={
            "rows": Laid(generator.standard_normal((rows, _PIXELS))),
            "labels": Laid(generator.integers(0, _CLASSES, size=rows)),
        },
        parameters={
            "hidden weights": Laid(generator.standard_normal((_PIXELS, _HIDDEN)) * np.sqrt(2 / _PIXELS), "dense"),
            "hidden bias": Laid(generator.standard_normal(_HIDDEN) * 0.1),
            "class weights": Laid(generator.standard_normal((_HIDDEN, _CLASSES)) * np.sqrt(2 / _HIDDEN), "dense"),
            "class bias": Laid(generator.standard_normal(_CLASSES) * 0.1),
        },
    )


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, rows x 10."""
    hidden = operations.relu(through(operations, tensors, "hidden", tensors["rows"]))
    return through(operations, tensors, "class", hidden)


_WORDING = f"batch of {{rows}}, layers {_PIXELS}-{_HIDDEN}-{_CLASSES}"
INFERENCE = Case(
    name="mlp_inference",
    title="MLP inference",
    sizes={"small": {"rows": 1}, "large": {"rows": 512}},
    tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3},
    group="small models",
    grouped_sizes=("small",),
    tiers={"small": "quick"},
    wording=_WORDING,
    data=_data,
    result=_scores,
)
TRAINING = replace(
    INFERENCE,
    is_training=True,
    name="mlp_training",
    title="MLP training step",
    sizes={"small": {"rows": 32}, "large": {"rows": 512}},
    tolerances={"float32": 1e-3},
    wording=f"{_WORDING}, plain gradient descent",
)
