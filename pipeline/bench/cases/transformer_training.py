"""One training step of a small transformer."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.small_transformer import HEADS, LAYERS, LENGTH, WIDTH, make_transformer, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors


class TransformerTraining(Case):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    name: ClassVar[str] = "transformer_training"
    title: ClassVar[str] = "Transformer training step"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"batch": 2}, "large": {"batch": 32}}
    is_training: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.1
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 2e-3}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        batch = self.sizes[size]["batch"]
        return f"batch of {batch}, {LAYERS} layers of width {WIDTH} with {HEADS} heads, {LENGTH} tokens"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return tokens, labels and weights."""
        return make_transformer(self.sizes[size]["batch"], generator)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the loss."""
        return operations.cross_entropy(scores(operations, tensors), tensors["labels"])
