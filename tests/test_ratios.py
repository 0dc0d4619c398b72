"""Statistics of step times. The A/A test can fail: it counts how often an interval holds the truth."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.estimate.ratios import (
    MARGIN_OWN,
    MARGIN_VIRTUAL,
    Ratio,
    compared,
    derive_performance,
    margin_for,
    ratio_of_medians,
    resampled_medians,
    spread_of,
    verdict_on,
)
from pipeline.records.benchmarks import BenchSample, Machine

SECONDS = st.floats(1e-6, 10)
LAUNCHES = st.lists(st.integers(1, 8), min_size=1, max_size=3)


def sample(framework, seconds, launch=0, rnd=0, *, mode="eager", disturbed=False, run_id="r"):
    return BenchSample(
        run_id=run_id, case_name="matmul", size="small", dtype="float32", device="cpu", framework=framework,
        mode=mode, launch_index=launch, round_index=rnd, order_index=0, steps_count=3, step_seconds=seconds,
        cpu_seconds=seconds, other_cpus=None, is_disturbed=disturbed,
    )  # fmt: skip


def samples(framework, *launches, **more):
    return [
        sample(framework, seconds, launch, rnd, **more)
        for launch, rounds in enumerate(launches)
        for rnd, seconds in enumerate(rounds)
    ]


def row_of(rows, framework, mode="eager"):
    (row,) = [row for row in rows if row.framework == framework and row.mode == mode]
    return row


def noisy_launches(generator, middle, launches=3, rounds=6):
    """Launches that differ by 5 % among each other, and rounds that differ by 5 % within one."""
    return [
        middle * np.exp(0.05 * generator.standard_normal() + 0.05 * generator.standard_normal(rounds))
        for _ in range(launches)
    ]


def test_the_same_thing_twice_gives_an_interval_that_holds_one():
    generator = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        found = ratio_of_medians(noisy_launches(generator, 1.0), noisy_launches(generator, 1.0))
        held += found.low <= 1 <= found.high
    assert held >= 170, f"only {held} of 200 intervals hold the true ratio"
    assert held < 200, "an interval that always holds the truth is too wide to say anything"


def test_a_true_difference_is_found_and_its_size_held():
    generator = np.random.default_rng(12)
    found = [ratio_of_medians(noisy_launches(generator, 1.5), noisy_launches(generator, 1.0)) for _ in range(100)]
    assert sum(ratio.low <= 1.5 <= ratio.high for ratio in found) >= 80
    assert sum(verdict_on(ratio, 0.15) == "slower" for ratio in found) >= 95
    assert not any(verdict_on(ratio, 0.15) == "faster" for ratio in found)


def test_what_disturbs_both_in_a_round_cancels():
    drift = [np.linspace(1, 3, 8)]
    found = ratio_of_medians([2 * drift[0]], drift)
    assert found == pytest.approx((2, 2, 2))


@given(LAUNCHES, st.data())
def test_scale_does_not_matter(counts, data):
    one, other = ([data.draw(arrays(float, count, elements=st.floats(0.5, 2))) for count in counts] for _ in range(2))
    plain = ratio_of_medians(one, other)
    scaled = ratio_of_medians([1e-4 * rounds for rounds in one], [1e-4 * rounds for rounds in other])
    assert scaled == pytest.approx(plain, rel=1e-9)


@given(LAUNCHES, st.data())
def test_every_drawn_median_lies_within_the_samples(counts, data):
    launches = [data.draw(arrays(float, (count, 1), elements=SECONDS)) for count in counts]
    drawn = resampled_medians(launches, draws_count=50)
    everything = np.concatenate(launches)
    assert drawn.shape == (50, 1)
    assert drawn.min() >= everything.min()
    assert drawn.max() <= everything.max()


def test_launches_are_drawn_whole_so_that_their_difference_widens_the_interval():
    within = resampled_medians([np.tile([1.0, 2.0], 6)[:, None]])
    between = resampled_medians([np.full((6, 1), 1.0), np.full((6, 1), 2.0)])
    assert set(np.unique(between)) == {1.0, 1.5, 2.0}
    assert np.mean(between != 1.5) == pytest.approx(0.5, abs=0.05)
    assert np.mean(within == 1.5) > 0.1


@given(arrays(float, st.integers(1, 20), elements=SECONDS), SECONDS)
def test_spread_is_relative(seconds, factor):
    assert spread_of(seconds * factor) == pytest.approx(spread_of(seconds), rel=1e-6)


def test_spread_of_normal_numbers_is_their_coefficient_of_variation():
    seconds = 1 + 0.05 * np.random.default_rng(3).standard_normal(20_000)
    assert spread_of(seconds) == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.5, 0.86, "faster"),
        (0.5, 0.88, "no difference shown"),
        (1.14, 2.0, "no difference shown"),
        (1.16, 2.0, "slower"),
        (0.9, 1.1, "same"),
        (0.86, 1.1, "no difference shown"),
    ],
)
def test_only_an_interval_beyond_the_margin_is_a_difference_and_only_one_within_it_is_none(low, high, verdict):
    assert verdict_on(Ratio(1.0, low, high), 0.15) == verdict


def test_rows_tell_medians_ratio_and_where_they_come_from():
    rows = derive_performance(
        [
            *samples("pytorch", [1.0, 1.1, 0.9], [1.0, 1.2, 1.0]),
            *samples("tensorflow", [2.0, 2.2, 1.8], [2.0, 2.4, 2.0]),
            *samples("jax", [9.0, 9.0, 9.0, 9.0], mode="compiled"),
        ],
        0.15,
    )
    assert [(row.framework, row.mode) for row in rows] == [
        ("jax", "compiled"),
        ("pytorch", "eager"),
        ("tensorflow", "eager"),
    ]
    tensorflow = row_of(rows, "tensorflow")
    assert tensorflow.step_seconds_median == pytest.approx(2.0)
    assert tensorflow.ratio == tensorflow.ratio_low == tensorflow.ratio_high == pytest.approx(2.0)
    assert (tensorflow.verdict, tensorflow.stability, tensorflow.margin_fraction) == ("slower", "stable", 0.15)
    assert (tensorflow.samples_count, tensorflow.launches_count) == (6, 2)
    assert tensorflow.step_seconds_low <= 2.0 <= tensorflow.step_seconds_high
    pytorch = row_of(rows, "pytorch")
    assert (pytorch.verdict, pytorch.ratio) == ("reference", None)
    jax = row_of(rows, "jax", "compiled")
    assert (jax.verdict, jax.ratio, jax.reference_framework) == ("not comparable", None, "pytorch")


def test_an_unstable_side_is_judged_by_its_interval_alone():
    steady, wild = [1.0] * 8, [1.0, 9.0, 2.0, 8.0, 1.5, 7.0, 3.0, 6.0]
    rows = derive_performance([*samples("pytorch", steady), *samples("tensorflow", wild)], 0.15)
    found = row_of(rows, "tensorflow")
    assert (found.stability, found.verdict) == ("unstable", "slower")
    assert found.ratio_low > 1.15
    swapped = row_of(
        derive_performance([*samples("pytorch", wild), *samples("tensorflow", steady)], 0.15), "tensorflow"
    )
    assert (swapped.stability, swapped.verdict) == ("stable", "faster")
    straddling = derive_performance([*samples("pytorch", [3.0] * 8), *samples("tensorflow", wild)], 0.15)
    assert row_of(straddling, "tensorflow").verdict == "no difference shown"


def test_a_large_difference_on_a_busy_machine_keeps_its_verdict():
    """TensorFlow eager at 8.3 [7.7, 9.9], every sample flagged, was called not comparable."""
    generator = np.random.default_rng(5)
    rows = derive_performance(
        [
            *samples("pytorch", *noisy_launches(generator, 1.0, launches=2), disturbed=True),
            *samples("tensorflow", *noisy_launches(generator, 8.3, launches=2), disturbed=True),
        ],
        0.15,
    )
    found = row_of(rows, "tensorflow")
    assert (found.disturbed_count, found.stability, found.verdict) == (12, "unstable", "slower")


def test_flagged_samples_widen_an_interval_and_never_narrow_it():
    quiet = [*samples("pytorch", [1.0, 1.02, 0.98, 1.01] * 3), *samples("tensorflow", [1.3, 1.31, 1.29, 1.3] * 3)]
    (plain,) = [row for row in derive_performance(quiet, 0.15) if row.framework == "tensorflow"]
    assert plain.verdict == "slower"
    slowed = [
        one.model_copy(update={"step_seconds": one.step_seconds * 2, "is_disturbed": True})
        if one.framework == "pytorch" and one.round_index % 12 < 5
        else one
        for one in quiet
    ]
    found = row_of(derive_performance(slowed, 0.15), "tensorflow")
    assert found.ratio == pytest.approx(plain.ratio, rel=0.03), "the undisturbed rounds say what the ratio is"
    assert found.ratio_low < plain.ratio_low
    assert found.ratio_high >= plain.ratio_high
    assert found.verdict == "no difference shown"


def disturbed_run(generator, kind, share):
    """Return twelve equal pairs of two launches by six rounds, of which a share is slowed to 1.3 to 3 times."""
    pairs = {}
    for place in range(12):
        sides = np.array([noisy_launches(generator, 1.0, launches=2) for _ in "ab"])
        hit = generator.random(sides.shape) < share
        if kind == "both alike":
            hit[1] = hit[0]
        elif kind == "one side":
            hit[1] = False
        factors = np.exp(generator.uniform(np.log(1.3), np.log(3), sides.shape))
        if kind == "both alike":
            factors[1] = factors[0]
        sides = np.where(hit, sides * factors, sides)
        pairs[place] = tuple(
            {
                (launch, rnd): sample(
                    "pytorch", float(side[launch, rnd]), launch, rnd, disturbed=bool(flags[launch, rnd])
                )
                for launch in range(2)
                for rnd in range(6)
            }
            for side, flags in zip(sides, hit, strict=True)
        )
    return pairs


@pytest.mark.parametrize(
    ("kind", "share"),
    [("both alike", 0.3), ("both alike", 1), ("each by itself", 0.3), ("each by itself", 0.9), ("one side", 0.4)],
)
def test_intervals_hold_the_truth_where_disturbances_only_slow(kind, share):
    generator = np.random.default_rng(21)
    found = [ratio for _ in range(8) for ratio in compared(disturbed_run(generator, kind, share)).values()]
    held = sum(ratio.low <= 1 <= ratio.high for ratio in found)
    assert held / len(found) >= 0.93, f"{held} of {len(found)} intervals hold the true ratio"


def test_too_many_disturbed_or_too_few_samples_are_said():
    quiet, loud = samples("pytorch", [1.0] * 6), samples("pytorch", [1.0] * 4, disturbed=True)
    shifted = [s.model_copy(update={"launch_index": 1}) for s in loud]
    (row,) = derive_performance([*quiet, *shifted], 0.15)
    assert (row.disturbed_count, row.stability) == (4, "unstable")
    (row,) = derive_performance(samples("pytorch", [1.0] * 3), 0.15)
    assert row.stability == "too few samples"


def test_too_few_shared_rounds_are_not_comparable_whatever_the_ratio():
    rows = derive_performance([*samples("pytorch", [1.0] * 6), *samples("tensorflow", [9.0] * 3)], 0.15)
    assert (row_of(rows, "tensorflow").ratio, row_of(rows, "tensorflow").verdict) == (9.0, "not comparable")


def test_only_samples_of_the_same_round_are_paired():
    rows = derive_performance(
        [*samples("pytorch", [1.0, 1.0, 5.0, 1.0, 1.0]), *samples("tensorflow", [3.0, 3.0])]
        + [sample("tensorflow", 3.0, launch=1, rnd=rnd) for rnd in range(3)],
        0.15,
    )
    assert row_of(rows, "tensorflow").ratio == pytest.approx(3.0)
    assert row_of(rows, "tensorflow").samples_count == 5


def test_one_pair_of_samples_is_no_ratio():
    rows = derive_performance([*samples("pytorch", [1.0, 1.1]), *samples("tensorflow", [2.0])], 0.15)
    assert (row_of(rows, "tensorflow").ratio, row_of(rows, "tensorflow").verdict) == (None, "not comparable")
    rows = derive_performance([*samples("pytorch", [1.0, 1.1]), *samples("tensorflow", [2.0, 2.3])], 0.15)
    assert row_of(rows, "tensorflow").ratio_low < row_of(rows, "tensorflow").ratio_high


def test_runs_are_not_mixed_and_order_is_irrelevant():
    mixed = [
        *samples("pytorch", [1.0, 1.1, 1.2, 1.3], run_id="a"),
        *samples("pytorch", [7.0, 7.1, 7.2, 7.3], run_id="b"),
        *samples("tensorflow", [2.0, 2.1, 2.2, 2.3], run_id="a"),
    ]
    rows = derive_performance(mixed, 0.15)
    assert rows == derive_performance(reversed(mixed), 0.15)
    assert [(row.run_id, row.framework) for row in rows] == [("a", "pytorch"), ("a", "tensorflow"), ("b", "pytorch")]
    assert rows[1].ratio == pytest.approx(2.15 / 1.15)


@pytest.mark.parametrize(("most_busy_cpus", "verdict"), [(inf, "faster"), (1.25, "not comparable"), (2.25, "faster")])
def test_more_processors_than_threads_are_not_comparable(most_busy_cpus, verdict):
    busy = [each.model_copy(update={"cpu_seconds": 1.7}) for each in samples("tensorflow", [1.0] * 6)]
    rows = derive_performance([*samples("pytorch", [2.0] * 6), *busy], 0.15, most_busy_cpus)
    assert (row_of(rows, "tensorflow").ratio, row_of(rows, "tensorflow").verdict) == (0.5, verdict)
    assert row_of(rows, "pytorch").verdict == "reference"


def test_no_samples_no_rows():
    assert derive_performance([], 0.15) == []


@pytest.mark.parametrize(("is_virtual", "margin"), [(True, MARGIN_VIRTUAL), (False, MARGIN_OWN)])
def test_the_margin_is_wider_where_neighbours_share_the_host(is_virtual, margin):
    machine = Machine(machine_id="m", title="A machine", is_virtual=is_virtual, fingerprint="{}")
    assert margin_for(machine) == margin


def test_what_xla_compiles_is_compared_with_what_the_reference_compiles():
    rows = derive_performance(
        [
            *samples("pytorch", [1.0, 1.0, 1.0, 1.0], mode="eager"),
            *samples("pytorch", [0.5, 0.5, 0.5, 0.5], mode="compiled"),
            *samples("tensorflow", [0.25, 0.25, 0.25, 0.25], mode="xla"),
        ],
        0.15,
    )
    found = row_of(rows, "tensorflow", "xla")
    assert (found.ratio, found.verdict) == (pytest.approx(0.5), "faster")
    assert row_of(rows, "pytorch", "compiled").verdict == "reference"
