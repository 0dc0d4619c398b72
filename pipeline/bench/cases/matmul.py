"""A square matrix product."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from pipeline.bench.base import Case, Float64s, Laid, Operations, Problem, Tensors


class Matmul(Case):
    """left · right; the plainest measure of the linear-algebra library that a framework was built with."""

    name: ClassVar[str] = "matmul"
    title: ClassVar[str] = "Matrix product"
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {"small": {"side": 128}, "large": {"side": 768}}

    def workload(self, size: str) -> str:
        """Return the matrices' shape."""
        side = self.sizes[size]["side"]
        return f"{side} x {side} times {side} x {side}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return two matrices of standard normal numbers."""
        side = self.sizes[size]["side"]
        return Problem(inputs={name: Laid(generator.standard_normal((side, side))) for name in ("left", "right")})

    def forward(self, operations: Operations, tensors: Tensors) -> object:
        """Return the product."""
        return operations.matmul(tensors["left"], tensors["right"])

    def reference(self, problem: Problem) -> Float64s:
        """Return the product in float64."""
        left, right = (problem.inputs[name].values.astype(np.float64) for name in ("left", "right"))
        return {"output": left @ right}
