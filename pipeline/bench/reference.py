"""The reference of a case: its own `forward` in NumPy at float64, and its gradients by reverse differentiation.

Every operation stands here once, by its definition; a case's wiring is the case's own. So a new case brings no
reference of its own, and every framework is held to the same one.
"""

from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from pipeline.bench.composed_operations import EPSILON, ComposedOperations
from pipeline.bench.contract import Case, Float64s, Operations, Problem, Word

Array = NDArray[np.float64]
Pull = Callable[[Array], Array]
"""From the gradient of a result to that of one of the numbers it was made from."""


class Node:
    """An array, and how it was made as long as a gradient may be asked for."""

    __slots__ = ("gradient", "makers", "values")
    dtype = np.float64

    def __init__(self, values: Array, makers: Iterable[tuple["Node", Pull]] = (), *, is_weight: bool = False) -> None:
        """Keep the makers that lead to a weight; without any, what was made on the way is free to go."""
        self.values = values
        self.makers = [(maker, pull) for maker, pull in makers if maker.is_followed]
        self.gradient: Array | None = np.zeros_like(values) if is_weight else None

    @property
    def is_followed(self) -> bool:
        """Whether it is a weight or was made from one."""
        return self.gradient is not None or bool(self.makers)

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.values.shape

    def __add__(self, other: "Node | float") -> "Node":
        return _joined(self, other, np.add, lambda pulled, _: pulled)

    def __sub__(self, other: "Node | float") -> "Node":
        return self + other * -1.0

    def __mul__(self, other: "Node | float") -> "Node":
        return _joined(self, other, np.multiply, np.multiply)

    def __neg__(self) -> "Node":
        return self * -1.0

    def __getitem__(self, place: "tuple[slice | int, ...]") -> "Node":
        return _part(self, place)


def expected(case: Case, problem: Problem) -> Float64s:
    """Return what must come out: `output`, or of training `loss` and one `gradient of …` for each weight."""
    given = {name: Node(laid.values.astype(_kind(laid.values))) for name, laid in problem.inputs.items()}
    weights = {
        name: Node(laid.values.astype(np.float64), is_weight=case.is_training)
        for name, laid in problem.parameters.items()
    }
    result = case.forward(OPERATIONS, {**given, **weights})
    if not case.is_training:
        return {"output": result.values}
    _pull_back(result)
    return {"loss": result.values, **{f"gradient of {name}": weight.gradient for name, weight in weights.items()}}


def _kind(values: NDArray[np.generic]) -> type[np.generic]:
    return np.float64 if values.dtype.kind == "f" else np.int64


def _pull_back(loss: Node) -> None:
    """Give every weight the gradient of the loss."""
    pulled = {id(loss): np.ones_like(loss.values)}
    for node in reversed(_in_order(loss)):
        of_node = pulled.pop(id(node))
        if node.gradient is not None:
            node.gradient = node.gradient + of_node
        for maker, pull in node.makers:
            of_maker = pull(of_node)
            pulled[id(maker)] = pulled[id(maker)] + of_maker if id(maker) in pulled else of_maker
        node.makers = []  # what it held of the way there is not needed again


def _in_order(last: Node) -> list[Node]:
    """Return every node after its makers, without recursion: a deep network is deeper than Python's stack."""
    order: list[Node] = []
    seen: set[int] = set()
    waiting = [(last, False)]
    while waiting:
        node, is_ready = waiting.pop()
        if is_ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting.extend((maker, False) for maker, _ in node.makers)
    return order


def _joined(left: Node, right: Node | float, function: Callable[..., Array], pull: Callable[..., Array]) -> Node:
    """Apply an elementwise function of two; `pull` takes what came back for the result, and the other's values.

    Where one was repeated to fit, its gradient is the sum over the copies.
    """
    other = right if isinstance(right, Node) else Node(np.asarray(right, dtype=np.float64))
    one, two = left.values, other.values
    return Node(
        function(one, two),
        [
            (left, lambda pulled: _summed_to(pull(pulled, two), one.shape)),
            (other, lambda pulled: _summed_to(pull(pulled, one), two.shape)),
        ],
    )


def _summed_to(values: Array, shape: tuple[int, ...]) -> Array:
    summed = values.sum(axis=tuple(range(values.ndim - len(shape))))
    repeated = tuple(axis for axis, length in enumerate(shape) if length == 1 and summed.shape[axis] != 1)
    return np.asarray(summed.sum(axis=repeated, keepdims=True) if repeated else summed)


def _elementwise(function: Callable[[Array], Array], slope: Callable[[Array, Array], Array]) -> Word:
    """Return the operation of a function and its slope, which follows from what was given and what came out."""

    def operation(values: Node) -> Node:
        result = function(values.values)
        return Node(result, [(values, lambda pulled: pulled * slope(values.values, result))])

    return operation


def _below(values: Array) -> Array:
    """Return the share of the normal distribution below each value."""
    return np.asarray(0.5 * (1 + erf(values / np.sqrt(2))))


_relu = _elementwise(lambda given: np.maximum(given, 0), lambda given, _: (given > 0).astype(np.float64))
_tanh = _elementwise(np.tanh, lambda _, result: 1 - result**2)
_sigmoid = _elementwise(lambda given: 0.5 * (1 + np.tanh(given / 2)), lambda _, result: result * (1 - result))
_gelu = _elementwise(
    lambda given: given * _below(given),
    lambda given, _: _below(given) + given * np.exp(-(given**2) / 2) / np.sqrt(2 * np.pi),
)


def _matmul(left: Node, right: Node) -> Node:
    one, two = left.values, right.values
    return Node(
        one @ two,
        [
            (left, lambda pulled: _summed_to(pulled @ two.swapaxes(-1, -2), one.shape)),
            (right, lambda pulled: _summed_to(one.swapaxes(-1, -2) @ pulled, two.shape)),
        ],
    )


def _padded(images: Node, edge: int, beyond: float) -> Array:
    return np.pad(images.values, ((0, 0), (edge, edge), (edge, edge), (0, 0)), constant_values=beyond)


def _windows(padded: Array, size: int, stride: int) -> list[Array]:
    """Return for each place in a window, row by row, a view of what all windows have there."""
    rows, columns = ((length - size) // stride + 1 for length in padded.shape[1:3])
    return [
        padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]
        for i in range(size)
        for j in range(size)
    ]


def _pulled_from_windows(images: Node, size: int, edge: int, stride: int, parts: Iterable[Array]) -> Array:
    """Return the gradient of images from that of what windows see at each place."""
    batch, height, width, channels = images.shape
    found = np.zeros((batch, height + 2 * edge, width + 2 * edge, channels))
    for place, part in zip(_windows(found, size, stride), parts, strict=True):
        np.add(place, part, out=place)
    return found[:, edge : edge + height, edge : edge + width]


def _convolution(images: Node, kernels: Node, stride: int = 1) -> Node:
    size = kernels.shape[0]
    edge = size // 2
    places = kernels.values.reshape(size * size, *kernels.shape[2:])
    seen = _windows(_padded(images, edge, 0.0), size, stride)

    def pull_images(pulled: Array) -> Array:
        return _pulled_from_windows(images, size, edge, stride, (pulled @ place.T for place in places))

    def pull_kernels(pulled: Array) -> Array:
        found = [np.tensordot(each, pulled, axes=((0, 1, 2), (0, 1, 2))) for each in seen]
        return np.stack(found).reshape(kernels.shape)

    result = np.zeros((*seen[0].shape[:3], kernels.shape[3]))
    for each, place in zip(seen, places, strict=True):
        result += each @ place
    return Node(result, [(images, pull_images), (kernels, pull_kernels)])


def _max_pool(images: Node, side: int) -> Node:
    edge = side - 2
    neighbours = np.stack(_windows(_padded(images, edge, -np.inf), side, 2))
    winner = neighbours.argmax(axis=0)

    def pull(pulled: Array) -> Array:
        parts = (pulled * (winner == place) for place in range(side * side))
        return _pulled_from_windows(images, side, edge, 2, parts)

    return Node(neighbours.max(axis=0), [(images, pull)])


def _mean_pool(images: Node) -> Node:
    pixels = images.shape[1] * images.shape[2]
    return Node(
        images.values.mean(axis=(1, 2)),
        [(images, lambda pulled: np.broadcast_to(pulled[:, None, None] / pixels, images.shape).copy())],
    )


def _standardised(values: Node, axes: tuple[int, ...]) -> Node:
    centred = values.values - values.values.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + EPSILON)
    result = centred * inverse

    def pull(pulled: Array) -> Array:
        common = pulled.mean(axis=axes, keepdims=True)
        along = (pulled * result).mean(axis=axes, keepdims=True)
        return np.asarray(inverse * (pulled - common - result * along))

    return Node(result, [(values, pull)])


def _batch_norm(images: Node, scale: Node, shift: Node) -> Node:
    return _standardised(images, (0, 1, 2)) * scale + shift


def _fixed_norm(images: Node, scale: Node, shift: Node, mean: Node, variance: Node) -> Node:
    spread = Node(1 / np.sqrt(variance.values + EPSILON))  # the statistics given are no weights
    return (images - mean) * (scale * spread) + shift


def _layer_norm(rows: Node, scale: Node, shift: Node) -> Node:
    return _standardised(rows, (-1,)) * scale + shift


def _softmax(rows: Node) -> Node:
    exponents = np.exp(rows.values - rows.values.max(axis=-1, keepdims=True))
    shares = exponents / exponents.sum(axis=-1, keepdims=True)
    return Node(shares, [(rows, lambda pulled: shares * (pulled - (pulled * shares).sum(axis=-1, keepdims=True)))])


def _reshaped(values: Node, shape: Sequence[int]) -> Node:
    return Node(values.values.reshape(shape), [(values, lambda pulled: pulled.reshape(values.shape))])


def _transposed(values: Node, axes: tuple[int, ...]) -> Node:
    return Node(values.values.transpose(axes), [(values, lambda pulled: pulled.transpose(np.argsort(axes)))])


def _embedding(table: Node, indices: Node) -> Node:
    return _part(table, indices.values.astype(np.int64))


def _part(values: Node, place: object) -> Node:
    def pull(pulled: Array) -> Array:
        found = np.zeros_like(values.values)
        np.add.at(found, place, pulled)
        return found

    return Node(values.values[place], [(values, pull)])


def _split(values: Node, count: int, axis: int) -> list[Node]:
    """Return equal parts along the axis."""
    width = values.shape[axis] // count
    before = (slice(None),) * axis
    return [_part(values, (*before, slice(place * width, (place + 1) * width))) for place in range(count)]


def _unstack(values: Node, axis: int) -> list[Node]:
    """Return the part at each place along the axis, which they no longer have."""
    before = (slice(None),) * axis
    return [_part(values, (*before, place)) for place in range(values.shape[axis])]


def _stack(nodes: Sequence[Node], axis: int) -> Node:
    """Return the nodes side by side along a new axis."""

    def pull_at(place: int) -> Pull:
        return lambda pulled: pulled.take(place, axis)

    values = np.stack([node.values for node in nodes], axis)
    return Node(values, [(node, pull_at(place)) for place, node in enumerate(nodes)])


def _cross_entropy(logits: Node, labels: Node) -> Node:
    each, right = np.arange(len(labels.values)), labels.values.astype(np.int64)
    shifted = logits.values - logits.values.max(axis=1, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def pull(pulled: Array) -> Array:
        found = np.exp(log_shares)
        found[each, right] -= 1
        return np.asarray(found * (pulled / len(each)))

    return Node(np.asarray(-log_shares[each, right].mean()), [(logits, pull)])


_PARTS = SimpleNamespace(
    matmul=_matmul,
    reshape=_reshaped,
    transpose=_transposed,
    zeros=lambda shape, dtype: Node(np.zeros(shape, dtype)),
    split=_split,
    stack=_stack,
    unstack=_unstack,
    tanh=_tanh,
    relu=_relu,
    sigmoid=_sigmoid,
    softmax=_softmax,
)
OPERATIONS = Operations.of(
    ComposedOperations(_PARTS, _PARTS),
    convolution=_convolution,
    max_pool=_max_pool,
    mean_pool=_mean_pool,
    batch_norm=_batch_norm,
    fixed_norm=_fixed_norm,
    layer_norm=_layer_norm,
    gelu=_gelu,
    embedding=_embedding,
    cross_entropy=_cross_entropy,
)
