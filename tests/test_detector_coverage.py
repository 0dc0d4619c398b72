"""Simulated audits: how often the corrected intervals hold the truth, over true shares and detectors of many kinds.

Each simulation fixes a population of subjects, its truth and what the detector says, then draws 1,000 random audits of
100 labels from it. The truth that an interval must hold is that population's own share.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from pipeline.estimate.detector import (
    Correction,
    Estimate,
    prediction_powered_share,
    prediction_powered_share_of_two,
    rogan_gladen_share,
)

AUDITS, LABELLED = 1000, 100
LEAST_COVERAGE = 0.93
SHARES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.6, 0.9, 0.97)
DETECTORS = ((0.1, 0.5), (0.32, 0.7), (0.6, 0.8), (0.9, 0.95), (0.98, 0.98))
"""Recall and precision, from a detector that finds next to nothing to one that is nearly right."""
Flags = np.ndarray
Method = Callable[[Flags, Flags, Flags], Correction]


@dataclass(frozen=True)
class Population:
    """Subjects with their truth and what the detector says of them."""

    truth: Flags
    detected: Flags

    @classmethod
    def of(cls, subjects: int, share: float, recall: float, precision: float) -> "Population":
        true_count = round(share * subjects)
        found = round(recall * true_count)
        wrong = min(round(found * (1 - precision) / precision), subjects - true_count)
        place = np.arange(subjects)
        return cls(place < true_count, (place < found) | ((place >= true_count) & (place < true_count + wrong)))


def audits(subjects: int, seed: int):
    generator = np.random.default_rng(seed)
    for _ in range(AUDITS):
        order = generator.permutation(subjects)
        yield order[:LABELLED], order[LABELLED:]


def coverage(population: Population, method: Method, taken: Callable[[Correction], Estimate]) -> float:
    """Share of the audits that allow an estimate whose interval holds the truth.

    An estimate depends only on how many subjects are true, detected, both or neither, so audits with the same numbers
    share one.
    """
    truth, detected = population.truth, population.detected
    kinds = 2 * truth + detected
    drawn = [tuple(np.bincount(kinds[labelled], minlength=4)) for labelled, _ in audits(truth.size, seed=100)]
    held = []
    for counts, times in Counter(drawn).items():
        labelled = np.repeat(np.arange(4), counts)
        others = np.repeat(np.arange(4), np.bincount(kinds, minlength=4) - counts)
        try:
            found = taken(method(labelled >= 2, labelled % 2 == 1, others % 2 == 1))
        except ValueError:  # the labels hold one answer only, which the method says
            continue
        held += [found.low <= truth.mean() <= found.high] * times
    assert len(held) > AUDITS / 2
    return float(np.mean(held))


def test_the_order_of_the_labels_is_nothing_to_an_estimate():
    population = Population.of(300, 0.3, 0.6, 0.8)
    labelled, others = next(audits(300, seed=3))
    for method in (prediction_powered_share, rogan_gladen_share):
        found, again = (
            method(population.truth[some], population.detected[some], population.detected[rest]).corrected
            for some, rest in ((labelled, others), (np.sort(labelled), np.sort(others)))
        )
        assert (found.share, found.low, found.high) == pytest.approx((again.share, again.low, again.high))


def corrected(correction: Correction) -> Estimate:
    return correction.corrected


@pytest.mark.parametrize(
    ("share", "recall", "precision"),
    [(0.02, 0.32, 0.7), (0.05, 0.6, 0.8), (0.1, 0.9, 0.95), (0.3, 0.32, 0.7), (0.6, 0.1, 0.5), (0.9, 0.98, 0.98)],
)
def test_prediction_powered_intervals_hold_the_truth(share, recall, precision):
    population = Population.of(2000, share, recall, precision)
    assert coverage(population, prediction_powered_share, corrected) >= LEAST_COVERAGE


@pytest.mark.parametrize(("share", "recall", "precision"), [(0.3, 0.32, 0.7), (0.1, 0.6, 0.8)])
def test_uncorrected_intervals_do_not(share, recall, precision):
    population = Population.of(2000, share, recall, precision)
    assert coverage(population, prediction_powered_share, lambda correction: correction.raw) == 0


@pytest.mark.slow
@pytest.mark.parametrize("subjects", [300, 2000])
@pytest.mark.parametrize(("recall", "precision"), DETECTORS)
@pytest.mark.parametrize("share", SHARES)
def test_prediction_powered_intervals_hold_every_truth(subjects, share, recall, precision):
    population = Population.of(subjects, share, recall, precision)
    assert coverage(population, prediction_powered_share, corrected) >= LEAST_COVERAGE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "recall", "precision"), [(0.05, 0.32, 0.7), (0.1, 0.9, 0.95), (0.3, 0.32, 0.7), (0.6, 0.9, 0.95)]
)
def test_rogan_and_gladens_intervals_hold_the_truth(share, recall, precision):
    assert coverage(Population.of(2000, share, recall, precision), rogan_gladen_share, corrected) >= LEAST_COVERAGE


def coverage_of_two(subjects: int, one_share: float, first_share: float, recall: float) -> float:
    """As above for the first one's share among subjects with exactly one of two, some having both."""
    generator = np.random.default_rng(7)
    one, place = round(one_share * subjects), np.arange(subjects)
    both = (place >= one) & (place < one + round(0.03 * subjects))
    truth = ((place < round(first_share * one)) | both, ((place >= round(first_share * one)) & (place < one)) | both)
    seen = tuple(generator.random(subjects) < np.where(flags, recall, 0.02) for flags in truth)
    true_share = (truth[0] & ~truth[1]).sum() / (truth[0] ^ truth[1]).sum()
    held = []
    for labelled, others in audits(subjects, seed=101):
        pairs = (
            tuple(flags[rows] for flags in pair) for pair, rows in ((truth, labelled), (seen, labelled), (seen, others))
        )
        found = prediction_powered_share_of_two(*pairs).corrected
        held.append(found.low <= true_share <= found.high)
    return float(np.mean(held))


@pytest.mark.parametrize(("one_share", "first_share", "recall"), [(0.3, 0.8, 0.32), (0.3, 0.95, 0.9), (0.6, 0.5, 0.32)])
def test_intervals_of_a_share_of_two_hold_the_truth(one_share, first_share, recall):
    assert coverage_of_two(2000, one_share, first_share, recall) >= LEAST_COVERAGE


@pytest.mark.slow
@pytest.mark.parametrize("subjects", [600, 2000])
@pytest.mark.parametrize("recall", [0.32, 0.9])
@pytest.mark.parametrize("first_share", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("one_share", [0.2, 0.3, 0.6])
def test_intervals_of_a_share_of_two_hold_every_truth(subjects, one_share, first_share, recall):
    assert coverage_of_two(subjects, one_share, first_share, recall) >= LEAST_COVERAGE
