"""Shares that rest on a detector, corrected for its errors as labels measure them.

Prediction-powered inference with a tuned weight (PPI++; Angelopoulos, Duchi and Zrnic 2023) is the main method;
Rogan and Gladen's estimator with uncertain sensitivity and specificity is its cross-check. Both assume that the
labelled subjects are a random sample of all subjects; where they are not, the correction says what would hold if so.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

LEVEL = 0.95
DRAWS_COUNT = 20_000
"""Draws for Rogan and Gladen's interval; with a fixed seed, so the same labels give the same interval."""
_SEED = 20190610
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and its 95 % interval, all within [0, 1]."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Correction:
    """A detected share and the same share corrected; `weight` is how much the detector was trusted, from 0 to 1."""

    raw: Estimate
    corrected: Estimate
    weight: float


def wilson(n: int, base: int) -> Estimate:
    """Return n / base with its Wilson interval.

    Raises:
        ValueError: there is no base.
    """
    if base < 1:
        raise ValueError("a share needs a base of at least one")
    low, high = proportion_confint(n, base, alpha=1 - LEVEL, method="wilson")
    return _bounded(n / base, float(low), float(high))


def prediction_powered_share(truth: Flags, detected: Flags, detected_only: Flags) -> Correction:
    """Return the share of true subjects: `truth` and `detected` of the labelled ones, `detected_only` of all others.

    Raises:
        ValueError: fewer than two labels, or not as many detections as labels.
    """
    _check(truth, detected)
    raw = wilson(int(detected.sum() + detected_only.sum()), detected.size + detected_only.size)
    estimate, variance, weight = _tuned_mean(truth.astype(float), detected.astype(float), detected_only.astype(float))
    return Correction(raw, _normal(estimate, variance), weight)


def prediction_powered_share_of_two(
    truth: tuple[Flags, Flags], detected: tuple[Flags, Flags], detected_only: tuple[Flags, Flags]
) -> Correction:
    """Return the first one's share among subjects with exactly one of two; each pair is (first, second).

    A ratio of two means, `first alone` to `exactly one`: each corrected, the interval by the delta method.

    Raises:
        ValueError: as above, or no subject has exactly one of the two.
    """
    _check(truth[0], detected[0])
    true_first, true_one = _alone(truth)
    seen_first, seen_one = _alone(detected)
    rest_first, rest_one = _alone(detected_only)
    if not true_one.any() or not seen_one.any():
        raise ValueError("no subject has exactly one of the two")
    raw = wilson(int(seen_first.sum() + rest_first.sum()), int(seen_one.sum() + rest_one.sum()))
    top, _, _ = _tuned_mean(true_first, seen_first, rest_first)
    bottom, _, _ = _tuned_mean(true_one, seen_one, rest_one)
    ratio = top / bottom
    # The ratio's influence: each subject's distance from the line through it, in units of the denominator.
    shift, variance, weight = _tuned_mean(
        (true_first - ratio * true_one) / bottom,
        (seen_first - ratio * seen_one) / bottom,
        (rest_first - ratio * rest_one) / bottom,
    )
    return Correction(raw, _normal(ratio + shift, variance), weight)


def rogan_gladen_share(truth: Flags, detected: Flags, detected_only: Flags) -> Correction:
    """Return the detected share of all subjects, corrected by the labelled ones' sensitivity and specificity.

    The interval holds the middle 95 % of draws in which the share, sensitivity and specificity are all uncertain
    (Jeffreys' prior each); the share is the one at their observed values, held within [0, 1].

    Raises:
        ValueError: as above, or the labels hold only one answer, or the detector tells nothing.
    """
    _check(truth, detected)
    if truth.all() or not truth.any():
        raise ValueError("the labels need both answers to tell sensitivity from specificity")
    found, missed = int((truth & detected).sum()), int((truth & ~detected).sum())
    right, wrong = int((~truth & ~detected).sum()), int((~truth & detected).sum())
    n, base = int(detected.sum() + detected_only.sum()), detected.size + detected_only.size
    sensitivity, specificity = found / (found + missed), right / (right + wrong)
    if sensitivity + specificity <= 1:
        raise ValueError("the detector is no better than chance; no correction can be read from it")
    generator = np.random.default_rng(_SEED)
    draws = _corrected(
        generator.beta(n + 0.5, base - n + 0.5, DRAWS_COUNT),
        generator.beta(found + 0.5, missed + 0.5, DRAWS_COUNT),
        generator.beta(right + 0.5, wrong + 0.5, DRAWS_COUNT),
    )
    share = float(_corrected(np.array([n / base]), np.array([sensitivity]), np.array([specificity]))[0])
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Correction(wilson(n, base), _bounded(share, min(share, float(low)), max(share, float(high))), 1.0)


def _tuned_mean(truth: Floats, seen: Floats, rest: Floats) -> tuple[float, float, float]:
    """The PPI++ mean, its variance, and the weight of the detector that makes that variance least."""
    weight = _weight(truth, seen, rest)
    rest_mean, rest_variance = (float(rest.mean()), float(rest.var())) if rest.size else (float(seen.mean()), 0.0)
    estimate = float(truth.mean()) + weight * (rest_mean - float(seen.mean()))
    variance = float((truth - weight * seen).var(ddof=1)) / truth.size
    if rest.size:
        variance += weight**2 * rest_variance / rest.size
    return estimate, variance, weight


def _weight(truth: Floats, seen: Floats, rest: Floats) -> float:
    spread = float(np.concatenate([seen, rest]).var())
    if not rest.size or spread == 0:
        return 0.0
    covariance = float(np.cov(truth, seen)[0, 1])
    return float(np.clip(covariance / ((1 + truth.size / rest.size) * spread), 0.0, 1.0))


def _normal(estimate: float, variance: float) -> Estimate:
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * variance**0.5
    return _bounded(estimate, estimate - reach, estimate + reach)


def _corrected(shares: Floats, sensitivities: Floats, specificities: Floats) -> Floats:
    gain = sensitivities + specificities - 1
    # A draw in which the detector tells nothing allows any share: it counts towards the wider end.
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.where(gain > 0, (shares + specificities - 1) / gain, 1.0)
    return np.clip(corrected, 0.0, 1.0)


def _alone(pair: tuple[Flags, Flags]) -> tuple[Floats, Floats]:
    first, second = pair
    return (first & ~second).astype(float), (first ^ second).astype(float)


def _check(truth: Flags, detected: Flags) -> None:
    if truth.size != detected.size:
        raise ValueError("every labelled subject needs the detector's word beside the truth")
    if truth.size < _FEWEST:
        raise ValueError("a correction needs at least two labelled subjects")


def _bounded(share: float, low: float, high: float) -> Estimate:
    share, low, high = (min(1.0, max(0.0, value)) for value in (share, low, high))
    return Estimate(share, min(low, share), max(high, share))
