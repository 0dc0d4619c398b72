"""Layer normalisation of many rows."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances


class LayerNorm(Case):
    """Each row by its own mean and variance, then scaled and shifted."""

    name: ClassVar[str] = "layer_norm"
    title: ClassVar[str] = "Layer normalisation"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"rows": 32, "width": 256}, "large": {"rows": 4096, "width": 1024}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}
    wording: ClassVar[str] = "{rows} rows of {width}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return rows of standard normal numbers, and a scale and a shift near one and zero."""
        rows, width = self.sizes[size].values()
        return Problem(
            inputs={"rows": Laid(generator.standard_normal((rows, width)))},
            parameters={
                "scale": Laid(1 + 0.1 * generator.standard_normal(width)),
                "shift": Laid(0.1 * generator.standard_normal(width)),
            },
        )

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the normalised rows."""
        return operations.layer_norm(tensors["rows"], tensors["scale"], tensors["shift"])
