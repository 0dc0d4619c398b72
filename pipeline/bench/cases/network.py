"""Layers that the cases of whole networks are made of: their weights, and their results."""

import numpy as np

from pipeline.bench.contract import Laid, Tensors
from pipeline.bench.operations import Operations, Tensor


def dense_layer(name: str, entering: int, leaving: int, generator: np.random.Generator) -> dict[str, Laid]:
    """Return the weights of a layer, scaled to their fan-in, and its bias."""
    weights = generator.standard_normal((entering, leaving)) / np.sqrt(entering)
    return {
        f"{name} weights": Laid(weights, "dense"),
        f"{name} bias": Laid(0.1 * generator.standard_normal(leaving)),
    }


def through(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    """Return the result of the dense layer of that name."""
    return operations.dense(values, tensors[f"{name} weights"], tensors[f"{name} bias"])


def image_layer(
    layer: str, shape: tuple[int, int, int], generator: np.random.Generator, *, gain: float = 1
) -> dict[str, Laid]:
    """Return a layer's kernels (side, in, out) scaled to their fan-in (He), its scale near `gain`, shift near zero."""
    kernel, entering, leaving = shape
    kernels = generator.standard_normal((kernel, kernel, entering, leaving)) * np.sqrt(2 / (kernel**2 * entering))
    return {
        f"{layer} kernels": Laid(kernels, "kernels"),
        f"{layer} scale": Laid(gain * (1 + 0.1 * generator.standard_normal(leaving))),
        f"{layer} shift": Laid(0.1 * generator.standard_normal(leaving)),
    }


def labelled_images(batch: int, side: int, classes: int, generator: np.random.Generator) -> dict[str, Laid]:
    """Return images of standard normal numbers with three channels, and a random label for each."""
    return {
        "images": Laid(generator.standard_normal((batch, side, side, 3)), "images"),
        "labels": Laid(generator.integers(0, classes, size=batch)),
    }


def convolved(operations: Operations, tensors: Tensors, layer: str, images: Tensor, *, stride: int = 1) -> Tensor:
    """Return the layer's result, normalised by its statistics where there are any, else by the batch's own."""
    images = operations.convolution(images, tensors[f"{layer} kernels"], stride)
    scale, shift = tensors[f"{layer} scale"], tensors[f"{layer} shift"]
    if f"{layer} mean" not in tensors:
        return operations.batch_norm(images, scale, shift)
    return operations.fixed_norm(images, scale, shift, tensors[f"{layer} mean"], tensors[f"{layer} variance"])
