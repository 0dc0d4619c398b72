"""How much processes differ, from few of them: a variance that borrows from the other comparisons of the same run.

A bootstrap over two or three launches cannot draw what they do not show, and its intervals are too narrow where most of
the variance lies between launches. Student's t on the launches' own medians is honest about that, but with one or two
degrees of freedom so wide that nothing could be said. Smyth's moderated t (Linear models and empirical Bayes methods
for assessing differential expression, Statistical Applications in Genetics and Molecular Biology 3, 2004) takes the
variances of all comparisons as drawn from one scaled inverse chi-square distribution, estimates its size and degrees of
freedom from them, and adds both to each comparison's own: where the comparisons are alike, each borrows much, and where
they are not, little.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, polygamma, stdtrit

Floats = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)

FEWEST_LAUNCHES = 2
_FEWEST_POOLED = 3
_UPPER = 0.975


class Prior(NamedTuple):
    """The variance that all comparisons of a run suggest for any of them."""

    variance: float
    degrees: float


def least_half_widths(log_ratios: Mapping[Key, Sequence[Floats]]) -> dict[Key, float]:
    """Return, for each comparison, half the width that the 95 % interval of its log ratio must at least have.

    A comparison is one array per launch, with the log ratios of its rounds; one with a single launch does not show
    how launches differ and is left out.
    """
    medians = {
        key: np.array([np.median(rounds) for rounds in launches])
        for key, launches in log_ratios.items()
        if len(launches) >= FEWEST_LAUNCHES
    }
    variances = {key: float(np.var(each, ddof=1)) for key, each in medians.items()}
    degrees = {key: len(each) - 1 for key, each in medians.items()}
    prior = fitted_prior(list(variances.values()), list(degrees.values()))
    most = sum(degrees.values())
    found: dict[Key, float] = {}
    for key, own in degrees.items():
        share = own / (own + prior.degrees)
        moderated = share * variances[key] + (1 - share) * prior.variance
        # Never more degrees of freedom than all comparisons have together.
        quantile = float(stdtrit(min(own + prior.degrees, most), _UPPER))
        found[key] = quantile * float(np.sqrt(moderated)) / float(np.sqrt(len(medians[key])))
    return found


def fitted_prior(variances: Sequence[float], degrees: Sequence[int]) -> Prior:
    """Return the prior by the moments of the log variances (Smyth, section 6.2); without enough of them, none.

    Variances of exactly zero say nothing here: clocks that cannot tell launches apart, not launches that are equal.
    """
    positive = [(variance, count) for variance, count in zip(variances, degrees, strict=True) if variance > 0]
    if len(positive) < _FEWEST_POOLED:
        return Prior(0.0, 0.0)
    values, halves = np.log([variance for variance, _ in positive]), np.array([count for _, count in positive]) / 2
    centred = values - digamma(halves) + np.log(halves)
    excess = float(np.var(centred, ddof=1) - np.mean(polygamma(1, halves)))
    if excess <= 0:  # the variances differ no more than chance lets them
        return Prior(float(np.exp(centred.mean())), np.inf)
    # Its trigamma is the excess; trigamma(x) lies between 1 / x and 1 / (x - 1/2).
    half = float(brentq(lambda x: polygamma(1, x) - excess, 1 / excess, 1 / excess + 1))
    return Prior(float(np.exp(centred.mean() + digamma(half) - np.log(half))), 2 * half)
