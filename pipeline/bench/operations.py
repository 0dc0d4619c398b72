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
    cross_entropy: Word
    """(logits, labels) -> mean over the rows of the softmax cross-entropy, natural logarithm."""

    def __init__(self, words: object = None, **others: Word) -> None:
        """Take each word as `words` has it under the same name, and others as they are given."""
        taken = {name: getattr(words, name, partial(_refuse, name)) for name in type(self).__annotations__}
        vars(self).update(taken | others)


def _refuse(name: str, *_arguments: object, **_named: object) -> None:
    raise Unsupported(f"this framework's adapter has no operation {name}")


class ComposedOperations:
    """Operations made of functions that most frameworks have under the same names.

    A subclass adds the rest of the vocabulary, and defines anew what its framework has a better function for.
    """

    def __init__(self, arrays: Tensor, nn: Tensor) -> None:
        """Bind the framework's functions of arrays, and those of neural networks."""
        self.arrays, self.nn = arrays, nn
        self.matmul, self.tanh = arrays.matmul, arrays.tanh
        self.relu, self.softmax = nn.relu, nn.softmax

    def dense(self, rows: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
        """Return a product, with a bias added to each row."""
        return self.matmul(rows, weights) + bias

    def mean_pool(self, images: Tensor) -> Tensor:
        """Return the mean of each image's channel."""
        return self.arrays.mean(images, axis=(1, 2))

    def batch_norm(self, images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Return images, each channel by its own mean and variance."""
        return self.nn.standardize(images, axis=(0, 1, 2), epsilon=EPSILON) * scale + shift

    def layer_norm(self, rows: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Return rows, each by its own mean and variance."""
        return self.nn.standardize(rows, axis=-1, epsilon=EPSILON) * scale + shift

    def gelu(self, values: Tensor) -> Tensor:
        """Return the exact one."""
        return self.nn.gelu(values, approximate=False)

    def embedding(self, table: Tensor, indices: Tensor) -> Tensor:
        """Return the table's rows at the indices."""
        return table[indices]

    def attention(self, query: Tensor, key: Tensor, value: Tensor, *, is_causal: bool = False) -> Tensor:
        """Return the values, weighted by the softmax of scaled dot products; causal: by those up to the same place."""
        scores = self.matmul(query, self.arrays.transpose(key, (0, 1, 3, 2))) * (query.shape[-1] ** -0.5)
        if is_causal:
            seen = self.arrays.tril(self.arrays.ones(tuple(scores.shape[-2:])))
            scores = self.arrays.where(seen > 0, scores, UNSEEN)
        return self.matmul(self.softmax(scores), value)

    def concatenate(self, past: Tensor, new: Tensor) -> Tensor:
        """Return both along the length."""
        return self.arrays.concatenate((past, new), axis=2)

    def highest(self, rows: Tensor) -> Tensor:
        """Return the place of each row's highest number."""
        return self.arrays.argmax(rows, axis=-1)[:, None]

    def rows(self, values: Tensor) -> Tensor:
        """Return what stands in all sequences, one behind the other."""
        return self.arrays.reshape(values, (-1, values.shape[-1]))

    def split_heads(self, values: Tensor, heads: int) -> Tensor:
        """Return batch x heads x length x depth."""
        batch, length, width = values.shape
        apart = self.arrays.reshape(values, (batch, length, heads, width // heads))
        return self.arrays.transpose(apart, (0, 2, 1, 3))

    def merge_heads(self, values: Tensor) -> Tensor:
        """Return batch x length x width."""
        batch, heads, length, depth = values.shape
        return self.arrays.reshape(self.arrays.transpose(values, (0, 2, 1, 3)), (batch, length, heads * depth))

    def lstm(self, sequences: Tensor, input_weights: Tensor, recurrent_weights: Tensor, bias: Tensor) -> Tensor:
        """Return the hidden state after each time, one step after the other."""
        hidden = cell = self.arrays.zeros((sequences.shape[0], recurrent_weights.shape[0]), sequences.dtype)
        outputs = []
        for now in self.arrays.unstack(self.dense(sequences, input_weights, bias), axis=1):
            hidden, cell = self.lstm_step(now + self.matmul(hidden, recurrent_weights), cell)
            outputs.append(hidden)
        return self.arrays.stack(outputs, axis=1)

    def lstm_step(self, gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """Return the next hidden state and the next cell."""
        enter, forget, new, leave = self.arrays.split(gates, 4, axis=1)
        cell = self.nn.sigmoid(forget) * cell + self.nn.sigmoid(enter) * self.tanh(new)
        return self.nn.sigmoid(leave) * self.tanh(cell), cell
