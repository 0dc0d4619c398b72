"""The softmax of many rows."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances


class Softmax(Case):
    """Shares over the last axis; limited by memory at the large size."""

    name: ClassVar[str] = "softmax"
    title: ClassVar[str] = "Softmax"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"rows": 32, "width": 256}, "large": {"rows": 4096, "width": 1024}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}
    wording: ClassVar[str] = "{rows} rows of {width}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return rows of standard normal numbers."""
        rows, width = self.sizes[size].values()
        return Problem(inputs={"rows": Laid(generator.standard_normal((rows, width)))})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return each row's shares."""
        return operations.softmax(tensors["rows"])
