"""Subjects that were drawn for labelling with unequal, known probabilities, and whether they are like the others.

Subjects drawn with one probability are a stratum; what is drawn more often counts less. The share is that of
prediction-powered inference over the strata (stratified PPI++), its limits those of `detector.py` within each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipeline.estimate import detector
from pipeline.estimate.detector import Correction, Flags, Floats

_FEWEST = 2
FEWEST_DRAWN = 10
"""Subjects drawn of every stratum that has so many, lest one of them be judged by a handful."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Subjects drawn with one probability: the places of its labelled ones, and its part of all subjects."""

    members: NDArray[np.intp]
    part: float


def strata_of(fractions: Floats, drawn_fractions: Floats) -> list[Stratum]:
    """Return the strata of the labelled subjects, from their probabilities and those of all that were drawn.

    A stratum has as many subjects as were drawn of it, over its probability; one without a label is left out, and the
    others stand for it.
    """
    sizes = {float(each): float((drawn_fractions == each).sum() / each) for each in np.unique(fractions)}
    total = sum(sizes.values())
    return [Stratum(np.flatnonzero(fractions == each), size / total) for each, size in sizes.items()]


def drawn_share(truth: Flags, detected: Flags, strata: Sequence[Stratum], everyone: Flags) -> Correction:
    """Return the share of true subjects: `truth` and `detected` of the labelled ones, what is detected of `everyone`.

    Raises:
        ValueError: a stratum has fewer than two labels, or there are not as many detections as labels.
    """
    if truth.size != detected.size:
        raise ValueError("every labelled subject needs the detector's word beside the truth")
    if any(each.members.size < _FEWEST for each in strata):
        raise ValueError("a correction needs at least two labelled subjects of every stratum")
    raw = detector.wilson(int(everyone.sum()), everyone.size)
    weight = _weight(truth, detected, strata, raw.share * (1 - raw.share) / everyone.size)
    share = weight * raw.share
    below = above = detector.squared_reach_of_mean(raw.share, weight, everyone.size)
    for each in strata:
        mine, seen = truth[each.members], detected[each.members]
        seen_share = float(seen.mean())
        share += each.part * (float(mine.mean()) - weight * seen_share)
        down, up = detector.squared_reaches(mine, seen, seen_share, weight)
        below, above = below + each.part**2 * down, above + each.part**2 * up
    return Correction(raw, detector.bounded(share, share - below**0.5, share + above**0.5), weight)


def _weight(truth: Flags, detected: Flags, strata: Sequence[Stratum], overall_variance: float) -> float:
    """Return the weight of the detector that makes the variance of the share least."""
    covariance, variance = 0.0, overall_variance
    for each in strata:
        moments = np.cov(truth[each.members].astype(float), detected[each.members].astype(float))
        covariance += each.part**2 * moments[0, 1] / each.members.size
        variance += each.part**2 * moments[1, 1] / each.members.size
    return float(np.clip(covariance / variance, 0.0, 1.0)) if variance > 0 else 0.0


def allocation(sizes: Mapping[str, int], spreads: Mapping[str, float], wanted_count: int) -> dict[str, int]:
    """Return how many subjects to draw of each stratum: in proportion to its size times its spread (Neyman).

    At least `FEWEST_DRAWN` of each, or all of a smaller one, never more than there are; together as many as wanted
    where so many are left.
    """
    drawn = {name: min(size, FEWEST_DRAWN) for name, size in sizes.items()}
    while sum(drawn.values()) < min(wanted_count, sum(sizes.values())):
        wants = {name: sizes[name] * spreads[name] for name in sizes if drawn[name] < sizes[name]}
        # The one furthest below its proportion gets the next: whole subjects, and no rounding to mend.
        goal = max(wants, key=lambda name: (wants[name] / (drawn[name] + 1), name))
        drawn[goal] += 1
    return drawn


@dataclass(frozen=True, slots=True)
class Balance:
    """The share of a trait among the labelled and what it is compared with, and how surely the two differ."""

    trait: str
    labelled_share: float
    compared_share: float
    p_value: float
    adjusted_p_value: float
    """Adjusted for the number of traits (Holm)."""


def balances(traits: Mapping[str, Flags], is_labelled: Flags, strata: Sequence[Stratum] = ()) -> list[Balance]:
    """Return one comparison for each trait.

    Without strata the labelled are compared with the unlabelled by Fisher's exact test; with them, each weighted by its
    stratum, with all subjects: the draw within the strata is then the only chance. Nothing is compared where all or
    none are labelled.
    """
    if not traits or is_labelled.all() or not is_labelled.any():
        return []
    compared = [
        _against_all(has, is_labelled, strata) if strata else _against_others(has, is_labelled)
        for has in traits.values()
    ]
    p_values = np.array([p_value for *_, p_value in compared])
    order, adjusted = p_values.argsort(), np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    return [
        Balance(trait, *each, adjusted_p_value=min(1.0, float(value)))
        for trait, each, value in zip(traits, compared, adjusted, strict=True)
    ]


def _against_others(has: Flags, is_labelled: Flags) -> tuple[float, float, float]:
    """Fisher's exact test, two-sided, in whole numbers; to import scipy's own takes 45 MiB and half a second."""
    labelled, others, having = has[is_labelled], has[~is_labelled], int(has.sum())
    least = max(0, having - others.size)
    ways = [comb(having, least) * comb(has.size - having, labelled.size - least)]
    for n in range(least, min(having, labelled.size)):
        ways.append(ways[-1] * (having - n) * (labelled.size - n) // ((n + 1) * (others.size - having + n + 1)))
    no_likelier = sum(each for each in ways if each <= ways[int(labelled.sum()) - least])
    return float(labelled.mean()), float(others.mean()), no_likelier / sum(ways)


def _against_all(has: Flags, is_labelled: Flags, strata: Sequence[Stratum]) -> tuple[float, float, float]:
    flags, overall, share, variance = has[is_labelled], float(has.mean()), 0.0, 0.0
    for stratum in strata:
        count, mean = stratum.members.size, float(flags[stratum.members].mean())
        share += stratum.part * mean
        # A handful of labels without a rare trait, or all with a common one, does not show that it never varies.
        held = min(max(mean, min(overall, 1 / (count + 2))), max(overall, 1 - 1 / (count + 2)))
        variance += stratum.part**2 * held * (1 - held) / count
    if variance == 0:
        return share, overall, 1.0
    return share, overall, 2 * NormalDist().cdf(-abs(share - overall) / variance**0.5)
