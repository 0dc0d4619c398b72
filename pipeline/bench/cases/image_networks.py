"""Networks over images, run forward and trained: three blocks over 32 x 32 images, and ResNet-50.

ResNet-50 (He et al., 2015, with the stride in the 3 x 3 convolution) is a whole network of the size that is used in
earnest, run with its usual images and trained with smaller ones. Its weights are random, as all are here.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from pipeline.bench.cases.dense_layers import dense_layer, through
from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Tensor

_SIDE, _CNN_CLASSES = 32, 10
_WIDTHS = (3, 32, 64, 128)
_CNN_KERNEL = 3
_CLASSES = 1000
_STEM, _STEM_KERNEL = 64, 7
_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Width within the block, and blocks."""
_EXPANSION = 4
_LAST_GAIN = 0.3
"""Of each block's last normalisation: else what random weights give doubles its variance with every block."""


def _image_layer(
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


def _labelled_images(batch: int, side: int, classes: int, generator: np.random.Generator) -> dict[str, Laid]:
    """Return images of standard normal numbers with three channels, and a random label for each."""
    return {
        "images": Laid(generator.standard_normal((batch, side, side, 3)), "images"),
        "labels": Laid(generator.integers(0, classes, size=batch)),
    }


def _convolved(operations: Operations, tensors: Tensors, layer: str, images: Tensor, *, stride: int = 1) -> Tensor:
    """Return the layer's result, normalised by its statistics where there are any, else by the batch's own."""
    images = operations.convolution(images, tensors[f"{layer} kernels"], stride)
    scale, shift = tensors[f"{layer} scale"], tensors[f"{layer} shift"]
    if f"{layer} mean" not in tensors:
        return operations.batch_norm(images, scale, shift)
    return operations.fixed_norm(images, scale, shift, tensors[f"{layer} mean"], tensors[f"{layer} variance"])


def cnn_parameters(widths: Sequence[int], generator: np.random.Generator) -> dict[str, Laid]:
    """Return the weights of one block from each width to the next, and of the class layer."""
    parameters = dense_layer("class", widths[-1], _CNN_CLASSES, generator)
    for block, (entering, leaving) in enumerate(pairwise(widths)):
        parameters |= _image_layer(f"block {block}", (_CNN_KERNEL, entering, leaving), generator)
    return parameters


def _cnn_data(generator: np.random.Generator, batch: int) -> Problem:
    """Return images with labels, and weights."""
    parameters = cnn_parameters(_WIDTHS, generator)
    return Problem(inputs=_labelled_images(batch, _SIDE, _CNN_CLASSES, generator), parameters=parameters)


def cnn_scores(operations: Operations, tensors: Tensors, *, recomputes: bool = False) -> Tensor:
    """Return the classes' scores: for each block convolution, normalisation, rectifier and pooling; then a class layer.

    What dropout leaves in of the features, if anything is dropped, stands among the inputs.
    """

    def through_block(images: Tensor, block: int) -> Tensor:
        images = operations.relu(_convolved(operations, tensors, f"block {block}", images))
        return operations.max_pool(images, 2)

    images = tensors["images"]
    for block in range(sum(name.endswith(" kernels") for name in tensors)):
        part = partial(through_block, block=block)
        images = operations.recomputed(part, images) if recomputes else part(images)
    features = operations.mean_pool(images)
    return through(operations, tensors, "class", features * tensors["left in"] if "left in" in tensors else features)


_CNN = partial(
    Case,
    wording=f"batch of {{batch}}, {len(_WIDTHS) - 1} convolutions over {_SIDE} x {_SIDE} x {_WIDTHS[0]} images",
    data=_cnn_data,
    result=cnn_scores,
)
CNN_INFERENCE = _CNN(**entry_of("case", "cnn_inference"))
CNN_TRAINING = _CNN(**entry_of("case", "cnn_training"))


def _blocks() -> Iterator[tuple[str, int, int, int]]:
    """Yield each block's name, entering channels, inner width and stride."""
    entering = _STEM
    for stage, (width, count) in enumerate(_STAGES):
        for place in range(count):
            yield f"stage {stage} block {place}", entering, width, 2 if stage and not place else 1
            entering = width * _EXPANSION


def _resnet_data(generator: np.random.Generator, batch: int, side: int) -> Problem:
    """Return `batch` images of `side` x `side` with labels, and all weights."""
    parameters = _image_layer("stem", (_STEM_KERNEL, 3, _STEM), generator)
    for block, entering, width, stride in _blocks():
        leaving = width * _EXPANSION
        parameters |= _image_layer(f"{block} a", (1, entering, width), generator)
        parameters |= _image_layer(f"{block} b", (3, width, width), generator)
        parameters |= _image_layer(f"{block} c", (1, width, leaving), generator, gain=_LAST_GAIN)
        if entering != leaving or stride > 1:
            parameters |= _image_layer(f"{block} shortcut", (1, entering, leaving), generator)
    parameters |= dense_layer("class", _STAGES[-1][0] * _EXPANSION, _CLASSES, generator)
    return Problem(inputs=_labelled_images(batch, side, _CLASSES, generator), parameters=parameters)


def _resnet_scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the classes' scores, batch x 1000."""
    stem = _convolved(operations, tensors, "stem", tensors["images"], stride=2)
    images = operations.max_pool(operations.relu(stem), 3)
    for block, _, _, stride in _blocks():
        inner = _convolved(operations, tensors, f"{block} a", images)
        inner = _convolved(operations, tensors, f"{block} b", operations.relu(inner), stride=stride)
        inner = _convolved(operations, tensors, f"{block} c", operations.relu(inner))
        if f"{block} shortcut kernels" in tensors:
            images = _convolved(operations, tensors, f"{block} shortcut", images, stride=stride)
        images = operations.relu(inner + images)
    return through(operations, tensors, "class", operations.mean_pool(images))


_RESNET50 = partial(
    Case,
    wording=f"batch of {{batch}}, {{side}} x {{side}} x 3 images, {_CLASSES} classes",
    data=_resnet_data,
    result=_resnet_scores,
)
RESNET50_INFERENCE = _RESNET50(**entry_of("case", "resnet50_inference"))
RESNET50_TRAINING = _RESNET50(**entry_of("case", "resnet50_training"))
