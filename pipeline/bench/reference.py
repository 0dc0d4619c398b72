"""The reference of a case: its own `forward` in NumPy at float64, and its gradients by reverse differentiation.

Every operation stands here once, by its definition; a case's wiring is the case's own. So a new case brings no
reference of its own, and every framework is held to the same one.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from types import SimpleNamespace

import autograd.numpy as np
from autograd import value_and_grad
from autograd.scipy.special import erf, logsumexp

from pipeline.bench.contract import Case, Float64s, Laid, Problem, moves_from_step
from pipeline.bench.operations import Operations, Tensor, Word, composed
from pipeline.bench.optimisers import moves


def expected(case: Case, problem: Problem) -> Float64s:
    """Return what must come out: `output`, or of training `loss` and one `gradient of …` for each weight."""
    if not case.is_training:
        return {"output": case.forward(OPERATIONS, _exact({**problem.inputs, **problem.parameters}))}
    loss, after = trained(case, problem, [problem.inputs])
    return {"loss": loss, **moves_from_step(case, _exact(problem.parameters), after)}


def trained(case: Case, problem: Problem, batches: Iterable[Mapping[str, Laid]]) -> tuple[Tensor, Float64s]:
    """Return the loss before the last step, one a batch, and the weights after it."""
    weights, kept = _exact(problem.parameters), _exact(case.kept_at_start(problem))
    step = value_and_grad(lambda weights, inputs: case.forward(OPERATIONS, {**inputs, **weights}))
    for batch in batches:
        loss, gradients = step(weights, _exact(batch))
        falls, kept = moves(gradients, kept)
        weights = {name: each - case.learning_rate * falls[name] for name, each in weights.items()}
    return np.asarray(loss), weights


def _exact(arrays: Mapping[str, Laid]) -> dict[str, Tensor]:
    """Return the arrays in float64, and whole numbers in as many bits."""
    return {name: laid.values.astype("f8" if laid.values.dtype.kind == "f" else "i8") for name, laid in arrays.items()}


def _convolution(images: Tensor, kernels: Tensor, stride: int = 1) -> Tensor:
    size = kernels.shape[0]
    windows = _windows(images, size, size // 2, stride, beyond=0)
    places = np.reshape(kernels, (size * size, *kernels.shape[2:]))
    return reduce(add, (np.tensordot(seen, places[place], 1) for place, seen in enumerate(windows)))


def _max_pool(images: Tensor, side: int) -> Tensor:
    windows = _windows(images, side, side - 2, 2, beyond=-np.inf)
    return reduce(lambda largest, seen: np.where(largest >= seen, largest, seen), windows)


def _windows(images: Tensor, size: int, edge: int, stride: int, *, beyond: float) -> list[Tensor]:
    """Return for each place in a window, row by row, what all windows see there; `beyond` stands around the images."""
    padded = np.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0)), "constant", constant_values=beyond)
    rows, columns = ((length - size) // stride + 1 for length in padded.shape[1:3])
    return [
        padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]
        for i in range(size)
        for j in range(size)
    ]


def _standardised(values: Tensor, axis: int | tuple[int, ...], epsilon: float) -> Tensor:
    centred = values - np.mean(values, axis=axis, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=axis, keepdims=True) + epsilon)


def _log_softmax(rows: Tensor) -> Tensor:
    return rows - logsumexp(rows, axis=-1, keepdims=True)


# NumPy's own `unstack` has no gradient here.
_ARRAYS = SimpleNamespace(**vars(np) | {"unstack": lambda values, axis: list(np.moveaxis(values, axis, 0))})
_NN = SimpleNamespace(
    relu=lambda values: np.where(values > 0, values, 0.0),
    sigmoid=lambda values: 0.5 * (1 + np.tanh(values / 2)),
    softmax=lambda rows: np.exp(_log_softmax(rows)),
    standardize=_standardised,
)
_OWN: dict[str, Word] = {
    "recomputed": lambda part, values: part(values),
    "convolution": _convolution,
    "max_pool": _max_pool,
    "gelu": lambda values: values * 0.5 * (1 + erf(values / np.sqrt(2))),
    "cross_entropy": lambda logits, labels: -np.mean(_log_softmax(logits)[np.arange(len(labels)), labels]),
}
OPERATIONS = Operations(**composed(_ARRAYS, _NN) | _OWN)
"""The operations by their definitions; `np` finds the gradient of each from those of what it is made of."""
