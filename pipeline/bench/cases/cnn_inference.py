"""Inference of a small convolutional network."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.image_layers import with_statistics
from pipeline.bench.cases.small_cnn import SIDE, WIDTHS, make_cnn, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors


class CnnInference(Case):
    """Convolution, normalisation by given statistics, rectifier and pooling, three times; then a class layer."""

    name: ClassVar[str] = "cnn_inference"
    title: ClassVar[str] = "CNN inference"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"batch": 1}, "large": {"batch": 64}}
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        batch = self.sizes[size]["batch"]
        return f"batch of {batch}, {len(WIDTHS) - 1} convolutions over {SIDE} x {SIDE} x {WIDTHS[0]} images"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images, weights and statistics."""
        made = make_cnn(self.sizes[size]["batch"], generator)
        return Problem(inputs={"images": made.inputs["images"]}, parameters=with_statistics(made.parameters, generator))

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores."""
        return scores(operations, tensors)
