"""A chain of elementwise operations: a framework that fuses it goes through memory once, others once an operation."""

from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor


def _result(operations: Operations, tensors: Tensors) -> Tensor:
    """Return tanh(a · b + c) · a - b."""
    a, b, c = tensors["a"], tensors["b"], tensors["c"]
    return operations.tanh(a * b + c) * a - b


CASE = Case(
    name="elementwise",
    title="Elementwise chain",
    group="CPU maths",
    sizes={"small": {"numbers": 1_000}, "large": {"numbers": 4_000_000}},
    tolerances={"float32": 1e-4, "bfloat16": 3e-2, "float16": 5e-3},
    wording="{numbers:,} numbers in each of three arrays, five operations",
    data=lambda generator, numbers: Problem(
        inputs={name: Laid(generator.standard_normal(numbers)) for name in ("a", "b", "c")}
    ),
    result=_result,
    # Five a number, of which the hyperbolic tangent is one.
    operations=lambda numbers: 5 * numbers,
    # Three arrays read and one written; a framework that does not fuse the chain moves more.
    least_moved=lambda numbers: 4 * numbers,
)
