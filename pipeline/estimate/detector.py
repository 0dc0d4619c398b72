"""Shares that rest on a detector, corrected for its errors as labels measure them.

Prediction-powered inference with a tuned weight (PPI++; Angelopoulos, Duchi and Zrnic 2023) is the main method. Its
normal interval covers too seldom where a hundred labels hold few true subjects, so the limits are score limits:
Wilson's among the detected and among the others, combined as Zou and Donner (2008) do, and Fieller's (1954) for a share
of two. Rogan and Gladen's estimator with uncertain sensitivity and specificity is the cross-check. All assume that the
labelled subjects are a random sample of all subjects; where they are not, the correction says what would hold if so.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Two = tuple[Floats, Floats]
"""For each subject, whether it is `first alone`, and whether it is `exactly one`."""

LEVEL = 0.95
CANDIDATES_COUNT = 2001
"""Shares between 0 and 1 that are tried as limits of a share of two."""
DRAWS_COUNT = 20_000
"""Draws for Rogan and Gladen's interval; with a fixed seed, so the same labels give the same interval."""
_SEED = 20190610
_FEWEST = 2
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


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
    share, inflated = n / base, 1 + _Z**2 / base
    centre, reach = share + _Z**2 / (2 * base), _Z * (share * (1 - share) / base + _Z**2 / (4 * base**2)) ** 0.5
    return bounded(share, (centre - reach) / inflated, (centre + reach) / inflated)


def prediction_powered_share(truth: Flags, detected: Flags, detected_only: Flags) -> Correction:
    """Return the share of true subjects: `truth` and `detected` of the labelled ones, `detected_only` of all others.

    Raises:
        ValueError: fewer than two labels, or not as many detections as labels.
    """
    _check(truth, detected)
    raw = wilson(int(detected.sum() + detected_only.sum()), detected.size + detected_only.size)
    estimate, weight = _tuned_mean(truth.astype(float), detected.astype(float), detected_only.astype(float))
    below, above = squared_reaches(truth, detected, raw.share, weight)
    others = squared_reach_of_mean(raw.share, weight, detected_only.size)
    low, high = estimate - (below + others) ** 0.5, estimate + (above + others) ** 0.5
    return Correction(raw, bounded(estimate, low, high), weight)


def prediction_powered_share_of_two(
    truth: tuple[Flags, Flags], detected: tuple[Flags, Flags], detected_only: tuple[Flags, Flags]
) -> Correction:
    """Return the first one's share among subjects with exactly one of two; each pair is (first, second).

    A ratio of two means, `first alone` to `exactly one`, each corrected. Its interval holds every share r for which
    the corrected mean of `first alone - r * exactly one` may be zero.

    Raises:
        ValueError: as above, or no subject has exactly one of the two.
    """
    _check(truth[0], detected[0])
    labels, seen, rest = _alone(truth), _alone(detected), _alone(detected_only)
    if not labels[1].any() or not seen[1].any():
        raise ValueError("no subject has exactly one of the two")
    raw = wilson(int(seen[0].sum() + rest[0].sum()), int(seen[1].sum() + rest[1].sum()))
    ratio, weight = _ratio(labels, seen, rest)
    candidates = np.linspace(0.0, 1.0, CANDIDATES_COUNT)
    possible = candidates[_may_be_ratio(candidates, labels, seen, rest)]
    low, high = (float(possible.min()), float(possible.max())) if possible.size else (ratio, ratio)
    return Correction(raw, bounded(ratio, low, high), weight)


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
    return Correction(wilson(n, base), bounded(share, min(share, float(low)), max(share, float(high))), 1.0)


def _tuned_mean(truth: Floats, seen: Floats, rest: Floats) -> tuple[float, float]:
    """Return the PPI++ mean and the weight of the detector that makes its variance least."""
    weight = _weight(truth, seen, rest)
    shift = float(rest.mean()) - float(seen.mean()) if rest.size else 0.0
    return float(truth.mean()) + weight * shift, weight


def _weight(truth: Floats, seen: Floats, rest: Floats) -> float:
    spread = float(np.concatenate([seen, rest]).var())
    if not rest.size or spread == 0:
        return 0.0
    covariance = float(np.cov(truth, seen)[0, 1])
    return float(np.clip(covariance / ((1 + truth.size / rest.size) * spread), 0.0, 1.0))


def squared_reaches(truth: Flags, detected: Flags, seen_share: float, weight: float) -> tuple[float, float]:
    """Return the squares of how far the mean of `truth - weight * detected` may be below and above what labels show.

    Wilson's limits of the true share among the labelled that were detected, and among those that were not, each times
    its part of the labels; and what varies with how many of the labelled were detected.
    """
    below, above, centres = 0.0, 0.0, []
    for group in (detected, ~detected):
        base, found = int(group.sum()), int((truth & group).sum())
        centres.append((found + _Z**2 / 2) / (base + _Z**2))
        if base:
            limits = wilson(found, base)
            part = base / truth.size
            below += (part * (limits.share - limits.low)) ** 2
            above += (part * (limits.high - limits.share)) ** 2
    between = squared_reach_of_mean(seen_share, centres[0] - centres[1] - weight, truth.size)
    return below + between, above + between


def squared_reach_of_mean(share: float, weight: float, count: int) -> float:
    """Return the square of how far a weighted mean of so many flags may be from its expectation."""
    return float(_Z**2 * weight**2 * share * (1 - share) / count) if count else 0.0


def _ratio(labels: Two, seen: Two, rest: Two) -> tuple[float, float]:
    """Return the ratio of the two corrected means, and the weight of the detector in it."""
    top, bottom = (_tuned_mean(labels[place], seen[place], rest[place])[0] for place in (0, 1))
    if bottom <= 0:
        top, bottom = float(labels[0].mean()), float(labels[1].mean())
    ratio = top / bottom
    # The ratio's influence: each subject's distance from the line through it, in units of the denominator.
    distances = [(part[0] - ratio * part[1]) / bottom for part in (labels, seen, rest)]
    shift, weight = _tuned_mean(distances[0], distances[1], distances[2])
    return ratio + shift, weight


def _may_be_ratio(candidates: Floats, labels: Two, seen: Two, rest: Two) -> Flags:
    """Return whether the PPI++ mean of `first - r * one` is within its reach of zero, for every candidate r."""
    labels_count, others_count = labels[0].size, rest[0].size
    moments = np.cov(np.vstack([*labels, *seen]))
    own = _quadratic(moments[:2, :2], candidates)
    shared = _quadratic(moments[:2, 2:], candidates)
    mean, weights = labels[0].mean() - candidates * labels[1].mean(), np.zeros_like(candidates)
    variance = own / labels_count
    if others_count:
        pooled = _quadratic(np.cov(np.hstack([seen, rest]), bias=True), candidates)
        with np.errstate(divide="ignore", invalid="ignore"):
            tuned = shared / ((1 + labels_count / others_count) * pooled)
        weights = np.clip(np.where(pooled > 0, tuned, 0.0), 0.0, 1.0)
        shift = [float(rest[place].mean() - seen[place].mean()) for place in (0, 1)]
        mean = mean + weights * (shift[0] - candidates * shift[1])
        seen_part = weights**2 * _quadratic(moments[2:, 2:], candidates) - 2 * weights * shared
        rest_part = weights**2 * _quadratic(np.cov(np.vstack(rest), bias=True), candidates)
        variance = variance + seen_part / labels_count + rest_part / others_count
    # Were the candidate the truth, the labels would vary by no less than this; it matters where they all agree.
    least = labels[1].mean() * candidates * (1 - candidates)
    variance = variance + np.maximum(0.0, least - own) / labels_count
    # A trusted detector may be wrong where a hundred labels show it right: one such subject more is allowed for.
    variance = variance + (weights * np.maximum(candidates, 1 - candidates) / labels_count) ** 2
    return np.asarray(mean**2 <= _Z**2 * variance)


def _quadratic(moments: Floats, candidates: Floats) -> Floats:
    """Return the covariance of `x - r * y` and `v - r * w` from that of (x, y) and (v, w), for every r."""
    cross = moments[0, 1] + moments[1, 0]
    return np.asarray(moments[0, 0] - candidates * cross + candidates**2 * moments[1, 1])


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


def bounded(share: float, low: float, high: float) -> Estimate:
    """Return the share and its limits, held within [0, 1] and the limits on their own sides of the share."""
    share, low, high = (min(1.0, max(0.0, value)) for value in (share, low, high))
    return Estimate(share, min(low, share), max(high, share))
