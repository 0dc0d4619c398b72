"""The Wilson interval in SQL against statsmodels'."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.views import deploy_views, migrate


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    with open_warehouse(None) as opened:
        migrate(opened)
        deploy_views(opened, views=tmp_path_factory.mktemp("no_views"))
        yield opened


def interval(connection, n, base):
    return connection.execute(
        "select wilson_low(?::bigint, ?::bigint), wilson_high(?::bigint, ?::bigint)", [n, base] * 2
    ).fetchall()[0]


@st.composite
def counts(draw):
    base = draw(st.integers(1, 10**9))
    return draw(st.integers(0, base)), base


@given(counts())
@example((0, 1))
@example((1, 1))
@example((0, 10**9))
@example((10**9, 10**9))
def test_it_is_statsmodels_interval(connection, count):
    n, base = count
    low, high = interval(connection, n, base)
    expected = proportion_confint(n, base, alpha=0.05, method="wilson")
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= n / base <= high <= 1


@pytest.mark.parametrize(("n", "base"), [(0, 0), (1, None), (None, 10), (None, None)])
def test_without_a_denominator_there_is_no_interval(connection, n, base):
    assert interval(connection, n, base) == (None, None)
