"""Scaled dot-product attention."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances


class Attention(Case):
    """Every head over its whole length, without a mask."""

    name: ClassVar[str] = "attention"
    title: ClassVar[str] = "Attention"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {
        "small": {"batch": 1, "heads": 4, "length": 64, "depth": 32},
        "large": {"batch": 4, "heads": 8, "length": 256, "depth": 64},
    }
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 3e-2, "float16": 5e-3}
    wording: ClassVar[str] = "batch of {batch}, {heads} heads, length {length}, depth {depth}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return queries, keys and values of standard normal numbers."""
        shape = tuple(self.sizes[size].values())
        names = ("query", "key", "value")
        return Problem(inputs={name: Laid(generator.standard_normal(shape)) for name in names})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return what each query takes from the values."""
        return operations.attention(tensors["query"], tensors["key"], tensors["value"])
