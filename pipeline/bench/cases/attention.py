"""Scaled dot-product attention: every head over its whole length, without a mask."""

from pipeline.bench.contract import Case, Laid, Problem

CASE = Case(
    name="attention",
    title="Attention",
    group="CPU maths",
    sizes={
        "small": {"batch": 1, "heads": 4, "length": 64, "depth": 32},
        "large": {"batch": 4, "heads": 8, "length": 256, "depth": 64},
    },
    tolerances={"float32": 1e-4, "bfloat16": 3e-2, "float16": 5e-3},
    wording="batch of {batch}, {heads} heads, length {length}, depth {depth}",
    data=lambda generator, **shape: Problem(
        inputs={name: Laid(generator.standard_normal(tuple(shape.values()))) for name in ("query", "key", "value")}
    ),
    result=lambda operations, tensors: operations.attention(tensors["query"], tensors["key"], tensors["value"]),
)
