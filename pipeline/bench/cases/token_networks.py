"""Pre-norm transformer layers over tokens, and the networks of them.

Two encoder layers that score the next token, and a small language model of 17 million parameters: a prompt read, one
more token, many of them, a training step.
"""

from dataclasses import dataclass
from functools import partial, reduce

import numpy as np

from pipeline.bench.cases.dense_layers import dense_layer, through
from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Operations, Tensor

_WIDENING = 4
"""How many times as wide as the rest a layer is inside."""


@dataclass(frozen=True, kw_only=True)
class TokenNetwork:
    """The dimensions of a network over `length` tokens of a vocabulary, which it scores in the end."""

    vocabulary: int
    length: int
    width: int
    heads: int
    layers: int
    is_causal: bool = False
    """Whether a token sees only those before it and itself."""

    @property
    def layer_names(self) -> list[str]:
        """How the names of each layer's weights begin."""
        return [f"layer {layer}" for layer in range(self.layers)]

    def tokens(self, generator: np.random.Generator, *shape: int) -> Laid:
        """Return random tokens."""
        return Laid(generator.integers(0, self.vocabulary, size=shape))

    def parameters(self, generator: np.random.Generator) -> dict[str, Laid]:
        """Return all weights, scaled to their fan-in."""
        width = self.width
        found = {
            "token table": Laid(generator.standard_normal((self.vocabulary, width))),
            "place table": Laid(generator.standard_normal((self.length, width))),
            **self._norm("last norm", generator),
            **dense_layer("class", width, self.vocabulary, generator),
        }
        for layer in self.layer_names:
            for part in ("query", "value", "leave"):
                found |= dense_layer(f"{layer} {part}", width, width, generator)
            found[f"{layer} key weights"] = Laid(generator.standard_normal((width, width)) / np.sqrt(width))
            found |= dense_layer(f"{layer} widen", width, _WIDENING * width, generator)
            found |= dense_layer(f"{layer} narrow", _WIDENING * width, width, generator)
            found |= self._norm(f"{layer} first norm", generator) | self._norm(f"{layer} second norm", generator)
        return found

    def problem(self, generator: np.random.Generator, batch: int) -> Problem:
        """Return tokens with a label for each row, and weights."""
        parameters = self.parameters(generator)
        tokens = self.tokens(generator, batch, self.length)
        return Problem(inputs={"tokens": tokens, "labels": self.tokens(generator, batch)}, parameters=parameters)

    def values(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return what is made of each token, batch x tokens x width; they follow those whose keys are known."""
        values = operations.embedding(tensors["token table"], tensors["tokens"])
        places, first = tensors["place table"], f"{self.layer_names[0]} past keys"
        start, count = tensors[first].shape[2] if first in tensors else 0, values.shape[1]
        values = values + (places if count == self.length else places[start : start + count])
        for layer in self.layer_names:
            normed = _normed(operations, tensors, f"{layer} first norm", values)
            values = values + self._attended(operations, tensors, layer, normed)
            inner = _normed(operations, tensors, f"{layer} second norm", values)
            inner = operations.gelu(through(operations, tensors, f"{layer} widen", inner))
            values = values + through(operations, tensors, f"{layer} narrow", inner)
        return _normed(operations, tensors, "last norm", values)

    def next_scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores of the token that follows, batch x vocabulary, from the last place."""
        return through(operations, tensors, "class", self.values(operations, tensors)[:, -1])

    def generated(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return what follows the first half of the tokens, as many, batch x 1 x tokens x 1: each the likeliest."""
        half = self.length // 2
        kept: dict[str, Tensor] = {}
        token, found = tensors["tokens"][:, :half], []
        for _ in range(half):
            seen = {**tensors, **kept, "tokens": token, "kept": kept}
            token = operations.highest(self.next_scores(operations, seen))
            found.append(token[:, None, :, None])
        return reduce(operations.concatenate, found)

    def all_scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores of the token after each, (batch · tokens) x vocabulary."""
        return through(operations, tensors, "class", operations.rows(self.values(operations, tensors)))

    def _attended(self, operations: Operations, tensors: Tensors, layer: str, values: Tensor) -> Tensor:
        # A bias of the keys would change no result: it adds the same to all scores of a query.
        projected = (
            through(operations, tensors, f"{layer} query", values),
            operations.matmul(values, tensors[f"{layer} key weights"]),
            through(operations, tensors, f"{layer} value", values),
        )
        query, key, value = (operations.split_heads(each, self.heads) for each in projected)
        is_later = f"{layer} past keys" in tensors
        if is_later:
            key = operations.concatenate(tensors[f"{layer} past keys"], key)
            value = operations.concatenate(tensors[f"{layer} past values"], value)
        tensors.get("kept", {}).update({f"{layer} past keys": key, f"{layer} past values": value})
        # One token that follows may see all that stand before it.
        attended = operations.attention(query, key, value, is_causal=self.is_causal and not is_later)
        merged = operations.merge_heads(attended)
        return through(operations, tensors, f"{layer} leave", merged)

    def _norm(self, name: str, generator: np.random.Generator) -> dict[str, Laid]:
        return {
            f"{name} scale": Laid(1 + 0.1 * generator.standard_normal(self.width)),
            f"{name} shift": Laid(0.1 * generator.standard_normal(self.width)),
        }


def _normed(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    return operations.layer_norm(values, tensors[f"{name} scale"], tensors[f"{name} shift"])


_ENCODER = TokenNetwork(vocabulary=1000, length=64, width=128, heads=4, layers=2)
_TRANSFORMER = partial(
    Case,
    wording=(
        f"batch of {{batch}}, {_ENCODER.layers} layers of width {_ENCODER.width} with {_ENCODER.heads} heads, "
        f"{_ENCODER.length} tokens"
    ),
    data=_ENCODER.problem,
    result=_ENCODER.next_scores,
)
TRANSFORMER_INFERENCE = _TRANSFORMER(**entry_of("case", "transformer_inference"))
TRANSFORMER_TRAINING = _TRANSFORMER(**entry_of("case", "transformer_training"))
_DECODER = TokenNetwork(vocabulary=8000, length=64, width=384, heads=6, layers=6, is_causal=True)
_SIZE = f"batch of {{batch}}, 17 million parameters in {_DECODER.layers} layers of width {_DECODER.width}"


def _next_token(generator: np.random.Generator, batch: int) -> Problem:
    """Return a token, in each layer keys and values of those before it, and weights."""
    parameters = _DECODER.parameters(generator)
    shape = (batch, _DECODER.heads, _DECODER.length - 1, _DECODER.width // _DECODER.heads)
    past = {
        f"{layer} past {kind}": Laid(generator.standard_normal(shape))
        for layer in _DECODER.layer_names
        for kind in ("keys", "values")
    }
    return Problem(inputs={"tokens": _DECODER.tokens(generator, batch, 1), **past}, parameters=parameters)


def _text(generator: np.random.Generator, batch: int) -> Problem:
    """Return tokens, for each of them the one that follows, and weights."""
    parameters = _DECODER.parameters(generator)
    text = _DECODER.tokens(generator, batch, _DECODER.length + 1).values
    data = {"tokens": Laid(text[:, :-1]), "labels": Laid(text[:, 1:].reshape(-1))}
    return Problem(inputs=data, parameters=parameters)


_LANGUAGE_MODEL = partial(Case, data=_DECODER.problem, result=_DECODER.next_scores)
LANGUAGE_MODEL_PREFILL = _LANGUAGE_MODEL(
    **entry_of("case", "language_model_prefill"), wording=f"{_SIZE}, prompt of {_DECODER.length} tokens"
)
LANGUAGE_MODEL_DECODE = _LANGUAGE_MODEL(
    **entry_of("case", "language_model_decode"),
    wording=f"{_SIZE}, one token after {_DECODER.length - 1} whose keys and values are kept",
    data=_next_token,
)
LANGUAGE_MODEL_GENERATION = _LANGUAGE_MODEL(
    **entry_of("case", "language_model_generation"),
    wording=f"{_SIZE}, {_DECODER.length // 2} tokens after a prompt of as many, each the likeliest",
    result=_DECODER.generated,
)
LANGUAGE_MODEL_TRAINING = Case(
    **entry_of("case", "language_model_training"),
    wording=f"{_SIZE}, {_DECODER.length} tokens each",
    data=_text,
    result=_DECODER.all_scores,
)
