"""Paper code: what the code of sampled papers is written in, by field of the venue."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw each span's shares with their intervals, and behind them what the unread repositories leave open."""
    bounds = marks.bound_ranges(marks.year_axis(frame), marks.share_axis(frame))
    return marks.shares_over_time(frame, height=230, behind=[bounds])


CHART = Chart(
    name="papers_code_own_framework",
    title="What the code of papers is written in",
    section="papers",
    where={
        "series_id": "papers.code_own_framework",
        "population": ("all", "vision", "language", "other", "arXiv, by month"),
    },
    frameworks="first six",
    draw=draw,
    panel=("population",),
    panels_first=("arXiv, by month", "all", "vision", "language", "other"),
    caption=(
        "Share of sampled repositories with code that are written in each framework, alone or with another, weighted "
        "by the size of each year’s list. A point stands at the first year of its span (2019–21, 2022–23, 2024–25), "
        "or at its month where code was drawn from the newest papers on arXiv; pale bars reach as far as the "
        "repositories that could not be read leave it open."
    ),
    caveats=(
        "No line joins the spans: the lists hold other venues each year, see the breaks.",
        "From fewer than 60 repositories that name one of the two there is a figure and no verdict.",
    ),
)
