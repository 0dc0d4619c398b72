"""Package index: downloads by calendar month, as ClickHouse counts them."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart
from pipeline.charts.theme import MARKS

GAP_DAYS = 40


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one line a framework, open at breaks and where periods are missing."""
    return marks.counts_over_time(frame, GAP_DAYS, scale="log")


CHART = Chart(
    name="downloads_by_month",
    title="Python package downloads by calendar month",
    section="downloads",
    view="adoption",
    where={"series_id": "downloads.clickpy", "framework": tuple(MARKS)},
    order_by=("population", "framework", "period_start"),
    draw=draw,
    panel=("population",),
    is_dense=True,
    caption=(
        "Downloads of a calendar month, packages of one framework added up, with and without programs that copy the "
        "whole index. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=("Build machines cannot be told from people.",),
)
