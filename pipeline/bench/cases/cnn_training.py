"""One training step of a small convolutional network."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.small_cnn import SIDE, WIDTHS, make_cnn, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors


class CnnTraining(Case):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "cnn_training"
    title: ClassVar[str] = "CNN training step"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"batch": 8}, "large": {"batch": 64}}
    is_training: ClassVar[bool] = True
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-2}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        batch = self.sizes[size]["batch"]
        return f"batch of {batch}, {len(WIDTHS) - 1} convolutions over {SIDE} x {SIDE} x {WIDTHS[0]} images"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images, labels and weights."""
        return make_cnn(self.sizes[size]["batch"], generator)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the loss."""
        return operations.cross_entropy(scores(operations, tensors), tensors["labels"])
