"""The convolutional network that both CNN cases share: three blocks over 32 x 32 images, 10 classes."""

from itertools import pairwise

import numpy as np

from pipeline.bench.cases.image_layers import class_layer, class_scores, convolved, image_layer, labelled_images
from pipeline.bench.contract import Operations, Problem, Tensor, Tensors

SIDE, CLASSES = 32, 10
WIDTHS = (3, 32, 64, 128)
_KERNEL = 3


def make_cnn(batch: int, generator: np.random.Generator) -> Problem:
    """Return images with labels, and weights."""
    parameters = class_layer(WIDTHS[-1], CLASSES, generator)
    for block, (entering, leaving) in enumerate(pairwise(WIDTHS)):
        parameters |= image_layer(f"block {block}", (_KERNEL, entering, leaving), generator)
    return Problem(inputs=labelled_images(batch, SIDE, CLASSES, generator), parameters=parameters)


def scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, batch x 10."""
    images = tensors["images"]
    for block in range(len(WIDTHS) - 1):
        images = operations.relu(convolved(operations, tensors, f"block {block}", images))
        images = operations.max_pool(images, 2)
    return class_scores(operations, tensors, images)
