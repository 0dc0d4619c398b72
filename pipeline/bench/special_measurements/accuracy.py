"""Whether frameworks that start from the same weights and data end with the same accuracy.

The same small network is trained on the same survey from the same weights, five times.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.cases.dense_layers import through
from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor, Unsupported
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_HIDDEN, _CLASSES = 16, 2
_STEPS, _SEEDS = 300, 5
_TRAINED_ON = 700
_ANSWER = "vote"


def survey() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the American National Election Study of 1996: 944 respondents by 9 answers, and the vote they intended.

    A public-domain data set that statsmodels brings along, one of our own dependencies.

    Raises:
        Unsupported: statsmodels is not installed.
    """
    found = find_spec("statsmodels")
    if found is None or found.origin is None:
        raise Unsupported("the data come with statsmodels, and it is not installed")
    path = Path(found.origin).parent / "datasets" / "anes96" / "anes96.csv"
    with path.open(encoding="ascii") as lines:
        names = [name.strip().strip("'") for name in next(lines).split("\t")]
        table = np.loadtxt(lines)
    answer = names.index(_ANSWER)
    return np.delete(table, answer, axis=1), table[:, answer].astype(np.int64)


def _data(generator: np.random.Generator) -> Problem:
    """Return those that are trained on, and weights scaled to their fan-in."""
    rows, votes = respondents()
    inputs = rows.shape[1]
    return Problem(
        inputs={"rows": Laid(rows[:_TRAINED_ON]), "labels": Laid(votes[:_TRAINED_ON])},
        parameters={
            "hidden weights": Laid(generator.standard_normal((inputs, _HIDDEN)) / np.sqrt(inputs), "dense"),
            "hidden bias": Laid(np.zeros(_HIDDEN)),
            "class weights": Laid(generator.standard_normal((_HIDDEN, _CLASSES)) / np.sqrt(_HIDDEN), "dense"),
            "class bias": Laid(np.zeros(_CLASSES)),
        },
    )


def _scores(operations: Operations, tensors: Tensors) -> Tensor:
    hidden = operations.tanh(through(operations, tensors, "hidden", tensors["rows"]))
    return through(operations, tensors, "class", hidden)


_VOTER = Case(
    name="voter",
    title="Vote from answers",
    sizes={f"seed {seed}": {} for seed in range(_SEEDS)},
    wording="all respondents that are trained on",
    is_training=True,
    learning_rate=0.1,
    data=_data,
    result=_scores,
)
"""A perceptron over the respondents' answers, trained on all of them at every step; a size is a starting point."""


def respondents() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return all respondents in an order drawn once, each answer standardised by those that are trained on."""
    rows, votes = survey()
    order = np.random.default_rng(0).permutation(len(votes))
    rows, votes = rows[order], votes[order]
    trained_on = rows[:_TRAINED_ON]
    return (rows - trained_on.mean(axis=0)) / trained_on.std(axis=0), votes


def accuracy_of(weights: Mapping[str, NDArray[np.generic]]) -> float:
    """Return the share of the respondents kept back whose vote the network tells, computed in float64 by NumPy."""
    rows, votes = respondents()
    kept = {name: values.astype(np.float64) for name, values in weights.items()}
    hidden = np.tanh(rows[_TRAINED_ON:] @ kept["hidden weights"] + kept["hidden bias"])
    scores = hidden @ kept["class weights"] + kept["class bias"]
    return float((scores.argmax(axis=1) == votes[_TRAINED_ON:]).mean())


def _trained(tools: SpecialTools, size: str) -> Values:
    problem = _VOTER.problem(size, "float32", tools.seed)
    state = tools.framework.setup(_VOTER, problem, tools.mode)
    for _ in range(_STEPS):
        result = state.step()
    tools.framework.sync(result)
    weights = tools.framework.weights(state, problem)
    return {"accuracy": accuracy_of(weights), "loss": float(state.loss_in(result))}


SPECIAL = SpecialMeasurement(
    name="accuracy",
    title="Accuracy after training",
    tier="default",
    workload=(
        f"vote from nine answers (American National Election Study 1996): {_HIDDEN} hidden units, "
        f"{_STEPS} steps over {_TRAINED_ON} respondents, told for the others"
    ),
    measures={"accuracy": "fraction", "loss": "nat"},
    # Accuracy on those kept back, and the training loss before the last step, for each starting point.
    measure=lambda tools: [_trained(tools, size) for size in _VOTER.sizes],
    rounds_count=1,
)
