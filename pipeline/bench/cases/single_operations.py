"""Single operations: each limited by arithmetic or by memory alone."""

from functools import partial

import numpy as np

from pipeline.bench.contract import Case, Laid, Problem
from pipeline.bench.entries import entry_of

_KERNEL = 3
_ROWS, _WIDTH = 10_000, 128
_STEPS, _UNITS = 32, 128
_MATHS = partial(Case, group="CPU maths", tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3})

MATMUL = _MATHS(
    **entry_of("case", "matmul"),
    data=lambda generator, side: Problem(
        inputs={name: Laid(generator.standard_normal((side, side))) for name in ("left", "right")}
    ),
    result=lambda operations, tensors: operations.matmul(tensors["left"], tensors["right"]),
    # A multiplication and an addition for each pair of numbers that meet.
    operations=lambda side: 2 * side**3,
    # Two matrices read and one written.
    least_moved=lambda side: 3 * side**2,
)
"""A square matrix product; the plainest measure of the linear-algebra library that a framework was built with."""


def _images(generator: np.random.Generator, batch: int, side: int, channels: int) -> Problem:
    """Return images of standard normal numbers, and kernels scaled so that the output varies as the input does."""
    images = generator.standard_normal((batch, side, side, channels))
    kernels = generator.standard_normal((_KERNEL, _KERNEL, channels, channels))
    return Problem(
        inputs={"images": Laid(images, "images")},
        parameters={"kernels": Laid(kernels / np.sqrt(_KERNEL * _KERNEL * channels), "kernels")},
    )


def _images_in_words(batch: int, side: int, channels: int) -> str:
    images = f"{batch} image{'s' if batch > 1 else ''}"
    return f"{images} of {side} x {side} x {channels}, {channels} kernels of {_KERNEL} x {_KERNEL}"


CONVOLUTION = _MATHS(
    **entry_of("case", "convolution"),
    wording=_images_in_words,
    data=_images,
    result=lambda operations, tensors: operations.convolution(tensors["images"], tensors["kernels"]),
    # Those of the plain algorithm, zeros beyond the edges included; others may need fewer.
    operations=lambda batch, side, channels: 2 * batch * side * side * channels * channels * _KERNEL * _KERNEL,
    # The images read and written, and the kernels read.
    least_moved=lambda batch, side, channels: (2 * batch * side * side + _KERNEL * _KERNEL * channels) * channels,
)
"""As in the middle of an image network: 3 x 3 kernels, same height and width out."""
COPY = Case(
    **entry_of("case", "copy"),
    data=lambda generator, numbers: Problem(inputs={"numbers": Laid(generator.standard_normal(numbers))}),
    result=lambda _operations, tensors: -tensors["numbers"],
    least_moved=lambda numbers: 2 * numbers,
)
"""Every number read and written once: limited by memory alone (roofline).

The sign is turned, so that no compiler may leave the copy out. The allocator keeps what is freed: else the large size
would measure how the system hands out pages, 8,192 a step.
"""
ELEMENTWISE = _MATHS(
    **entry_of("case", "elementwise"),
    data=lambda generator, numbers: Problem(
        inputs={name: Laid(generator.standard_normal(numbers)) for name in ("a", "b", "c")}
    ),
    result=lambda operations, each: operations.tanh(each["a"] * each["b"] + each["c"]) * each["a"] - each["b"],
    # Five a number, of which the hyperbolic tangent is one.
    operations=lambda numbers: 5 * numbers,
    # Three arrays read and one written; a framework that does not fuse the chain moves more.
    least_moved=lambda numbers: 4 * numbers,
)
"""A chain of operations: a framework that fuses it goes through memory once, others once an operation."""
SOFTMAX = _MATHS(
    **entry_of("case", "softmax"),
    data=lambda generator, rows, width: Problem(inputs={"rows": Laid(generator.standard_normal((rows, width)))}),
    result=lambda operations, tensors: operations.softmax(tensors["rows"]),
)
"""Shares over the last axis of many rows; limited by memory at the large size."""
LAYER_NORM = _MATHS(
    **entry_of("case", "layer_norm"),
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
"""Many rows: each by its own mean and variance, then scaled and shifted."""
ATTENTION = _MATHS(
    **entry_of("case", "attention"),
    data=lambda generator, **shape: Problem(
        inputs={name: Laid(generator.standard_normal(tuple(shape.values()))) for name in ("query", "key", "value")}
    ),
    result=lambda operations, tensors: operations.attention(tensors["query"], tensors["key"], tensors["value"]),
)
"""Scaled dot products: every head over its whole length, without a mask."""
EMBEDDING = _MATHS(
    **entry_of("case", "embedding"),
    wording=f"{{indices:,}} of {_ROWS:,} rows of {_WIDTH}",
    data=lambda generator, indices: Problem(
        inputs={"indices": Laid(generator.integers(0, _ROWS, size=indices))},
        parameters={"table": Laid(generator.standard_normal((_ROWS, _WIDTH)))},
    ),
    result=lambda operations, tensors: operations.embedding(tensors["table"], tensors["indices"]),
)
"""Rows of a table gathered by index; no arithmetic at all."""


def _sequences(generator: np.random.Generator, batch: int) -> Problem:
    """Return sequences of standard normal numbers, and weights scaled to their fan-in."""
    inputs = {"sequences": Laid(generator.standard_normal((batch, _STEPS, _UNITS)))}
    weights = {
        name: Laid(generator.standard_normal((_UNITS, 4 * _UNITS)) / np.sqrt(_UNITS), "dense")
        for name in ("input weights", "recurrent weights")
    }
    bias = Laid(0.1 * generator.standard_normal(4 * _UNITS))
    return Problem(inputs=inputs, parameters={**weights, "bias": bias})


LSTM = _MATHS(
    **entry_of("case", "lstm"),
    wording=f"batch of {{batch}}, {_STEPS} steps, {_UNITS} units",
    data=_sequences,
    result=lambda operations, tensors: operations.lstm(
        tensors["sequences"], tensors["input weights"], tensors["recurrent weights"], tensors["bias"]
    ),
)
"""One recurrent layer over 32 steps, each of which waits for the one before."""
