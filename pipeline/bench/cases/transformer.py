"""The transformer run forward and trained: two pre-norm encoder layers over 64 tokens, next-token scores."""

from dataclasses import replace

import numpy as np

from pipeline.bench.cases.network import dense_layer, through
from pipeline.bench.contract import Case, Laid, Operations, Problem, Tensor, Tensors

_VOCABULARY, _LENGTH, _WIDTH, _HEADS, _LAYERS = 1000, 64, 128, 4, 2
_INNER = 4 * _WIDTH


def _attended(operations: Operations, tensors: Tensors, layer: str, values: Tensor) -> Tensor:
    # A bias of the keys would change no result: it adds the same to all scores of a query.
    projected = (
        through(operations, tensors, f"{layer} query", values),
        operations.matmul(values, tensors[f"{layer} key weights"]),
        through(operations, tensors, f"{layer} value", values),
    )
    merged = operations.merge_heads(operations.attention(*(operations.split_heads(each, _HEADS) for each in projected)))
    return through(operations, tensors, f"{layer} leave", merged)


def _normed(operations: Operations, tensors: Tensors, name: str, values: Tensor) -> Tensor:
    return operations.layer_norm(values, tensors[f"{name} scale"], tensors[f"{name} shift"])


def _norm(name: str, generator: np.random.Generator) -> dict[str, Laid]:
    return {
        f"{name} scale": Laid(1 + 0.1 * generator.standard_normal(_WIDTH)),
        f"{name} shift": Laid(0.1 * generator.standard_normal(_WIDTH)),
    }


def _data(generator: np.random.Generator, batch: int) -> Problem:
    """Return tokens with a label for each row, and weights scaled to their fan-in."""
    parameters = {
        "token table": Laid(generator.standard_normal((_VOCABULARY, _WIDTH))),
        "place table": Laid(generator.standard_normal((_LENGTH, _WIDTH))),
        **_norm("last norm", generator),
        **dense_layer("class", _WIDTH, _VOCABULARY, generator),
    }
    for layer in range(_LAYERS):
        for part in ("query", "value", "leave"):
            parameters |= dense_layer(f"layer {layer} {part}", _WIDTH, _WIDTH, generator)
        key_weights = generator.standard_normal((_WIDTH, _WIDTH)) / np.sqrt(_WIDTH)
        parameters[f"layer {layer} key weights"] = Laid(key_weights)
        parameters |= dense_layer(f"layer {layer} widen", _WIDTH, _INNER, generator)
        parameters |= dense_layer(f"layer {layer} narrow", _INNER, _WIDTH, generator)
        parameters |= _norm(f"layer {layer} first norm", generator) | _norm(f"layer {layer} second norm", generator)
    return Problem(
        inputs={
            "tokens": Laid(generator.integers(0, _VOCABULARY, size=(batch, _LENGTH))),
            "labels": Laid(generator.integers(0, _VOCABULARY, size=batch)),
        },
        parameters=parameters,
    )


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    """Return the scores of the token that follows, batch x vocabulary, from the last place."""
    values = operations.embedding(tensors["token table"], tensors["tokens"]) + tensors["place table"]
    for layer in range(_LAYERS):
        name = f"layer {layer}"
        values = values + _attended(
            operations, tensors, name, _normed(operations, tensors, f"{name} first norm", values)
        )
        inner = _normed(operations, tensors, f"{name} second norm", values)
        inner = operations.gelu(through(operations, tensors, f"{name} widen", inner))
        values = values + through(operations, tensors, f"{name} narrow", inner)
    values = _normed(operations, tensors, "last norm", values)
    return through(operations, tensors, "class", values[:, -1])


INFERENCE = Case(
    name="transformer_inference",
    title="Transformer inference",
    sizes={"small": {"batch": 1}, "large": {"batch": 32}},
    tiers={"small": "default"},
    tolerances={"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2},
    group="small models",
    grouped_sizes=("small",),
    wording=f"batch of {{batch}}, {_LAYERS} layers of width {_WIDTH} with {_HEADS} heads, {_LENGTH} tokens",
    data=_data,
    result=_scores,
)
TRAINING = replace(
    INFERENCE,
    is_training=True,
    name="transformer_training",
    title="Transformer training step",
    sizes={"small": {"batch": 2}, "large": {"batch": 32}},
    tiers={},
    learning_rate=0.1,
    tolerances={"float32": 2e-3},
)
