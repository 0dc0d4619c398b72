"""The multi-layer perceptron run forward and trained: 784 inputs, one hidden layer, 10 classes."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.network import Inference, Network, Training
from pipeline.bench.contract import Laid, Operations, Problem, Tensor, Tensors, Tier

PIXELS, HIDDEN, CLASSES = 784, 256, 10


def _made_perceptron(rows: int, generator: np.random.Generator) -> Problem:
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


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, rows x 10."""
    hidden = operations.relu(operations.dense(tensors["rows"], tensors["hidden weights"], tensors["hidden bias"]))
    return operations.dense(hidden, tensors["class weights"], tensors["class bias"])


class _Mlp(Network):
    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        return _made_perceptron(self.sizes[size]["rows"], generator)

    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        return _scores(operations, tensors)


class MlpInference(Inference, _Mlp):
    """The scores of one row, which is all overhead, and of many rows, which is mostly arithmetic."""

    name: ClassVar[str] = "mlp_inference"
    title: ClassVar[str] = "MLP inference"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"rows": 1}, "large": {"rows": 512}}
    tiers: ClassVar[Mapping[str, Tier]] = {"small": "quick"}
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        rows = self.sizes[size]["rows"]
        return f"batch of {rows}, layers {PIXELS}-{HIDDEN}-{CLASSES}"


class MlpTraining(Training, _Mlp):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "mlp_training"
    title: ClassVar[str] = "MLP training step"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"rows": 32}, "large": {"rows": 512}}
    tiers: ClassVar[Mapping[str, Tier]] = {"small": "quick"}
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-3}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        rows = self.sizes[size]["rows"]
        return f"batch of {rows}, layers {PIXELS}-{HIDDEN}-{CLASSES}, plain gradient descent"
