"""Days that are not like others: clocks that are put forward and back, and the twenty-ninth of February."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from cronsim import CronSim

from pipeline.settings import PROJECT_ROOT
from pipeline.sources.source import months


@pytest.mark.parametrize("first", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 3 * * *"])
def test_a_night_in_which_the_clock_changes_has_one_refresh_like_any_other(first, cron, monkeypatch):
    """2:30 does not come on one such night of Central Europe, and comes twice on the other."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    due = CronSim(cron, first)
    moments = [next(due) for _ in range(5)]
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(days=1)}


@pytest.mark.slow
def test_a_refresh_was_missed_where_one_was_due_since_the_last_began_also_over_odd_days():
    """In a process of its own, as Prefect reads its settings when it is imported."""
    script = """
import sys
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from flows.refresh import missed_moment
nightly = "0 3 * * *"
night = datetime(2026, 3, 29, 3, tzinfo=UTC)  # clocks are put forward in Europe at 1:00 UTC
assert missed_moment(nightly, night - timedelta(days=1), night + timedelta(hours=5)) == night
assert missed_moment(nightly, night - timedelta(days=9), night + timedelta(hours=5)) == night  # once, however many
assert missed_moment(nightly, night + timedelta(seconds=4), night + timedelta(hours=20)) is None
assert missed_moment(nightly, night + timedelta(days=300), night) is None  # the clock was put back
assert missed_moment("0 3 29 2 *", datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)).day == 29
assert missed_moment(nightly, None, night) is None
assert missed_moment(None, night, night) is None
"""
    subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, env={**os.environ, "TZ": "Europe/Berlin"}, check=True
    )


def test_the_deployments_count_in_a_time_without_summer():
    from test_deploy import DEPLOY

    assert (DEPLOY / "prefect.yaml").read_text(encoding="utf-8").count("timezone: UTC") == 2
    assert "03:00:00 UTC" in (DEPLOY / "observatory.timer").read_text(encoding="utf-8")


@pytest.mark.parametrize(("year", "last"), [(2024, 29), (2026, 28), (2000, 29), (2100, 28)])
def test_february_ends_on_its_own_last_day_and_no_day_is_in_two_months_or_none(year, last):
    windows = list(months(date(year, 1, 31), date(year, 3, 1)))
    assert [window.ends_on.day for window in windows] == [31, last, 31]
    assert all(later.starts_on - earlier.ends_on == timedelta(days=1) for earlier, later in pairwise(windows))
    (window,) = months(date(year, 2, last), date(year, 2, last))
    assert (window.starts_on, window.ends_on) == (date(year, 2, 1), date(year, 2, last))
