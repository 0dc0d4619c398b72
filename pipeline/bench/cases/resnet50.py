"""ResNet-50 (He et al., 2015, with the stride in the 3 x 3 convolution), random weights.

A whole network of the size that is used in earnest, run forward with its usual images and trained with smaller ones.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.bench.cases.network import convolved, dense_layer, image_layer, labelled_images, through
from pipeline.bench.contract import Case, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor

_CLASSES = 1000
_STEM, _STEM_KERNEL = 64, 7
_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Width within the block, and blocks."""
_EXPANSION = 4
_LAST_GAIN = 0.3
"""Of each block's last normalisation: else what random weights give doubles its variance with every block."""


def _blocks() -> Iterator[tuple[str, int, int, int]]:
    """Yield each block's name, entering channels, inner width and stride."""
    entering = _STEM
    for stage, (width, count) in enumerate(_STAGES):
        for place in range(count):
            yield f"stage {stage} block {place}", entering, width, 2 if stage and not place else 1
            entering = width * _EXPANSION


def _data(generator: np.random.Generator, batch: int, side: int) -> Problem:
    """Return `batch` images of `side` x `side` with labels, and all weights."""
    parameters = image_layer("stem", (_STEM_KERNEL, 3, _STEM), generator)
    for block, entering, width, stride in _blocks():
        leaving = width * _EXPANSION
        parameters |= image_layer(f"{block} a", (1, entering, width), generator)
        parameters |= image_layer(f"{block} b", (3, width, width), generator)
        parameters |= image_layer(f"{block} c", (1, width, leaving), generator, gain=_LAST_GAIN)
        if entering != leaving or stride > 1:
            parameters |= image_layer(f"{block} shortcut", (1, entering, leaving), generator)
    parameters |= dense_layer("class", _STAGES[-1][0] * _EXPANSION, _CLASSES, generator)
    return Problem(inputs=labelled_images(batch, side, _CLASSES, generator), parameters=parameters)


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, batch x 1000."""
    stem = convolved(operations, tensors, "stem", tensors["images"], stride=2)
    images = operations.max_pool(operations.relu(stem), 3)
    for block, _, _, stride in _blocks():
        inner = convolved(operations, tensors, f"{block} a", images)
        inner = convolved(operations, tensors, f"{block} b", operations.relu(inner), stride=stride)
        inner = convolved(operations, tensors, f"{block} c", operations.relu(inner))
        if f"{block} shortcut kernels" in tensors:
            images = convolved(operations, tensors, f"{block} shortcut", images, stride=stride)
        images = operations.relu(inner + images)
    return through(operations, tensors, "class", operations.mean_pool(images))


INFERENCE = Case(
    name="resnet50_inference",
    title="ResNet-50 inference",
    group="ResNet-50 inference",
    sizes={"small": {"batch": 1, "side": 224}, "large": {"batch": 8, "side": 224}},
    tiers={"small": "default"},
    is_deep=True,
    tolerances={"float32": 1e-3, "bfloat16": 1e-1, "float16": 2e-2},
    wording=f"batch of {{batch}}, {{side}} x {{side}} x 3 images, {_CLASSES} classes",
    data=_data,
    result=_scores,
)
TRAINING = replace(
    INFERENCE,
    is_training=True,
    name="resnet50_training",
    title="ResNet-50 training step",
    group=None,
    tiers={},
    sizes={"small": {"batch": 4, "side": 128}, "large": {"batch": 4, "side": 224}},
    # A rectifier whose input is zero but for rounding lets a gradient through or not, and few positions go into a
    # shift: at the small size two of 256 numbers make a shift's gradient differ by 0.022 of its length between
    # TensorFlow with and without XLA. Where no rectifier turns, all are within 0.004; a wrong term is far beyond 0.05.
    tolerances={"float32": 5e-2},
)
