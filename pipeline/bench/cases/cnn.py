"""The convolutional network run forward and trained: three blocks over 32 x 32 images, 10 classes."""

from itertools import pairwise
from typing import ClassVar

import numpy as np

from pipeline.bench.cases.network import Network, convolved, dense_layer, image_layer, labelled_images, through
from pipeline.bench.contract import Operations, Problem, Sizes, Tensor, Tensors, Tolerances

SIDE, CLASSES = 32, 10
WIDTHS = (3, 32, 64, 128)
_KERNEL = 3


class CnnInference(Network):
    """Convolution, normalisation by given statistics, rectifier and pooling, three times; then a class layer."""

    name: ClassVar[str] = "cnn_inference"
    title: ClassVar[str] = "CNN inference"
    sizes: ClassVar[Sizes] = {"small": {"batch": 1}, "large": {"batch": 64}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2}
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    wording: ClassVar[str] = (
        f"batch of {{batch}}, {len(WIDTHS) - 1} convolutions over {SIDE} x {SIDE} x {WIDTHS[0]} images"
    )

    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return images with labels, and weights."""
        parameters = dense_layer("class", WIDTHS[-1], CLASSES, generator)
        for block, (entering, leaving) in enumerate(pairwise(WIDTHS)):
            parameters |= image_layer(f"block {block}", (_KERNEL, entering, leaving), generator)
        images = labelled_images(self.sizes[size]["batch"], SIDE, CLASSES, generator)
        return Problem(inputs=images, parameters=parameters)

    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the classes' scores, batch x 10."""
        images = tensors["images"]
        for block in range(len(WIDTHS) - 1):
            images = operations.relu(convolved(operations, tensors, f"block {block}", images))
            images = operations.max_pool(images, 2)
        return through(operations, tensors, "class", operations.mean_pool(images))


class CnnTraining(CnnInference):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    is_training: ClassVar[bool] = True
    name: ClassVar[str] = "cnn_training"
    title: ClassVar[str] = "CNN training step"
    sizes: ClassVar[Sizes] = {"small": {"batch": 8}, "large": {"batch": 64}}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-2}
