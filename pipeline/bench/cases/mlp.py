"""The multi-layer perceptron run forward and trained: 784 inputs, one hidden layer, 10 classes."""

from typing import ClassVar

import numpy as np

from pipeline.bench.cases.network import Network, through
from pipeline.bench.contract import Laid, Operations, Problem, Sizes, Tensor, Tensors, Tiers, Tolerances

PIXELS, HIDDEN, CLASSES = 784, 256, 10


class MlpInference(Network):
    """The scores of one row, which is all overhead, and of many rows, which is mostly arithmetic."""

    name: ClassVar[str] = "mlp_inference"
    title: ClassVar[str] = "MLP inference"
    sizes: ClassVar[Sizes] = {"small": {"rows": 1}, "large": {"rows": 512}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    tiers: ClassVar[Tiers] = {"small": "quick"}
    wording: ClassVar[str] = f"batch of {{rows}}, layers {PIXELS}-{HIDDEN}-{CLASSES}"

    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return inputs with labels, and weights scaled to their fan-in (He)."""
        rows = self.sizes[size]["rows"]
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

    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores, rows x 10."""
        hidden = operations.relu(through(operations, tensors, "hidden", tensors["rows"]))
        return through(operations, tensors, "class", hidden)


class MlpTraining(MlpInference):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    is_training: ClassVar[bool] = True
    name: ClassVar[str] = "mlp_training"
    title: ClassVar[str] = "MLP training step"
    sizes: ClassVar[Sizes] = {"small": {"rows": 32}, "large": {"rows": 512}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-3}
    wording: ClassVar[str] = f"{MlpInference.wording}, plain gradient descent"
