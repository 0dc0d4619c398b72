"""GitHub: stars held by each framework's repository, a week at a time."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 10


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a repository, open wherever more than one weekly observation is missing."""
    return marks.counts_over_time(frame, GAP_DAYS)


CHART = Chart(
    name="github_stars",
    title="GitHub stars held, weekly",
    section="github",
    view="adoption",
    where={"series_id": "github.stars", "framework": tuple(MARKS)},
    order_by=("framework", "population", "period_start"),
    draw=draw,
    is_dense=True,
    caption=(
        "Stars a repository held at each week’s observation. A line is open where the repository was not on the "
        "ranking that day: the value is unknown then, not zero."
    ),
    caveats=("A star is a bookmark: it is cheap, is rarely taken back, and says nothing about use today.",),
)
