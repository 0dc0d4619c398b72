"""Corrected shares: what the formulae must hold, and how often their intervals cover the truth of ICML 2019."""

import csv
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from delicatessen import MEstimator
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from pipeline.estimate.detector import (
    prediction_powered_share,
    prediction_powered_share_of_two,
    rogan_gladen_share,
    wilson,
)
from pipeline.settings import PROJECT_ROOT

LABELS = PROJECT_ROOT / "data" / "archive" / "icml_2019_detector_labels.csv"
AUDITS, LABELLED = 1000, 100
LEAST_COVERAGE = 0.93
NOBODY = np.zeros(0, dtype=bool)


def papers_with_code(path: Path, framework: str) -> tuple[np.ndarray, np.ndarray]:
    """Truth (the code) and detection (the text) of each paper of ICML 2019 with code, in one order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["framework"] == framework and row["is_true"]]
    rows.sort(key=lambda row: row["subject_id"])
    return tuple(np.array([row[key] == "true" for row in rows]) for key in ("is_true", "is_detected"))


@pytest.fixture(scope="module")
def papers() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {framework: papers_with_code(LABELS, framework) for framework in ("pytorch", "tensorflow")}


def audits(papers_count: int, seed: int):
    """Random audits: the papers that are labelled, and the others."""
    generator = np.random.default_rng(seed)
    for _ in range(AUDITS):
        order = generator.permutation(papers_count)
        yield order[:LABELLED], order[LABELLED:]


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_the_corrected_interval_covers_the_code_based_truth(papers, framework):
    truth, detected = papers[framework]
    covered = 0
    for labelled, others in audits(truth.size, seed=2019):
        found = prediction_powered_share(truth[labelled], detected[labelled], detected[others]).corrected
        covered += found.low <= truth.mean() <= found.high
    assert covered / AUDITS >= LEAST_COVERAGE


def test_the_corrected_share_of_two_covers_the_code_based_truth(papers):
    (first, seen_first), (second, seen_second) = papers["pytorch"], papers["tensorflow"]
    share = (first & ~second).sum() / (first ^ second).sum()
    covered = 0
    for labelled, others in audits(first.size, seed=97):
        found = prediction_powered_share_of_two(
            (first[labelled], second[labelled]),
            (seen_first[labelled], seen_second[labelled]),
            (seen_first[others], seen_second[others]),
        ).corrected
        covered += found.low <= share <= found.high
    assert covered / AUDITS >= LEAST_COVERAGE


def test_the_raw_interval_does_not_cover_it(papers):
    truth, detected = papers["pytorch"]
    raw = prediction_powered_share(truth, detected, NOBODY).raw
    assert raw.high < truth.mean()


@pytest.mark.parametrize(("framework", "recall"), [("pytorch", 0.32), ("tensorflow", 0.26)])
def test_text_mentions_find_a_third_of_the_users(papers, framework, recall):
    truth, detected = papers[framework]
    found = wilson(int((truth & detected).sum()), int(truth.sum()))
    assert found.share == pytest.approx(recall, abs=0.005)
    assert found.low < recall < found.high


flags = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=3, max_size=60)


@given(flags, st.lists(st.booleans(), max_size=60))
def test_a_corrected_share_lies_within_its_interval_and_both_within_one(pairs, others):
    truth, detected = (np.array(column) for column in zip(*pairs, strict=True))
    found = prediction_powered_share(truth, detected, np.array(others, dtype=bool))
    for estimate in (found.raw, found.corrected):
        assert 0 <= estimate.low <= estimate.share <= estimate.high <= 1
    assert 0 <= found.weight <= 1


@given(flags)
def test_without_unlabelled_subjects_the_labels_alone_count(pairs):
    truth, detected = (np.array(column) for column in zip(*pairs, strict=True))
    found = prediction_powered_share(truth, detected, NOBODY)
    assert found.corrected.share == pytest.approx(truth.mean())
    assert found.weight == 0


def test_a_perfect_detector_makes_the_interval_far_narrower_than_the_labels_alone_would():
    generator = np.random.default_rng(1)
    everyone = generator.random(2000) < 0.3
    found = prediction_powered_share(everyone[:100], everyone[:100], everyone[100:]).corrected
    alone = prediction_powered_share(everyone[:100], everyone[:100], NOBODY).corrected
    assert found.share == pytest.approx(everyone.mean(), abs=0.02)
    assert found.low < everyone.mean() < found.high
    # A hundred labels without a mistake still allow for some among the others.
    assert found.high - found.low < (alone.high - alone.low) / 1.8


def test_a_detector_that_tells_nothing_is_given_no_weight():
    generator = np.random.default_rng(2)
    truth, noise = generator.random(400) < 0.4, generator.random(5000) < 0.5
    found = prediction_powered_share(truth, noise[:400], noise[400:])
    assert found.weight < 0.15
    assert found.corrected.share == pytest.approx(truth.mean(), abs=0.02)


def test_rogan_and_gladen_undo_known_errors():
    """1,000 of 10,000 have it; 80 % of them and 5 % of the others are detected: 1,250 detections."""
    truth = np.repeat([True, False], [1000, 9000])
    detected = np.concatenate([np.arange(1000) < 800, np.arange(9000) < 450])
    found = rogan_gladen_share(truth, detected, NOBODY)
    assert found.raw.share == pytest.approx(0.125)
    assert found.corrected.share == pytest.approx(0.1)
    assert found.corrected.low < 0.1 < found.corrected.high


def test_rogan_and_gladen_give_the_same_interval_for_the_same_labels(papers):
    truth, detected = papers["pytorch"]
    first, second = (rogan_gladen_share(truth[:300], detected[:300], detected[300:]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("truth", "detected", "reason"),
    [
        ([True] * 5, [True] * 5, "both answers"),
        ([True, True, False, False], [False, False, True, True], "no better than chance"),
        ([True], [True], "at least two"),
        ([True, False], [True], "beside the truth"),
    ],
)
def test_labels_that_cannot_carry_a_correction_say_why(truth, detected, reason):
    with pytest.raises(ValueError, match=reason):
        rogan_gladen_share(np.array(truth), np.array(detected), NOBODY)


def test_two_that_never_stand_alone_have_no_share_of_two():
    both = np.array([True, True, False])
    with pytest.raises(ValueError, match="exactly one"):
        prediction_powered_share_of_two((both, both), (both, both), (NOBODY, NOBODY))


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_is_the_reference_implementation(n, more):
    base = n + more
    low, high = proportion_confint(n, base, alpha=0.05, method="wilson")
    found = wilson(n, base)
    assert (found.low, found.high) == pytest.approx((max(0.0, low), min(1.0, high)))


def simulated_audits():
    """Audits of 60 to 200 labels among up to 1,200 subjects, by a match that tells more or less."""
    generator = np.random.default_rng(14)
    while True:
        counts = int(generator.integers(60, 201)), int(generator.integers(300, 1001))
        truth = generator.random(sum(counts)) < generator.uniform(0.15, 0.85)
        sensitivity, false_hits = generator.uniform(0.6, 0.95), generator.uniform(0.02, 0.3)
        detected = generator.random(sum(counts)) < np.where(truth, sensitivity, false_hits)
        yield truth[: counts[0]], detected[: counts[0]], detected[counts[0] :]


def solved(equations, start):
    """The root of stacked estimating equations, as delicatessen finds it."""
    found = MEstimator(lambda theta: np.vstack([*equations(theta)]), init=start)
    found.estimate(solver="lm")
    return found.theta


def test_two_hundred_simulated_audits_come_out_as_by_m_estimation():
    compared = 0
    for truth, detected, rest in islice(simulated_audits(), 200):
        labelled = np.concatenate([np.ones(truth.size), np.zeros(rest.size)])
        real = np.concatenate([truth, np.zeros(rest.size)])
        seen = np.concatenate([detected, rest]).astype(float)
        share = float(truth.mean())

        def rogan_gladen(theta, labelled=labelled, real=real, seen=seen):
            corrected, raw, sensitivity, specificity = theta
            yield np.full(seen.size, corrected * (sensitivity + specificity - 1) - (raw + specificity - 1))
            yield seen - raw
            yield labelled * real * (seen - sensitivity)
            yield labelled * (1 - real) * (1 - seen - specificity)

        def prediction_powered(theta, labelled=labelled, real=real, seen=seen):
            corrected, true_mean, seen_mean, rest_mean, pooled, covariance, variance = theta
            count, others = labelled.sum(), (1 - labelled).sum()
            weight = np.clip(covariance / ((1 + count / others) * variance), 0, 1)
            yield np.full(seen.size, true_mean + weight * (rest_mean - seen_mean) - corrected)
            yield labelled * (real - true_mean)
            yield labelled * (seen - seen_mean)
            yield (1 - labelled) * (seen - rest_mean)
            yield seen - pooled
            yield labelled * ((real - true_mean) * (seen - seen_mean) - covariance * (count - 1) / count)
            yield (seen - pooled) ** 2 - variance

        ours = rogan_gladen_share(truth, detected, rest).corrected.share
        theirs = solved(rogan_gladen, [share, seen.mean(), 0.8, 0.8])[0]
        assert ours == pytest.approx(min(1.0, max(0.0, theirs)), abs=1e-7)
        ours = prediction_powered_share(truth, detected, rest).corrected.share
        start = [share, share, detected.mean(), rest.mean(), seen.mean(), 0.1, 0.2]
        assert ours == pytest.approx(solved(prediction_powered, start)[0], abs=1e-7)
        compared += 1
    assert compared == 200
