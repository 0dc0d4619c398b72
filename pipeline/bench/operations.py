"""The vocabulary of the cases: operations by name, each bound to one framework's own function."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""An array of one framework; only its own operations and operators look inside."""
Word: TypeAlias = Callable[..., Tensor]


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
