"""Intervals of few launches: simulated runs whose truth is known, in which processes differ as much as samples do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from pipeline.estimate.moderated_variance import fitted_prior, least_half_widths
from pipeline.estimate.ratios import compared, derive_self_comparisons, ratio_of_medians
from pipeline.records.benchmarks import BenchSample, BenchSelfSample

COMPARISONS, ROUNDS = 20, 6


def series(generator, between, within, launches):
    """Return the samples of one side: launches differ by `between`, rounds within one by `within`."""
    return {
        (launch, rnd): BenchSample(
            run_id="r", case_name="matmul", size="small", dtype="float32", device="cpu", framework="pytorch",
            mode="eager", launch_index=launch, round_index=rnd, order_index=0, steps_count=3,
            step_seconds=float(np.exp(offset + within * generator.standard_normal())), cpu_seconds=0.0,
            other_cpus=None, is_disturbed=False,
        )
        for launch in range(launches)
        for offset in [between * generator.standard_normal()]
        for rnd in range(ROUNDS)
    }  # fmt: skip


def simulated_run(generator, between, launches):
    """Return pairs of equal things; how much processes differ is another figure in each comparison."""
    pairs = {}
    for place in range(COMPARISONS):
        own_between = between * np.exp(0.7 * generator.standard_normal())
        pairs[place] = tuple(series(generator, own_between, 0.03, launches) for _ in range(2))
    return pairs


def by_launch(one):
    launches = sorted({launch for launch, _ in one})
    return [np.array([s.step_seconds for (at, _), s in sorted(one.items()) if at == launch]) for launch in launches]


@pytest.mark.parametrize(("between", "launches"), [(0.0, 2), (0.04, 2), (0.04, 3), (0.1, 2)])
def test_intervals_hold_the_truth_as_often_as_they_say(between, launches):
    generator = np.random.default_rng(7)
    found = [ratio for _ in range(8) for ratio in compared(simulated_run(generator, between, launches)).values()]
    held = sum(ratio.low <= 1 <= ratio.high for ratio in found)
    assert held / len(found) >= 0.93, f"{held} of {len(found)} intervals hold the true ratio"
    typical = np.median([np.log(ratio.high / ratio.low) for ratio in found])
    assert typical < 0.1 + 7 * between, "an interval that is too wide says nothing"


def test_the_bootstrap_alone_would_not():
    generator = np.random.default_rng(7)
    pairs = [pair for _ in range(4) for pair in simulated_run(generator, 0.1, 2).values()]
    found = [ratio_of_medians(by_launch(one), by_launch(other)) for one, other in pairs]
    assert sum(ratio.low <= 1 <= ratio.high for ratio in found) / len(found) < 0.85


def test_a_true_difference_of_a_third_is_still_found():
    generator = np.random.default_rng(9)
    pairs = simulated_run(generator, 0.04, 2)
    slower = {
        place: ({at: s.model_copy(update={"step_seconds": 1.33 * s.step_seconds}) for at, s in one.items()}, other)
        for place, (one, other) in pairs.items()
    }
    assert sum(ratio.low > 1.05 for ratio in compared(slower).values()) >= 0.8 * COMPARISONS


def test_a_comparison_by_itself_has_the_width_of_students_t():
    launches = [np.array([0.10]), np.array([0.14]), np.array([0.30])]
    (half,) = least_half_widths({"alone": launches}).values()
    assert half == pytest.approx(t.ppf(0.975, 2) * np.std([0.10, 0.14, 0.30], ddof=1) / np.sqrt(3))


def test_one_launch_tells_nothing_of_the_others():
    assert least_half_widths({"quick": [np.array([0.1, 0.2])]}) == {}


def test_where_nothing_differs_nothing_is_widened():
    same = [np.array([0.5, 0.5]), np.array([0.5, 0.5])]
    assert least_half_widths(dict.fromkeys("abc", same)) == {"a": 0.0, "b": 0.0, "c": 0.0}


def test_the_prior_is_found_again():
    generator = np.random.default_rng(3)
    degrees, variance, own = 8.0, 0.0025, 2
    variances = variance * degrees / generator.chisquare(degrees, 4000) * generator.chisquare(own, 4000) / own
    prior = fitted_prior(list(variances), [own] * 4000)
    assert prior.variance == pytest.approx(variance, rel=0.1)
    assert prior.degrees == pytest.approx(degrees, rel=0.25)


def test_equal_variances_are_pooled_whole():
    generator = np.random.default_rng(4)
    prior = fitted_prior(list(0.01 * generator.chisquare(5, 50) / 5), [5] * 50)
    assert prior.degrees > 20
    assert prior.variance == pytest.approx(0.01, rel=0.25)


@given(st.lists(st.lists(st.floats(-2, 2), min_size=2, max_size=4), min_size=1, max_size=6), st.floats(0.1, 10))
def test_twice_the_differences_is_twice_the_width(comparisons, factor):
    plain = {place: [np.array([each]) for each in values] for place, values in enumerate(comparisons)}
    scaled = {place: [factor * each for each in values] for place, values in plain.items()}
    wanted = {place: factor * half for place, half in least_half_widths(plain).items()}
    assert least_half_widths(scaled) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


def test_a_framework_against_itself_is_one_row_a_repetition():
    generator = np.random.default_rng(5)
    samples = [
        BenchSelfSample(**sample.model_dump(), repetition=repetition, side=side)
        for repetition in range(2)
        for side in ("one", "other")
        for sample in series(generator, 0.0, 0.02, 2).values()
    ]
    rows = derive_self_comparisons(samples)
    assert [(row.repetition, row.launches_count, row.samples_count, row.stability) for row in rows] == [
        (0, 2, 24, "stable"),
        (1, 2, 24, "stable"),
    ]
    assert all(row.ratio_low <= row.ratio <= row.ratio_high for row in rows)
    assert all(0 < row.spread < 0.1 for row in rows)
    assert rows == derive_self_comparisons(reversed(samples))
    few = [sample for sample in samples if sample.launch_index == 0 and sample.round_index < 3]
    assert derive_self_comparisons(few) == [], "three samples a side are too few to be judged"
    lonely = [sample for sample in samples if sample.side == "one"]
    assert derive_self_comparisons(lonely) == []
