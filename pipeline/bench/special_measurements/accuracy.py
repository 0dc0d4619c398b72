"""Whether frameworks that start from the same weights and data end with the same accuracy.

A small network with batch normalisation and dropout learns handwritten digits by Adam, from several starting points.
The batches and what dropout leaves out in each are drawn by NumPy, the same for every framework. After training, each
normalisation takes the mean and the variance over all images that were trained on (Ioffe and Szegedy, 2015, their
Algorithm 2). These, and the answers for the images held out, NumPy computes in float64 from the framework's weights.
"""

import gzip
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.cases.image_networks import cnn_parameters, cnn_scores
from pipeline.bench.contract import Case, Laid, Problem
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Tensor
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_SIDE, _WIDTHS = 8, (1, 16, 32)
_TRAINED_ON, _BATCH, _EPOCHS, _STARTS = 1200, 100, 12, 5
_LEFT_IN = 0.75
"""Share of the features."""


@cache
def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images from 0 to 1 and the digits that they show, in an order drawn once; see data/reference/digits.md."""
    from pipeline.settings import SHIPPED_FOLDER  # noqa: PLC0415 — brings 20 MiB, which no other measurement needs

    lines = gzip.decompress((SHIPPED_FOLDER / "reference" / "digits.txt.gz").read_bytes()).decode("ascii").split()
    images = np.array([[int(pixel, 17) / 16 for pixel in line] for line in lines[::2]], dtype=np.float32)
    order = np.random.default_rng(0).permutation(len(images))
    return images.reshape(-1, _SIDE, _SIDE, 1)[order], np.array(lines[1::2], dtype=np.int64)[order]


def batches(start: int) -> Iterator[dict[str, Laid]]:
    """Yield what each step is given, by the starting point's own chance."""
    (images, labels), generator = digits(), np.random.default_rng([_STARTS, start])
    for _ in range(_EPOCHS):
        for places in generator.permutation(_TRAINED_ON).reshape(-1, _BATCH):
            left_in = (generator.random((_BATCH, _WIDTHS[-1])) < _LEFT_IN) / np.float32(_LEFT_IN)
            inputs = {"images": Laid(images[places], "images"), "left in": Laid(left_in)}
            yield inputs | {"labels": Laid(labels[places])}


DIGITS = Case(
    name="digits",
    title="Handwritten digits",
    sizes={f"start {start}": {"start": start} for start in range(_STARTS)},
    wording="starting point {start}",
    is_training=True,
    optimiser="Adam",
    learning_rate=0.01,
    data=lambda draw, start: Problem(inputs=next(batches(start)), parameters=cnn_parameters(_WIDTHS, draw)),
    result=cnn_scores,
)
"""A size is a starting point, with its own weights, batches and dropout."""


def accuracy_of(weights: Mapping[str, NDArray[np.generic]]) -> float:
    """Return the share of the images held out whose digit the network tells."""
    from pipeline.bench.reference import OPERATIONS  # noqa: PLC0415 — brings 60 MiB

    images, labels = digits()
    tensors = {name: values.astype(np.float64) for name, values in weights.items()}
    found: dict[str, Tensor] = {}

    def batch_norm(values: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        layer = f"block {len(found) // 2}"
        found[f"{layer} mean"], found[f"{layer} variance"] = values.mean((0, 1, 2)), values.var((0, 1, 2))
        return OPERATIONS.batch_norm(values, scale, shift)

    watched = Operations(**vars(OPERATIONS) | {"batch_norm": batch_norm})
    cnn_scores(watched, {**tensors, "images": images[:_TRAINED_ON]})
    scores = cnn_scores(OPERATIONS, {**tensors, **found, "images": images[_TRAINED_ON:]})
    return float((scores.argmax(axis=1) == labels[_TRAINED_ON:]).mean())


def _trained(tools: SpecialTools, size: str) -> Values:
    problem = DIGITS.problem(size, "float32", tools.seed)
    state = tools.framework.setup(DIGITS, problem, tools.mode)
    for batch in batches(**DIGITS.sizes[size]):
        state.give(batch)
        result = state.step()
    tools.framework.sync(result)
    accuracy, loss = accuracy_of(tools.framework.weights(state, problem)), tools.framework.read(state.loss_in(result))
    return {"accuracy": accuracy, "loss": float(loss)}


SPECIAL = SpecialMeasurement(
    **entry_of("special", "accuracy"),
    workload=(
        f"handwritten digits: {len(_WIDTHS) - 1} convolutions with batch normalisation, dropout and Adam, {_EPOCHS} "
        f"times over {_TRAINED_ON} images in batches of {_BATCH}, told for the other 597"
    ),
    # Accuracy on those held out, and the training loss before the last step, for each starting point.
    measure=lambda tools: [_trained(tools, size) for size in DIGITS.sizes],
)
