"""A look-up in an embedding table: rows gathered by index; no arithmetic at all."""

import numpy as np

from pipeline.bench.contract import Case, Laid, Problem

_ROWS, _WIDTH = 10_000, 128


def _data(generator: np.random.Generator, indices: int) -> Problem:
    """Return random indices and a table of standard normal numbers."""
    asked = generator.integers(0, _ROWS, size=indices)
    table = generator.standard_normal((_ROWS, _WIDTH))
    return Problem(inputs={"indices": Laid(asked)}, parameters={"table": Laid(table)})


CASE = Case(
    name="embedding",
    title="Embedding look-up",
    group="CPU maths",
    sizes={"small": {"indices": 64}, "large": {"indices": 16_384}},
    tolerances={"float32": 1e-4, "bfloat16": 1e-2, "float16": 1e-3},
    wording=f"{{indices:,}} of {_ROWS:,} rows of {_WIDTH}",
    data=_data,
    result=lambda operations, tensors: operations.embedding(tensors["table"], tensors["indices"]),
)
