"""One training step of a multi-layer perceptron."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.perceptron import CLASSES, HIDDEN, PIXELS, logits, make_perceptron
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors, Tier


class MlpTraining(Case):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "mlp_training"
    title: ClassVar[str] = "MLP training step"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"rows": 32}, "large": {"rows": 512}}
    tiers: ClassVar[Mapping[str, Tier]] = {"small": "quick"}
    is_training: ClassVar[bool] = True
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-3}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        rows = self.sizes[size]["rows"]
        return f"batch of {rows}, layers {PIXELS}-{HIDDEN}-{CLASSES}, plain gradient descent"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return rows, labels and weights."""
        return make_perceptron(self.sizes[size]["rows"], generator)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the loss."""
        return operations.cross_entropy(logits(operations, tensors), tensors["labels"])
