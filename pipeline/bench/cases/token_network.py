"""Pre-norm transformer layers over tokens: their weights, and what they make of each token."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from pipeline.bench.cases.network import dense_layer, through
from pipeline.bench.contract import Laid, Problem, Tensors
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
