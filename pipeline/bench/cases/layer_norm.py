"""Layer normalisation of many rows: each by its own mean and variance, then scaled and shifted."""

from pipeline.bench.contract import Case, Laid, Problem

CASE = Case(
    name="layer_norm",
    title="Layer normalisation",
    group="CPU maths",
    sizes={"small": {"rows": 32, "width": 256}, "large": {"rows": 4096, "width": 1024}},
    tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3},
    wording="{rows} rows of {width}",
    # A scale near one and a shift near zero.
    data=lambda generator, rows, width: Problem(
        inputs={"rows": Laid(generator.standard_normal((rows, width)))},
        parameters={
            "scale": Laid(1 + 0.1 * generator.standard_normal(width)),
            "shift": Laid(0.1 * generator.standard_normal(width)),
        },
    ),
    result=lambda operations, tensors: operations.layer_norm(tensors["rows"], tensors["scale"], tensors["shift"]),
)
