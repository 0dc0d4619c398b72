"""The softmax of many rows: shares over the last axis; limited by memory at the large size."""

from pipeline.bench.contract import Case, Laid, Problem

CASE = Case(
    name="softmax",
    title="Softmax",
    group="CPU maths",
    sizes={"small": {"rows": 32, "width": 256}, "large": {"rows": 4096, "width": 1024}},
    tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3},
    wording="{rows} rows of {width}",
    data=lambda generator, rows, width: Problem(inputs={"rows": Laid(generator.standard_normal((rows, width)))}),
    result=lambda operations, tensors: operations.softmax(tensors["rows"]),
)
