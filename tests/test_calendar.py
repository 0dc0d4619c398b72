"""Days that are not like others: clocks that are put forward and back, and the twenty-ninth of February."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from cronsim import CronSim

from pipeline.sources.source import months, present_month


@pytest.mark.parametrize("first", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 3 * * *"])
def test_a_night_in_which_the_clock_changes_has_one_refresh_like_any_other(first, cron, monkeypatch):
    """2:30 does not come on one such night of Central Europe, and comes twice on the other."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    due = CronSim(cron, first)
    moments = [next(due) for _ in range(5)]
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(days=1)}


def test_the_deployments_count_in_a_time_without_summer():
    from test_deploy import DEPLOY

    assert (DEPLOY / "prefect.yaml").read_text(encoding="utf-8").count("timezone: UTC") == 2
    assert "03:00:00 UTC" in (DEPLOY / "observatory.timer").read_text(encoding="utf-8")


@pytest.mark.parametrize(("year", "last"), [(2024, 29), (2026, 28), (2000, 29), (2100, 28)])
def test_february_ends_on_its_own_last_day_and_no_day_is_in_two_months_or_none(year, last):
    windows = list(months(date(year, 1, 31), date(year, 3, 1)))
    assert [window.ends_on.day for window in windows] == [31, last, 31]
    assert all(later.starts_on - earlier.ends_on == timedelta(days=1) for earlier, later in pairwise(windows))
    (window,) = present_month(date(year, 2, last))
    assert (window.starts_on, window.ends_on) == (date(year, 2, 1), date(year, 2, last))
