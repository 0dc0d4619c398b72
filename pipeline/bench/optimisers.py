"""How a training step moves the weights, in Python's own operators, so that every framework computes the same."""

from collections.abc import Mapping
from typing import Literal

from pipeline.bench.operations import Tensor

Optimiser = Literal["gradient descent", "Adam"]
MOVES: Mapping[Optimiser, str] = {"gradient descent": "gradient", "Adam": "update"}
"""What a weight falls by in a step, counted in learning rates, as the check of a step calls it."""
MEAN_DECAY, SQUARE_DECAY, TINY = 0.9, 0.999, 1e-7
"""Of Adam, in the order of computation that its authors name as the quicker one (Kingma and Ba, 2015, section 2)."""


def corrected(steps: Tensor) -> Tensor:
    """Return by what Adam stretches a step, since its averages begin at zero; the first step is number 1."""
    return (1 - SQUARE_DECAY**steps) ** 0.5 / (1 - MEAN_DECAY**steps)


def moves(gradients: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return by how many learning rates each weight falls, and what is kept for the next step.

    Of plain gradient descent nothing is kept (`Case.kept_at_start`), and the falls are the gradients.
    """
    if not kept:
        return dict(gradients), {}
    after, falls = {"steps": kept["steps"] + 1}, {}
    stretch = corrected(after["steps"])
    for name, gradient in gradients.items():
        mean = after[f"mean of {name}"] = MEAN_DECAY * kept[f"mean of {name}"] + (1 - MEAN_DECAY) * gradient
        square = SQUARE_DECAY * kept[f"square of {name}"] + (1 - SQUARE_DECAY) * gradient * gradient
        after[f"square of {name}"] = square
        falls[name] = stretch * mean / (square**0.5 + TINY)
    return falls, after
