"""Inference of a multi-layer perceptron."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.perceptron import CLASSES, HIDDEN, PIXELS, logits, make_perceptron
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors, Tier


class MlpInference(Case):
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

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return rows and weights."""
        made = make_perceptron(self.sizes[size]["rows"], generator)
        return Problem(inputs={"rows": made.inputs["rows"]}, parameters=made.parameters)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores."""
        return logits(operations, tensors)
