"""The transformer run forward and trained: two pre-norm encoder layers over 64 tokens, next-token scores."""

from typing import ClassVar

import numpy as np

from pipeline.bench.cases.network import Network, dense_layer, through
from pipeline.bench.contract import Laid, Operations, Problem, Sizes, Tensor, Tensors, Tiers, Tolerances

VOCABULARY, LENGTH, WIDTH, HEADS, LAYERS = 1000, 64, 128, 4, 2
_INNER = 4 * WIDTH


def _attended(operations: Operations, tensors: Tensors, layer: str, values: Tensor) -> Tensor:
    # A bias of the keys would change no result: it adds the same to all scores of a query.
    projected = (
        through(operations, tensors, f"{layer} query", values),
        operations.matmul(values, tensors[f"{layer} key weights"]),
        through(operations, tensors, f"{layer} value", values),
    )
    merged = operations.merge_heads(operations.attention(*(operations.split_heads(each, HEADS) for each in projected)))
    return through(operations, tensors, f"{layer} leave", merged)


def _normed(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    return operations.layer_norm(values, tensors[f"{name} scale"], tensors[f"{name} shift"])


def _norm(name: str, generator: np.random.Generator) -> dict[str, Laid]:
    return {
        f"{name} scale": Laid(1 + 0.1 * generator.standard_normal(WIDTH)),
        f"{name} shift": Laid(0.1 * generator.standard_normal(WIDTH)),
    }


class TransformerInference(Network):
    """The scores of the token that follows."""

    name: ClassVar[str] = "transformer_inference"
    title: ClassVar[str] = "Transformer inference"
    sizes: ClassVar[Sizes] = {"small": {"batch": 1}, "large": {"batch": 32}}
    tiers: ClassVar[Tiers] = {"small": "default"}
    tolerances: ClassVar[Tolerances] = {"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2}
    group: ClassVar[str | None] = "small models"
    grouped_sizes: ClassVar[tuple[str, ...]] = ("small",)
    wording: ClassVar[str] = f"batch of {{batch}}, {LAYERS} layers of width {WIDTH} with {HEADS} heads, {LENGTH} tokens"

    def whole_problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return tokens with a label for each, and weights scaled to their fan-in."""
        batch = self.sizes[size]["batch"]
        parameters = {
            "token table": Laid(generator.standard_normal((VOCABULARY, WIDTH))),
            "place table": Laid(generator.standard_normal((LENGTH, WIDTH))),
            **_norm("last norm", generator),
            **dense_layer("class", WIDTH, VOCABULARY, generator),
        }
        for layer in range(LAYERS):
            for part in ("query", "value", "leave"):
                parameters |= dense_layer(f"layer {layer} {part}", WIDTH, WIDTH, generator)
            key_weights = generator.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)
            parameters[f"layer {layer} key weights"] = Laid(key_weights)
            parameters |= dense_layer(f"layer {layer} widen", WIDTH, _INNER, generator)
            parameters |= dense_layer(f"layer {layer} narrow", _INNER, WIDTH, generator)
            parameters |= _norm(f"layer {layer} first norm", generator) | _norm(f"layer {layer} second norm", generator)
        return Problem(
            inputs={
                "tokens": Laid(generator.integers(0, VOCABULARY, size=(batch, LENGTH))),
                "labels": Laid(generator.integers(0, VOCABULARY, size=batch)),
            },
            parameters=parameters,
        )

    def scores(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return the scores of the token that follows, batch x vocabulary, from the last place."""
        values = operations.embedding(tensors["token table"], tensors["tokens"]) + tensors["place table"]
        for layer in range(LAYERS):
            name = f"layer {layer}"
            values = values + _attended(
                operations, tensors, name, _normed(operations, tensors, f"{name} first norm", values)
            )
            inner = _normed(operations, tensors, f"{name} second norm", values)
            inner = operations.gelu(through(operations, tensors, f"{name} widen", inner))
            values = values + through(operations, tensors, f"{name} narrow", inner)
        values = _normed(operations, tensors, "last norm", values)
        return through(operations, tensors, "class", values[:, -1])


class TransformerTraining(TransformerInference):
    """Forward pass, cross-entropy, gradients, and the weights moved against them, on one batch over and over."""

    is_training: ClassVar[bool] = True
    name: ClassVar[str] = "transformer_training"
    title: ClassVar[str] = "Transformer training step"
    sizes: ClassVar[Sizes] = {"small": {"batch": 2}, "large": {"batch": 32}}
    tiers: ClassVar[Tiers] = {}
    learning_rate: ClassVar[float] = 0.1
    tolerances: ClassVar[Tolerances] = {"float32": 2e-3}
