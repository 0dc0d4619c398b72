"""A chain of elementwise operations."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances


class Elementwise(Case):
    """tanh(a · b + c) · a - b: a framework that fuses it goes through memory once, others once an operation."""

    name: ClassVar[str] = "elementwise"
    title: ClassVar[str] = "Elementwise chain"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"numbers": 1_000}, "large": {"numbers": 4_000_000}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 3e-2, "float16": 5e-3}
    wording: ClassVar[str] = "{numbers:,} numbers in each of three arrays, five operations"

    def operations_count(self, size: str) -> int:
        """Return five a number, of which the hyperbolic tangent is one."""
        return 5 * self.sizes[size]["numbers"]

    def least_numbers(self, size: str) -> int:
        """Return three arrays read and one written; a framework that does not fuse the chain moves more."""
        return 4 * self.sizes[size]["numbers"]

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return three arrays of standard normal numbers."""
        numbers = self.sizes[size]["numbers"]
        return Problem(inputs={name: Laid(generator.standard_normal(numbers)) for name in ("a", "b", "c")})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the chain's result."""
        a, b, c = tensors["a"], tensors["b"], tensors["c"]
        return operations.tanh(a * b + c) * a - b
