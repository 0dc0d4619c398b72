"""One training step of ResNet-50."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.resnet50 import CLASSES, make_resnet50, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors


class ResnetTraining(Case):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "resnet50_training"
    title: ClassVar[str] = "ResNet-50 training step"
    group: ClassVar[str | None] = None
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "small": {"batch": 4, "side": 128},
        "large": {"batch": 4, "side": 224},
    }
    is_training: ClassVar[bool] = True
    # A rectifier whose input is zero but for rounding lets a gradient through or not, and few positions go into a
    # shift: at the small size two of 256 numbers make a shift's gradient differ by 0.022 of its length between
    # TensorFlow with and without XLA. Where no rectifier turns, all are within 0.004; a wrong term is far beyond 0.05.
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 5e-2}

    def workload(self, size: str) -> str:
        """Return the batch and the images."""
        batch, side = self.sizes[size].values()
        return f"batch of {batch}, {side} x {side} x 3 images, {CLASSES} classes"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images, labels and weights."""
        return make_resnet50(self.sizes[size], generator)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the loss."""
        return operations.cross_entropy(scores(operations, tensors), tensors["labels"])
