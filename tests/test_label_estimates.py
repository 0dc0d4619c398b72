"""Labels drawn with unequal probabilities: the corrected share, how much each stratum gets, and the balance."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from pipeline.estimate.labelled import FEWEST_DRAWN, allocation, balances, drawn_share, strata_of

SPREADS = {"in doubt": 0.5, "found": 0.3, "silent": 0.15}


def corpus(generator):
    """2,000 subjects: a few in doubt, where the detector guesses; it misses every tenth silent one's framework."""
    names = np.repeat(["in doubt", "found", "silent"], [150, 650, 1200])
    truth = generator.random(2000) < np.select([names == "in doubt", names == "found"], [0.5, 0.8], 0.1)
    right = generator.random(2000) < np.where(names == "in doubt", 0.5, 0.95)
    detected = np.where(names == "silent", False, np.where(right, truth, ~truth))
    return names, truth, detected


def drawn_of(generator, names):
    sizes = {name: int((names == name).sum()) for name in SPREADS}
    counts = allocation(sizes, SPREADS, 200)
    places = np.concatenate(
        [generator.choice(np.flatnonzero(names == name), counts[name], replace=False) for name in sizes]
    )
    fractions = np.concatenate([np.full(counts[name], counts[name] / sizes[name]) for name in sizes])
    return places, fractions


def test_the_share_is_that_of_all_though_the_doubtful_were_drawn_more_often():
    generator = np.random.default_rng(5)
    covered, errors, plain_errors = 0, [], []
    for _ in range(400):
        names, truth, detected = corpus(generator)
        places, fractions = drawn_of(generator, names)
        strata = strata_of(fractions, fractions)
        found = drawn_share(truth[places], detected[places], strata, detected).corrected
        covered += found.low <= truth.mean() <= found.high
        errors.append(found.share - truth.mean())
        plain_errors.append(truth[places].mean() - truth.mean())
    assert covered / 400 >= 0.93
    assert abs(np.mean(errors)) < 0.005
    assert abs(np.mean(plain_errors)) > 0.1, "the labels alone, unweighted, are far off"


def test_half_the_answers_of_a_random_order_give_the_same_share_less_surely():
    generator = np.random.default_rng(6)
    names, truth, detected = corpus(generator)
    places, fractions = drawn_of(generator, names)
    half = generator.permutation(len(places))[:100]
    whole = drawn_share(truth[places], detected[places], strata_of(fractions, fractions), detected).corrected
    some = drawn_share(
        truth[places[half]], detected[places[half]], strata_of(fractions[half], fractions), detected
    ).corrected
    assert some.low < truth.mean() < some.high
    assert some.high - some.low > whole.high - whole.low


def test_a_stratum_with_one_label_carries_no_correction():
    fractions = np.array([0.5, 0.5, 0.1])
    flags = np.array([True, False, True])
    with pytest.raises(ValueError, match="two labelled subjects of every stratum"):
        drawn_share(flags, flags, strata_of(fractions, fractions), np.zeros(20, dtype=bool))


def test_doubtful_subjects_are_drawn_more_often_and_none_is_left_without_a_chance():
    counts = allocation({"in doubt": 150, "found": 650, "silent": 1200}, SPREADS, 200)
    assert sum(counts.values()) == 200
    assert counts["in doubt"] / 150 > counts["found"] / 650 > counts["silent"] / 1200 > 0
    assert allocation({"in doubt": 3, "silent": 5}, SPREADS, 200) == {"in doubt": 3, "silent": 5}
    assert allocation({"in doubt": 1000, "silent": 20}, SPREADS, 30)["silent"] == FEWEST_DRAWN


def test_labels_made_of_hits_are_told_from_random_ones():
    generator = np.random.default_rng(7)
    detected, year = generator.random(1000) < 0.3, generator.random(1000) < 0.5
    traits = {"nothing detected": ~detected, "year 2020": year}
    chosen, by_chance = np.zeros(1000, dtype=bool), np.zeros(1000, dtype=bool)
    chosen[np.flatnonzero(detected)[:60]] = True
    by_chance[generator.choice(1000, 60, replace=False)] = True
    told = {each.trait: each for each in balances(traits, chosen)}
    assert told["nothing detected"].adjusted_p_value < 1e-6
    assert (told["nothing detected"].labelled_share, told["nothing detected"].compared_share > 0.7) == (0, True)
    assert told["year 2020"].adjusted_p_value > 0.05
    assert min(each.adjusted_p_value for each in balances(traits, by_chance)) > 0.05
    assert balances(traits, np.ones(1000, dtype=bool)) == []


def test_a_draw_with_known_probabilities_is_balanced_and_one_with_wrong_ones_is_not():
    generator = np.random.default_rng(8)
    names, _, detected = corpus(generator)
    places, fractions = drawn_of(generator, names)
    order = np.argsort(places)
    places, fractions = places[order], fractions[order]
    is_labelled = np.zeros(2000, dtype=bool)
    is_labelled[places] = True
    traits = {"pytorch detected": detected, "rare": np.arange(2000) == 1999}
    assert all(each.adjusted_p_value > 0.05 for each in balances(traits, is_labelled, strata_of(fractions, fractions)))
    wrong = np.where(fractions == fractions.min(), 0.9, 0.1)
    told = {each.trait: each for each in balances(traits, is_labelled, strata_of(wrong, wrong))}
    assert told["pytorch detected"].adjusted_p_value < 0.01


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_the_balance_of_labels_is_that_of_the_reference_implementations(first, second):
    tables = [np.array(counts).reshape(2, 2) for counts in (first, second)]
    # A row of a table is the labelled or the others; both tables are about the same subjects.
    tables[1] = np.array(
        [[min(new, row.sum()), row.sum() - min(new, row.sum())] for row, new in zip(tables[0], second[:2], strict=True)]
    )
    assume(all(row.sum() for row in tables[0]))
    is_labelled = np.repeat([True, False], tables[0].sum(axis=1))
    has = [np.concatenate([np.arange(row.sum()) < row[0] for row in table]) for table in tables]
    traits = {f"trait {place}": each for place, each in enumerate(has)}
    told = balances(traits, is_labelled)
    expected = [min(1.0, fisher_exact(table)[1]) for table in tables]
    assert [each.p_value for each in told] == pytest.approx(expected, rel=1e-9)
    adjusted = multipletests(expected, method="holm")[1]
    assert [each.adjusted_p_value for each in told] == pytest.approx(list(adjusted), rel=1e-9)
