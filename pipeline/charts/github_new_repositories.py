"""GitHub: repositories created a month that carry a framework’s topic."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 40


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework, open at breaks and where periods are missing."""
    return marks.counts_over_time(frame, GAP_DAYS)


CHART = Chart(
    name="github_new_repositories",
    title="New repositories on GitHub by topic, monthly",
    section="github",
    view="adoption",
    where={"series_id": "github.new_repositories", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    is_dense=True,
    caption=(
        "Public repositories, forks left out, by the month they were created in, which carry the framework’s topic "
        "today. The newest months are too low: topics come late."
    ),
    caveats=("Topics are chosen by owners; most repositories have none.",),
)
