"""A look-up in an embedding table."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors, Tolerances

_ROWS, _WIDTH = 10_000, 128


class Embedding(Case):
    """Rows of a table gathered by index; no arithmetic at all."""

    name: ClassVar[str] = "embedding"
    title: ClassVar[str] = "Embedding look-up"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {"small": {"indices": 64}, "large": {"indices": 16_384}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 1e-2, "float16": 1e-3}
    wording: ClassVar[str] = f"{{indices:,}} of {_ROWS:,} rows of {_WIDTH}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return random indices and a table of standard normal numbers."""
        indices = generator.integers(0, _ROWS, size=self.sizes[size]["indices"])
        table = generator.standard_normal((_ROWS, _WIDTH))
        return Problem(inputs={"indices": Laid(indices)}, parameters={"table": Laid(table)})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the rows asked for."""
        return operations.embedding(tensors["table"], tensors["indices"])
