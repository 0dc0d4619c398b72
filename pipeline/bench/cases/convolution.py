"""A convolution as in the middle of an image network."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pipeline.bench.base import Case, Float64s, Laid, Layout, Operations, Problem, Tensors

_KERNEL = 3


class Convolution(Case):
    """3 x 3 kernels over 56 x 56 images with 64 channels, same height and width out."""

    name: ClassVar[str] = "convolution"
    title: ClassVar[str] = "Convolution"
    sizes: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "small": {"batch": 1, "side": 56, "channels": 64},
        "large": {"batch": 8, "side": 56, "channels": 64},
    }
    output_layout: ClassVar[Layout] = "images"

    def workload(self, size: str) -> str:
        """Return the images' and kernels' shape."""
        batch, side, channels = self.sizes[size].values()
        images = f"{batch} image{'s' if batch > 1 else ''}"
        return f"{images} of {side} x {side} x {channels}, {channels} kernels of {_KERNEL} x {_KERNEL}"

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images of standard normal numbers, and kernels scaled so that the output varies as the input does."""
        batch, side, channels = self.sizes[size].values()
        images = generator.standard_normal((batch, side, side, channels))
        kernels = generator.standard_normal((_KERNEL, _KERNEL, channels, channels))
        return Problem(
            inputs={"images": Laid(images, "images")},
            parameters={"kernels": Laid(kernels / np.sqrt(_KERNEL * _KERNEL * channels), "kernels")},
        )

    def forward(self, operations: Operations, tensors: Tensors) -> object:
        """Return the convolved images."""
        return operations.convolution(tensors["images"], tensors["kernels"])

    def reference(self, problem: Problem) -> Float64s:
        """Return the convolved images in float64, by the definition: every window times every kernel."""
        images = problem.inputs["images"].values.astype(np.float64)
        kernels = problem.parameters["kernels"].values.astype(np.float64)
        edge = _KERNEL // 2
        padded = np.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
        windows = sliding_window_view(padded, (_KERNEL, _KERNEL), axis=(1, 2))  # batch, row, column, channel, i, j
        return {"output": np.tensordot(windows, kernels, axes=((3, 4, 5), (2, 0, 1)))}
