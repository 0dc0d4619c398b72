"""A small language model of 17 million parameters: a prompt read, one more token, many of them, a training step."""

from dataclasses import replace

import numpy as np

from pipeline.bench.cases.token_network import TokenNetwork
from pipeline.bench.contract import Case, Laid, Problem

DECODER = TokenNetwork(vocabulary=8000, length=64, width=384, heads=6, layers=6, is_causal=True)
_SIZE = f"batch of {{batch}}, 17 million parameters in {DECODER.layers} layers of width {DECODER.width}"


def _next_token(generator: np.random.Generator, batch: int) -> Problem:
    """Return a token, in each layer keys and values of those before it, and weights."""
    parameters = DECODER.parameters(generator)
    shape = (batch, DECODER.heads, DECODER.length - 1, DECODER.width // DECODER.heads)
    past = {
        f"{layer} past {kind}": Laid(generator.standard_normal(shape))
        for layer in DECODER.layer_names
        for kind in ("keys", "values")
    }
    return Problem(inputs={"tokens": DECODER.tokens(generator, batch, 1), **past}, parameters=parameters)


def _text(generator: np.random.Generator, batch: int) -> Problem:
    """Return tokens, for each of them the one that follows, and weights."""
    parameters = DECODER.parameters(generator)
    text = DECODER.tokens(generator, batch, DECODER.length + 1).values
    data = {"tokens": Laid(text[:, :-1]), "labels": Laid(text[:, 1:].reshape(-1))}
    return Problem(inputs=data, parameters=parameters)


PREFILL = Case(
    name="language_model_prefill",
    title="Language model, prompt read",
    group="language model",
    sizes={"small": {"batch": 1}, "large": {"batch": 8}},
    tiers={"small": "default"},
    is_deep=True,
    tolerances={"float32": 1e-3},
    wording=f"{_SIZE}, prompt of {DECODER.length} tokens",
    data=DECODER.problem,
    result=DECODER.next_scores,
)
DECODE = replace(
    PREFILL,
    name="language_model_decode",
    title="Language model, next token",
    wording=f"{_SIZE}, one token after {DECODER.length - 1} whose keys and values are kept",
    data=_next_token,
    result=DECODER.next_scores,
)
GENERATION = replace(
    PREFILL,
    name="language_model_generation",
    title="Language model, text generated",
    sizes={"small": {"batch": 1}},
    tiers={},
    is_unrolled=True,
    wording=f"{_SIZE}, {DECODER.length // 2} tokens after a prompt of as many, each the likeliest",
    result=DECODER.generated,
)
TRAINING = replace(
    PREFILL,
    is_training=True,
    name="language_model_training",
    title="Language model, training step",
    sizes={"small": {"batch": 1}, "large": {"batch": 4}},
    tiers={},
    learning_rate=0.1,
    tolerances={"float32": 5e-3},
    wording=f"{_SIZE}, {DECODER.length} tokens each",
    data=_text,
    result=DECODER.all_scores,
)
