"""Changes of one thing on one machine: between two runs, and where a history of runs takes a step.

An interval between two runs holds what differs between launches and samples of one run. It does not hold what differs
from one run to the next, of which two runs tell nothing: that is what the margin is for, and the history.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import ruptures

from pipeline.estimate.moderated_variance import Floats
from pipeline.estimate.ratios import NORMAL_MAD, QUANTILES, Ratio, resampled_medians

FEWEST_RUNS = 10
"""A shorter history shows no step: with fewer runs, chance makes one in too many histories without any."""
_FEWEST_IN_A_ROW = 3
_PENALTY = 5.0
"""Times variance and logarithm of the length. Of histories without a step, at most one in sixteen then shows one."""
_LEAST_DEVIATION = 0.005
"""Of step times in logarithms: clocks and rounding alone give as much."""
_SEED = 2025


class Step(NamedTuple):
    """A step in a history."""

    place: int
    """The first run after it, from 0."""
    ratio: float
    """Median step time after it, up to the next one, over that before it, from the one before."""


def change_between(newer: Sequence[Floats], older: Sequence[Floats]) -> Ratio:
    """Return median(newer) / median(older) with its 95 % interval; each has one array of step times per launch.

    The runs are resampled apart from each other: launches, then samples within them.
    """
    drawn = [resampled_medians([launch[:, None] for launch in launches])[:, 0] for launches in (newer, older)]
    # Both are drawn from the same seed; put in another order, the second is independent of the first.
    ratios = drawn[0] / np.random.default_rng(_SEED).permutation(drawn[1])
    low, high = np.quantile(ratios, QUANTILES)
    value = np.median(np.concatenate(newer)) / np.median(np.concatenate(older))
    return Ratio(float(value), float(min(low, value)), float(max(high, value)))


def steps_in(step_seconds: Sequence[float], margin_fraction: float) -> list[Step]:
    """Return the steps in a history of medians, oldest first, that are larger than the margin.

    The logarithms are cut into levels so that the squared deviations within them, with a penalty for each cut, are
    least (Killick, Fearnhead and Eckley 2012, as `ruptures` has it). Their usual variation is taken from the
    differences between neighbours, which a step moves at one place only.
    """
    if len(step_seconds) < FEWEST_RUNS:
        return []
    logs = np.log(np.asarray(step_seconds, dtype=np.float64))
    differences = np.diff(logs)
    deviation = NORMAL_MAD * np.median(np.abs(differences - np.median(differences))) / np.sqrt(2)
    variance = max(float(deviation), _LEAST_DEVIATION) ** 2
    cutting = ruptures.KernelCPD(kernel="linear", min_size=_FEWEST_IN_A_ROW).fit(logs[:, None])
    cuts = [0, *cutting.predict(pen=_PENALTY * variance * np.log(len(logs)))]
    levels = [float(np.median(logs[start:end])) for start, end in pairwise(cuts)]
    found = (
        Step(place, float(np.exp(after - before)))
        for place, (before, after) in zip(cuts[1:-1], pairwise(levels), strict=True)
    )
    return [step for step in found if not 1 / (1 + margin_fraction) <= step.ratio <= 1 + margin_fraction]
