"""The transformer run forward and trained: two pre-norm encoder layers over 64 tokens, next-token scores."""

from dataclasses import replace

from pipeline.bench.cases.token_network import TokenNetwork
from pipeline.bench.contract import Case

_NETWORK = TokenNetwork(vocabulary=1000, length=64, width=128, heads=4, layers=2)
INFERENCE = Case(
    name="transformer_inference",
    title="Transformer inference",
    sizes={"small": {"batch": 1}, "large": {"batch": 32}},
    tiers={"small": "default"},
    tolerances={"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2},
    group="small models",
    grouped_sizes=("small",),
    wording=(
        f"batch of {{batch}}, {_NETWORK.layers} layers of width {_NETWORK.width} with {_NETWORK.heads} heads, "
        f"{_NETWORK.length} tokens"
    ),
    data=_NETWORK.problem,
    result=_NETWORK.next_scores,
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
