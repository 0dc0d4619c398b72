"""The multi-layer perceptron that both MLP cases share: 784 inputs, one hidden layer, 10 classes."""

import numpy as np

from pipeline.bench.base import Float64s, Laid, Operations, Problem, Tensors

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


def logits(operations: Operations, tensors: Tensors) -> object:
    """Return the classes' scores, rows x 10."""
    hidden = operations.relu(operations.dense(tensors["rows"], tensors["hidden weights"], tensors["hidden bias"]))
    return operations.dense(hidden, tensors["class weights"], tensors["class bias"])


def reference_logits(problem: Problem) -> Float64s:
    """Return `hidden` (rows x 256, after the rectifier) and `logits` (rows x 10) in float64."""
    weights = {name: laid.values.astype(np.float64) for name, laid in problem.parameters.items()}
    rows = problem.inputs["rows"].values.astype(np.float64)
    hidden = np.maximum(rows @ weights["hidden weights"] + weights["hidden bias"], 0)
    return {"hidden": hidden, "logits": hidden @ weights["class weights"] + weights["class bias"]}
