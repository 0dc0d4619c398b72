"""A square matrix product; the plainest measure of the linear-algebra library that a framework was built with."""

from pipeline.bench.contract import Case, Laid, Problem

CASE = Case(
    name="matmul",
    title="Matrix product",
    group="CPU maths",
    sizes={"small": {"side": 128}, "large": {"side": 768}},
    tiers={"small": "quick", "large": "quick"},
    tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3},
    wording="{side} x {side} times {side} x {side}",
    data=lambda generator, side: Problem(
        inputs={name: Laid(generator.standard_normal((side, side))) for name in ("left", "right")}
    ),
    result=lambda operations, tensors: operations.matmul(tensors["left"], tensors["right"]),
    # A multiplication and an addition for each pair of numbers that meet.
    operations=lambda side: 2 * side**3,
    # Two matrices read and one written.
    least_moved=lambda side: 3 * side**2,
)
