"""Inference of a small transformer."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.small_transformer import HEADS, LAYERS, LENGTH, WIDTH, make_transformer, scores
from pipeline.bench.contract import Case, Operations, Problem, Tensor, Tensors, Tier


class TransformerInference(Case):
    """The scores of the token that follows."""

    name: ClassVar[str] = "transformer_inference"
    title: ClassVar[str] = "Transformer inference"
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"batch": 1}, "large": {"batch": 32}}
    tiers: ClassVar[Mapping[str, Tier]] = {"small": "default"}
    tolerances: ClassVar[Mapping[str, float]] = {"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2}

    def workload(self, size: str) -> str:
        """Return the batch and the layers."""
        batch = self.sizes[size]["batch"]
        return f"batch of {batch}, {LAYERS} layers of width {WIDTH} with {HEADS} heads, {LENGTH} tokens"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return tokens and weights."""
        made = make_transformer(self.sizes[size]["batch"], generator)
        return Problem(inputs={"tokens": made.inputs["tokens"]}, parameters=made.parameters)

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores of the token that follows."""
        return scores(operations, tensors)
