"""The multi-layer perceptron that both MLP cases share: 784 inputs, one hidden layer, 10 classes."""

import numpy as np

from pipeline.bench.contract import Laid, Operations, Problem, Tensor, Tensors

PIXELS, HIDDEN, CLASSES = 784, 256, 10


def make_perceptron(rows: int, generator: np.random.Generator) -> Problem:
    """Return `rows` inputs with labels, and weights scaled to their fan-in (He)."""
    return Problem(
        inputs={
            "rows": Laid(generator.standard_normal((rows, PIXELS))),
            "labels": Laid(generator.integers(0, CLASSES, size=rows)),
        },
        parameters={
            "hidden weights": Laid(generator.standard_normal((PIXELS, HIDDEN)) * np.sqrt(2 / PIXELS), "dense"),
            "hidden bias": Laid(generator.standard_normal(HIDDEN) * 0.1),
            "class weights": Laid(generator.standard_normal((HIDDEN, CLASSES)) * np.sqrt(2 / HIDDEN), "dense"),
            "class bias": Laid(generator.standard_normal(CLASSES) * 0.1),
        },
    )


def logits(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, rows x 10."""
    hidden = operations.relu(operations.dense(tensors["rows"], tensors["hidden weights"], tensors["hidden bias"]))
    return operations.dense(hidden, tensors["class weights"], tensors["class bias"])
