"""The convolutional network run forward and trained: three blocks over 32 x 32 images, 10 classes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from pipeline.bench.cases.network import convolved, dense_layer, image_layer, labelled_images, through
from pipeline.bench.contract import Case, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor

_SIDE, _CLASSES = 32, 10
_WIDTHS = (3, 32, 64, 128)
_KERNEL = 3


def _data(generator: np.random.Generator, batch: int) -> Problem:
    """Return images with labels, and weights."""
    parameters = dense_layer("class", _WIDTHS[-1], _CLASSES, generator)
    for block, (entering, leaving) in enumerate(pairwise(_WIDTHS)):
        parameters |= image_layer(f"block {block}", (_KERNEL, entering, leaving), generator)
    return Problem(inputs=labelled_images(batch, _SIDE, _CLASSES, generator), parameters=parameters)


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores: three times convolution, normalisation, rectifier and pooling; then a class layer."""
    images = tensors["images"]
    for block in range(len(_WIDTHS) - 1):
        images = operations.relu(convolved(operations, tensors, f"block {block}", images))
        images = operations.max_pool(images, 2)
    return through(operations, tensors, "class", operations.mean_pool(images))


INFERENCE = Case(
    name="cnn_inference",
    title="CNN inference",
    sizes={"small": {"batch": 1}, "large": {"batch": 64}},
    tolerances={"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2},
    group="small models",
    grouped_sizes=("small",),
    wording=f"batch of {{batch}}, {len(_WIDTHS) - 1} convolutions over {_SIDE} x {_SIDE} x {_WIDTHS[0]} images",
    data=_data,
    result=_scores,
)
TRAINING = replace(
    INFERENCE,
    is_training=True,
    name="cnn_training",
    title="CNN training step",
    sizes={"small": {"batch": 8}, "large": {"batch": 64}},
    tolerances={"float32": 1e-2},
)
