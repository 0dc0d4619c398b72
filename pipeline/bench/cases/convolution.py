"""A convolution as in the middle of an image network."""

from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Layout, Operations, Problem, Sizes, Tensor, Tensors, Tiers, Tolerances

_KERNEL = 3


class Convolution(Case):
    """3 x 3 kernels over 56 x 56 images with 64 channels, same height and width out."""

    name: ClassVar[str] = "convolution"
    title: ClassVar[str] = "Convolution"
    group: ClassVar[str | None] = "CPU maths"
    sizes: ClassVar[Sizes] = {
        "small": {"batch": 1, "side": 56, "channels": 64},
        "large": {"batch": 8, "side": 56, "channels": 64},
    }
    tiers: ClassVar[Tiers] = {"small": "quick"}
    output_layout: ClassVar[Layout] = "images"
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 2e-2, "float16": 5e-3}

    def workload(self, size: str) -> str:
        """Return the images' and kernels' shape."""
        batch, side, channels = self.sizes[size].values()
        images = f"{batch} image{'s' if batch > 1 else ''}"
        return f"{images} of {side} x {side} x {channels}, {channels} kernels of {_KERNEL} x {_KERNEL}"

    def operations_count(self, size: str) -> int:
        """Return those of the plain algorithm, zeros beyond the edges included; others may need fewer."""
        batch, side, channels = self.sizes[size].values()
        return 2 * batch * side * side * channels * channels * _KERNEL * _KERNEL

    def least_numbers(self, size: str) -> int:
        """Return the images read and written, and the kernels read."""
        batch, side, channels = self.sizes[size].values()
        return 2 * batch * side * side * channels + _KERNEL * _KERNEL * channels * channels

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images of standard normal numbers, and kernels scaled so that the output varies as the input does."""
        batch, side, channels = self.sizes[size].values()
        images = generator.standard_normal((batch, side, side, channels))
        kernels = generator.standard_normal((_KERNEL, _KERNEL, channels, channels))
        return Problem(
            inputs={"images": Laid(images, "images")},
            parameters={"kernels": Laid(kernels / np.sqrt(_KERNEL * _KERNEL * channels), "kernels")},
        )

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the convolved images."""
        return operations.convolution(tensors["images"], tensors["kernels"])
