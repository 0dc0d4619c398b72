"""Inference of ResNet-50."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.image_layers import with_statistics
from pipeline.bench.cases.resnet50 import CLASSES, make_resnet50, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors


class ResnetInference(Case):
    """A whole network of the size that is used in earnest, with its usual images; the weights are random."""

    name: ClassVar[str] = "resnet50_inference"
    title: ClassVar[str] = "ResNet-50 inference"
    group: ClassVar[str | None] = "ResNet-50 inference"
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "small": {"batch": 1, "side": 224},
        "large": {"batch": 8, "side": 224},
    }
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-3, "bfloat16": 1e-1, "float16": 2e-2}

    def workload(self, size: str) -> str:
        """Return the batch and the images."""
        batch, side = self.sizes[size].values()
        return f"batch of {batch}, {side} x {side} x 3 images, {CLASSES} classes"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images, weights and statistics."""
        made = make_resnet50(self.sizes[size], generator)
        return Problem(inputs={"images": made.inputs["images"]}, parameters=with_statistics(made.parameters, generator))

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores."""
        return scores(operations, tensors)
