"""A convolution as in the middle of an image network: 3 x 3 kernels, same height and width out."""

import numpy as np

from pipeline.bench.contract import Case, Laid, Problem

_KERNEL = 3


def _data(generator: np.random.Generator, batch: int, side: int, channels: int) -> Problem:
    """Return images of standard normal numbers, and kernels scaled so that the output varies as the input does."""
    images = generator.standard_normal((batch, side, side, channels))
    kernels = generator.standard_normal((_KERNEL, _KERNEL, channels, channels))
    return Problem(
        inputs={"images": Laid(images, "images")},
        parameters={"kernels": Laid(kernels / np.sqrt(_KERNEL * _KERNEL * channels), "kernels")},
    )


def _workload(batch: int, side: int, channels: int) -> str:
    images = f"{batch} image{'s' if batch > 1 else ''}"
    return f"{images} of {side} x {side} x {channels}, {channels} kernels of {_KERNEL} x {_KERNEL}"


CASE = Case(
    name="convolution",
    title="Convolution",
    group="CPU maths",
    sizes={
        "small": {"batch": 1, "side": 56, "channels": 64},
        "large": {"batch": 8, "side": 56, "channels": 64},
    },
    tiers={"small": "quick"},
    output_layout="images",
    tolerances={"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3},
    wording=_workload,
    data=_data,
    result=lambda operations, tensors: operations.convolution(tensors["images"], tensors["kernels"]),
    # Those of the plain algorithm, zeros beyond the edges included; others may need fewer.
    operations=lambda batch, side, channels: 2 * batch * side * side * channels * channels * _KERNEL * _KERNEL,
    # The images read and written, and the kernels read.
    least_moved=lambda batch, side, channels: (2 * batch * side * side + _KERNEL * _KERNEL * channels) * channels,
)
