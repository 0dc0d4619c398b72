"""A square matrix product."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tiers, Tolerances


class Matmul(Case):
    """left · right; the plainest measure of the linear-algebra library that a framework was built with."""

    name: ClassVar[str] = "matmul"
    title: ClassVar[str] = "Matrix product"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"side": 128}, "large": {"side": 768}}
    tiers: ClassVar[Tiers] = {"small": "quick", "large": "quick"}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}
    wording: ClassVar[str] = "{side} x {side} times {side} x {side}"

    def operations_count(self, size: str) -> int:
        """Return a multiplication and an addition for each pair of numbers that meet."""
        return 2 * self.sizes[size]["side"] ** 3

    def least_numbers(self, size: str) -> int:
        """Return two matrices read and one written."""
        return 3 * self.sizes[size]["side"] ** 2

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return two matrices of standard normal numbers."""
        side = self.sizes[size]["side"]
        return Problem(inputs={name: Laid(generator.standard_normal((side, side))) for name in ("left", "right")})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the product."""
        return operations.matmul(tensors["left"], tensors["right"])
