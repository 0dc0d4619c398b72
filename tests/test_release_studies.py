"""Changes at a release: made-up months of downloads with a step, without one, and with one that controls share."""

import re
from datetime import date
from math import exp

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.api import OLS

CONTROLS = ("keras", "mxnet", "scikit-learn", "theano", "xgboost")
MONTHS = [date(2022 + (month - 1) // 12, (month - 1) % 12 + 1, 1) for month in range(1, 31)]
RELEASED_ON = date(2023, 3, 15)


@pytest.fixture
def study(warehouse):
    """A function that puts downloads with a step of the released framework, and perhaps of its controls, and reads."""
    warehouse.execute(
        "insert into ref.event (event_id, tool, happened, happened_on, is_exact_day, words, address, framework, is_end,"
        " is_studied) values ('made-up', 'PyTorch', '2.0 released', ?, true, 'x', 'x', 'pytorch', false, true)",
        [RELEASED_ON],
    )
    warehouse.execute(
        "insert into ref.series by name select 'downloads.package_index' as series_id, 'Downloads' as title,"
        " 'x' as unit, 'x' as population, 'downloads' as measure, 'x' as known_bias, 'x' as bias_direction,"
        " 'package_index' as source_id"
    )

    def read(step, controls_step=0.0, noise=0.01):
        generator = np.random.default_rng(2)
        for framework in ("pytorch", *CONTROLS):
            warehouse.execute(
                "insert into ref.framework_package (package, framework, is_main) values (?, ?, true)",
                [framework, framework],
            )
            for place, month in enumerate(MONTHS):
                after = month > RELEASED_ON
                moved = step if framework == "pytorch" else controls_step * CONTROLS.index(framework)
                n = int(1_000_000 * exp(0.02 * place + after * moved + generator.normal(0, noise)))
                warehouse.execute(
                    "insert into core.download_window by name select 'package_index' as source_id, ? as package,"
                    " 'all clients' as client_scope, ? as window_start, last_day(?) as window_end,"
                    " ? as downloads_count, 'x' as counting_system, now() as seen_at, repeat('0', 64) as page_sha256",
                    [framework, month, month, n],
                )
        return {
            (row[0], row[1]): row[2:]
            for row in warehouse.execute(
                "select framework, quantity, change, interval_low, interval_high, smallest_seen, before_count,"
                " after_count, controls_count, controls_moved_count, verdict, reason from release_studies"
            ).fetchall()
        }

    return read


def test_a_step_that_no_control_shares_moved_together(study):
    rows = study(step=0.4)
    change, low, high, smallest, before, after, controls, moved, verdict, reason = rows["pytorch", "level"]
    assert (before, after, controls, moved, verdict, reason) == (12, 12, 5, 0, "moved together", None)
    assert low < 0.4 < high
    assert change == pytest.approx(0.4, abs=0.03)
    assert (high - low) / 2 < smallest < 0.1
    assert rows["pytorch", "slope"][-2:] == ("did not", None)
    assert all(rows[name, "level"][-2] is None for name in CONTROLS)


def test_no_step_did_not_and_noise_cannot_tell(study):
    assert study(step=0.0)["pytorch", "level"][-2:] == ("did not", None)


def test_what_could_not_have_been_seen_cannot_be_told(study):
    told = study(step=0.0, noise=0.3)["pytorch", "level"]
    assert told[3] > 0.3
    assert told[-2:] == ("cannot tell", "a change of a quarter would not have been seen")


def test_controls_that_move_as_well_forbid_the_word(study):
    rows = study(step=0.4, controls_step=0.15)
    assert rows["pytorch", "level"][-3] >= 2
    assert rows["pytorch", "level"][-2:] == ("cannot tell", "controls moved as well")


def test_change_and_error_are_those_of_one_regression(study, warehouse):
    """Both lines at once by least squares; autocorrelation, of which residuals show too little, widens the errors."""
    change, low, high, smallest, *_ = study(step=0.1, noise=0.02)["pytorch", "level"]
    rows = warehouse.execute(
        "select date_diff('day', ?, period_start) / 365.25, max(n) filter (where framework = 'pytorch')"
        " / sum(n) filter (where framework <> 'pytorch') from adoption where n is not null"
        " and abs(date_diff('month', ?, period_start)) between 1 and 12 group by 1 order by 1",
        [RELEASED_ON, RELEASED_ON],
    ).fetchall()
    years, odds = np.array(rows).T
    after = (years > 0).astype(float)
    fit = OLS(np.log(odds), np.column_stack([np.ones_like(years), years, after, after * years])).fit()
    echo = sum(float(side[1:] @ side[:-1]) for side in (fit.resid[years < 0], fit.resid[years > 0])) / float(
        fit.resid @ fit.resid
    )
    echo = min(0.8, max(0, (echo * 12 + 2) / (12 - 4)))
    assert echo > 0
    error = fit.bse[2] * np.sqrt((1 + echo) / (1 - echo))
    assert change == pytest.approx(fit.params[2], abs=1e-6)
    assert (high - low) / 2 == pytest.approx(student.ppf(0.975, years.size - 4) * error, rel=0.002)
    assert smallest == pytest.approx((student.ppf(0.975, years.size - 4) + norm.ppf(0.8)) * error, rel=0.002)


def test_intervals_hold_the_truth_as_often_as_the_view_says(warehouse):
    """Counts without any change, whose errors follow one another: how many intervals of either quantity hold 0."""
    ((comment,),) = warehouse.execute(
        "select comment from duckdb_columns() where table_name = 'release_studies' and column_name = 'interval_low'"
    ).fetchall()
    said = re.findall(
        r"in (\d+) to (\d+)(?: of 100 such intervals where the true autocorrelation is| at) (0\.\d)", comment
    )
    assert [rho for *_, rho in said] == ["0.0", "0.4", "0.6", "0.8"]
    years = np.r_[-12:0, 1:13] / 12
    after = (years > 0).astype(float)
    lines = np.column_stack([np.ones_like(years), years, after, after * years])
    inverse = np.linalg.inv(lines.T @ lines)
    generator, count = np.random.default_rng(1), years.size
    for fewest, most, rho in said:
        errors = generator.normal(size=(20_000, count + 1))
        errors[:, 0] /= np.sqrt(1 - float(rho) ** 2)
        for month in range(1, count + 1):
            errors[:, month] += float(rho) * errors[:, month - 1]
        found = np.delete(errors, count // 2, axis=1)  # the month of the release is left out
        laid = found @ lines @ inverse
        left = found - laid @ lines.T
        squares = (left**2).sum(axis=1)
        shown = ((left[:, 1:12] * left[:, :11]).sum(axis=1) + (left[:, 13:] * left[:, 12:-1]).sum(axis=1)) / squares
        echo = np.clip((shown * count / 2 + 2) / (count / 2 - 4), 0, 0.8)
        variance = squares / (count - 4) * (1 + echo) / (1 - echo)
        reach = student.ppf(0.975, count - 4) * np.sqrt(variance[:, None] * np.diag(inverse)[2:])
        holding = sorted(100 * (np.abs(laid[:, 2:]) < reach).mean(axis=0))
        assert [round(each) for each in holding] == pytest.approx([int(fewest), int(most)], abs=1)


def test_a_release_outside_what_was_counted_cannot_be_told(study, warehouse):
    warehouse.execute("update ref.event set happened_on = '2022-03-10'")
    told = study(step=0.4)["pytorch", "level"]
    assert told[:4] == (None, None, None, None)
    assert told[-2:] == ("cannot tell", "fewer than six periods on a side")
