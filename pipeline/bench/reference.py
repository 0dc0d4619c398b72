"""What must come out of a case: its own `forward` in NumPy at float64, and its gradients by reverse differentiation.

Every operation stands here once, by its definition; a case's wiring is the case's own. So a new case brings no
reference of its own, and every framework is held to the same one.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from pipeline.bench.contract import Case, Float64s, Operations, Problem

Array = NDArray[np.float64]
Pull = Callable[[Array], Array]
"""From the gradient of a result to that of one of the numbers it was made from."""

_EPSILON = 1e-5


class Node:
    """An array, and how it was made as long as a gradient may be asked for."""

    __slots__ = ("gradient", "makers", "values")

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
        return _joined(self, other, np.add, lambda pulled, _left, _right: pulled, lambda pulled, _left, _right: pulled)

    def __sub__(self, other: "Node | float") -> "Node":
        return self + other * -1.0

    def __mul__(self, other: "Node | float") -> "Node":
        return _joined(
            self, other, np.multiply, lambda pulled, _left, right: pulled * right, lambda pulled, left, _: pulled * left
        )

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


def _joined(
    left: Node,
    right: Node | float,
    function: Callable[..., Array],
    pull_left: Callable[[Array, Array, Array], Array],
    pull_right: Callable[[Array, Array, Array], Array],
) -> Node:
    """Apply an elementwise function of two; where one was repeated to fit, its gradient is the sum over the copies."""
    other = right if isinstance(right, Node) else Node(np.asarray(right, dtype=np.float64))
    one, two = left.values, other.values
    return Node(
        function(one, two),
        [
            (left, lambda pulled: _summed_to(pull_left(pulled, one, two), one.shape)),
            (other, lambda pulled: _summed_to(pull_right(pulled, one, two), two.shape)),
        ],
    )


def _summed_to(values: Array, shape: tuple[int, ...]) -> Array:
    summed = values.sum(axis=tuple(range(values.ndim - len(shape))))
    repeated = tuple(axis for axis, length in enumerate(shape) if length == 1 and summed.shape[axis] != 1)
    return np.asarray(summed.sum(axis=repeated, keepdims=True) if repeated else summed)


def _each(values: Node, result: Array, slope: Callable[[], Array]) -> Node:
    """Return the result of an elementwise function whose slope, there, is given."""
    return Node(result, [(values, lambda pulled: pulled * slope())])


def _matmul(left: Node, right: Node) -> Node:
    one, two = left.values, right.values
    return Node(
        one @ two,
        [
            (left, lambda pulled: _summed_to(pulled @ two.swapaxes(-1, -2), one.shape)),
            (right, lambda pulled: _summed_to(one.swapaxes(-1, -2) @ pulled, two.shape)),
        ],
    )


def _dense(rows: Node, weights: Node, bias: Node) -> Node:
    return _matmul(rows, weights) + bias


def _convolution(images: Node, kernels: Node, stride: int = 1) -> Node:
    size, edge = kernels.shape[0], kernels.shape[0] // 2
    batch, height, width, _ = images.shape
    padded = np.pad(images.values, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    rows, columns = (height - 1) // stride + 1, (width - 1) // stride + 1
    places = [
        (i, j, (slice(None), slice(i, i + rows * stride, stride), slice(j, j + columns * stride, stride)))
        for i in range(size)
        for j in range(size)
    ]
    result = np.zeros((batch, rows, columns, kernels.shape[3]))
    for i, j, window in places:
        result += padded[window] @ kernels.values[i, j]

    def pull_images(pulled: Array) -> Array:
        found = np.zeros_like(padded)
        for i, j, window in places:
            found[window] += pulled @ kernels.values[i, j].T
        return found[:, edge : edge + height, edge : edge + width]

    def pull_kernels(pulled: Array) -> Array:
        found = np.zeros_like(kernels.values)
        for i, j, window in places:
            found[i, j] = np.tensordot(padded[window], pulled, axes=((0, 1, 2), (0, 1, 2)))
        return found

    return Node(result, [(images, pull_images), (kernels, pull_kernels)])


def _max_pool(images: Node, side: int) -> Node:
    batch, height, width, channels = images.shape
    edge = side - 2
    padded = np.pad(images.values, ((0, 0), (edge, edge), (edge, edge), (0, 0)), constant_values=-np.inf)
    rows, columns = (height + 2 * edge - side) // 2 + 1, (width + 2 * edge - side) // 2 + 1
    windows = [
        (slice(None), slice(i, i + rows * 2, 2), slice(j, j + columns * 2, 2)) for i in range(side) for j in range(side)
    ]
    neighbours = np.stack([padded[window] for window in windows])
    winner = neighbours.argmax(axis=0)

    def pull(pulled: Array) -> Array:
        found = np.zeros((batch, height + 2 * edge, width + 2 * edge, channels))
        for place, window in enumerate(windows):
            found[window] += pulled * (winner == place)
        return found[:, edge : edge + height, edge : edge + width]

    return Node(neighbours.max(axis=0), [(images, pull)])


def _mean_pool(images: Node) -> Node:
    pixels = images.shape[1] * images.shape[2]
    return Node(
        images.values.mean(axis=(1, 2)),
        [(images, lambda pulled: np.broadcast_to(pulled[:, None, None] / pixels, images.shape).copy())],
    )


def _standardised(values: Node, axes: tuple[int, ...]) -> Node:
    centred = values.values - values.values.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + _EPSILON)
    result = centred * inverse

    def pull(pulled: Array) -> Array:
        common = pulled.mean(axis=axes, keepdims=True)
        along = (pulled * result).mean(axis=axes, keepdims=True)
        return np.asarray(inverse * (pulled - common - result * along))

    return Node(result, [(values, pull)])


def _batch_norm(images: Node, scale: Node, shift: Node) -> Node:
    return _standardised(images, (0, 1, 2)) * scale + shift


def _fixed_norm(images: Node, scale: Node, shift: Node, mean: Node, variance: Node) -> Node:
    spread = Node(1 / np.sqrt(variance.values + _EPSILON))  # the statistics given are no weights
    return (images - mean) * (scale * spread) + shift


def _layer_norm(rows: Node, scale: Node, shift: Node) -> Node:
    return _standardised(rows, (-1,)) * scale + shift


def _relu(values: Node) -> Node:
    return _each(values, np.maximum(values.values, 0), lambda: (values.values > 0).astype(np.float64))


def _gelu(values: Node) -> Node:
    given = values.values
    below = 0.5 * (1 + erf(given / np.sqrt(2)))
    return _each(values, given * below, lambda: below + given * np.exp(-(given**2) / 2) / np.sqrt(2 * np.pi))


def _tanh(values: Node) -> Node:
    result = np.tanh(values.values)
    return _each(values, result, lambda: 1 - result**2)


def _sigmoid(values: Node) -> Node:
    result = 0.5 * (1 + np.tanh(values.values / 2))
    return _each(values, result, lambda: result * (1 - result))


def _softmax(rows: Node) -> Node:
    exponents = np.exp(rows.values - rows.values.max(axis=-1, keepdims=True))
    shares = exponents / exponents.sum(axis=-1, keepdims=True)
    return Node(shares, [(rows, lambda pulled: shares * (pulled - (pulled * shares).sum(axis=-1, keepdims=True)))])


def _reshaped(values: Node, shape: Sequence[int]) -> Node:
    return Node(values.values.reshape(shape), [(values, lambda pulled: pulled.reshape(values.shape))])


def _transposed(values: Node, axes: tuple[int, ...]) -> Node:
    return Node(values.values.transpose(axes), [(values, lambda pulled: pulled.transpose(np.argsort(axes)))])


def _split_heads(values: Node, heads: int) -> Node:
    batch, length, width = values.shape
    return _transposed(_reshaped(values, (batch, length, heads, width // heads)), (0, 2, 1, 3))


def _merge_heads(values: Node) -> Node:
    batch, heads, length, depth = values.shape
    return _reshaped(_transposed(values, (0, 2, 1, 3)), (batch, length, heads * depth))


def _attention(query: Node, key: Node, value: Node) -> Node:
    scores = _matmul(query, _transposed(key, (0, 1, 3, 2))) * (query.shape[-1] ** -0.5)
    return _matmul(_softmax(scores), value)


def _embedding(table: Node, indices: Node) -> Node:
    def pull(pulled: Array) -> Array:
        found = np.zeros_like(table.values)
        np.add.at(found, indices.values.astype(np.int64), pulled)
        return found

    return Node(table.values[indices.values.astype(np.int64)], [(table, pull)])


def _part(values: Node, place: tuple[slice | int, ...]) -> Node:
    def pull(pulled: Array) -> Array:
        found = np.zeros_like(values.values)
        found[place] = pulled
        return found

    return Node(values.values[place], [(values, pull)])


def _lstm(sequences: Node, input_weights: Node, recurrent_weights: Node, bias: Node) -> Node:
    batch, length, _ = sequences.shape
    units = recurrent_weights.shape[0]
    hidden = cell = Node(np.zeros((batch, units)))
    outputs = []
    for time in range(length):
        now = sequences[:, time]
        gates = _matmul(now, input_weights) + _matmul(hidden, recurrent_weights) + bias
        enter, forget, new, leave = (gates[:, k * units : (k + 1) * units] for k in range(4))
        cell = _sigmoid(forget) * cell + _sigmoid(enter) * _tanh(new)
        hidden = _sigmoid(leave) * _tanh(cell)
        outputs.append(hidden)
    return _stacked(outputs)


def _stacked(nodes: Sequence[Node]) -> Node:
    """Return nodes of batch x units as one of batch x places x units."""

    def pull_at(place: int) -> Pull:
        return lambda pulled: pulled[:, place]

    values = np.stack([node.values for node in nodes], axis=1)
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


OPERATIONS = Operations(
    matmul=_matmul,
    dense=_dense,
    convolution=_convolution,
    max_pool=_max_pool,
    mean_pool=_mean_pool,
    batch_norm=_batch_norm,
    fixed_norm=_fixed_norm,
    layer_norm=_layer_norm,
    relu=_relu,
    gelu=_gelu,
    tanh=_tanh,
    softmax=_softmax,
    attention=_attention,
    split_heads=_split_heads,
    merge_heads=_merge_heads,
    embedding=_embedding,
    lstm=_lstm,
    cross_entropy=_cross_entropy,
)
