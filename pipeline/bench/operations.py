"""The vocabulary of the cases: operations by name, each bound to one framework's own function or put together."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""An array of one framework; only its own operations and operators look inside."""
Word: TypeAlias = Callable[..., Tensor]
EPSILON = 1e-5
"""What is added to a variance before it divides."""
UNSEEN = -1e9
"""The score of what is not to be seen: its share is zero."""


class Unsupported(Exception):
    """The framework cannot do this here: it lacks the operation, the mode, the device or a compiler."""


class Operations:
    """The vocabulary of the cases, each word bound to one framework's own function, with nothing in between.

    A word that an adapter leaves out makes the cases that need it `unsupported` there.
    """

    matmul: Word
    """(left, right) -> matrix product over the last two axes."""
    dense: Word
    """(rows, weights, bias) -> rows · weights + bias, over the last axis."""
    convolution: Word
    """(images, kernels, stride) -> images; odd kernels, half a kernel of zeros on every side."""
    max_pool: Word
    """(images, side) -> images of half the side: the largest of 2 x 2 pixels, or of 3 x 3, one beyond the edges."""
    mean_pool: Word
    """(images) -> batch x channels: the mean of each image's channel."""
    batch_norm: Word
    """(images, scale, shift) -> images; each channel by its own mean and variance over this batch, as in training."""
    fixed_norm: Word
    """(images, scale, shift, mean, variance) -> images; each channel by the mean and variance given, as in use."""
    layer_norm: Word
    """(rows, scale, shift) -> rows, each by its own mean and variance over the last axis."""
    relu: Word
    gelu: Word
    """The exact one, by the error function."""
    tanh: Word
    softmax: Word
    """(rows) -> shares over the last axis."""
    attention: Word
    """(query, key, value, is_causal), each batch x heads x length x depth -> the same shape; scaled dot products."""
    concatenate: Word
    """(past, new), each batch x heads x length x depth -> one behind the other along the length."""
    rows: Word
    """(values) -> (batch · length) x width."""
    split_heads: Word
    """(values, heads) -> batch x length x width to batch x heads x length x depth."""
    merge_heads: Word
    """(values) -> batch x heads x length x depth to batch x length x width."""
    embedding: Word
    """(table, indices) -> the table's rows at the indices."""
    lstm: Word
    """(sequences, input weights, recurrent weights, bias) -> batch x time x units, from a state of zeros.

    The weights are `dense`, in x 4 units; the gates stand in the order input, forget, cell, output.
    """
    highest: Word
    """(rows) -> rows x 1: the place of each row's highest number."""
    recomputed: Word
    """(part, values) -> part(values), whose inner results are not kept for the gradient but computed again for it."""
    cross_entropy: Word
    """(logits, labels) -> mean over the rows of the softmax cross-entropy, natural logarithm."""

    def __init__(self, **words: Word) -> None:
        """Take the words that there are."""
        vars(self).update({name: partial(_refuse, name) for name in type(self).__annotations__} | words)


def _refuse(name: str, *_arguments: object, **_named: object) -> None:
    raise Unsupported(f"this framework's adapter has no operation {name}")


BY_METHODS: dict[str, Word] = {
    "mean_pool": lambda images: images.mean((2, 3)),
    "split_heads": lambda values, heads: values.unflatten(-1, (heads, -1)).transpose(1, 2),
    "merge_heads": lambda values: values.transpose(1, 2).flatten(2),
}
"""Words by methods that tensors of PyTorch and its like have; the channels of images stand before height and width."""


def composed(arrays: Tensor, nn: Tensor) -> dict[str, Word]:
    """Return words made of functions that most frameworks have under the same names, of arrays and of neural networks.

    An adapter adds the rest of the vocabulary, and replaces what its framework has a better function for.
    """
    return {
        "matmul": arrays.matmul,
        "dense": lambda rows, weights, bias: arrays.matmul(rows, weights) + bias,
        "mean_pool": lambda images: arrays.mean(images, axis=(1, 2)),
        "batch_norm": lambda images, scale, shift: nn.standardize(images, (0, 1, 2), epsilon=EPSILON) * scale + shift,
        "fixed_norm": lambda images, scale, shift, mean, variance: (
            (images - mean) * (scale / arrays.sqrt(variance + EPSILON)) + shift
        ),
        "layer_norm": lambda rows, scale, shift: nn.standardize(rows, -1, epsilon=EPSILON) * scale + shift,
        "relu": nn.relu,
        "gelu": lambda values: nn.gelu(values, approximate=False),
        "tanh": arrays.tanh,
        "softmax": nn.softmax,
        "attention": _attention(arrays, nn),
        "concatenate": lambda past, new: arrays.concatenate((past, new), axis=2),
        "rows": lambda values: arrays.reshape(values, (-1, values.shape[-1])),
        "split_heads": lambda values, heads: arrays.transpose(
            arrays.reshape(values, (-1, values.shape[1], heads, values.shape[2] // heads)), (0, 2, 1, 3)
        ),
        "merge_heads": lambda values: arrays.reshape(
            arrays.transpose(values, (0, 2, 1, 3)), (-1, values.shape[2], values.shape[1] * values.shape[3])
        ),
        "embedding": lambda table, indices: table[indices],
        "lstm": _lstm(arrays, nn),
        "highest": lambda rows: arrays.argmax(rows, axis=-1)[:, None],
    }


def _attention(arrays: Tensor, nn: Tensor) -> Word:
    def attention(query: Tensor, key: Tensor, value: Tensor, *, is_causal: bool = False) -> Tensor:
        scores = arrays.matmul(query, arrays.transpose(key, (0, 1, 3, 2))) * (query.shape[-1] ** -0.5)
        if is_causal:
            seen = arrays.tril(arrays.ones(tuple(scores.shape[-2:])))
            scores = arrays.where(seen > 0, scores, UNSEEN)
        return arrays.matmul(nn.softmax(scores), value)

    return attention


def _lstm(arrays: Tensor, nn: Tensor) -> Word:
    def lstm(sequences: Tensor, entering: Tensor, recurring: Tensor, bias: Tensor) -> Tensor:
        hidden = cell = arrays.zeros((sequences.shape[0], recurring.shape[0]), sequences.dtype)
        outputs = []
        for now in arrays.unstack(arrays.matmul(sequences, entering) + bias, axis=1):
            hidden, cell = lstm_step(arrays, nn, now + arrays.matmul(hidden, recurring), cell)
            outputs.append(hidden)
        return arrays.stack(outputs, axis=1)

    return lstm


def lstm_step(arrays: Tensor, nn: Tensor, gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next hidden state and the next cell."""
    enter, forget, new, leave = arrays.split(gates, 4, axis=1)
    cell = nn.sigmoid(forget) * cell + nn.sigmoid(enter) * arrays.tanh(new)
    return nn.sigmoid(leave) * arrays.tanh(cell), cell
