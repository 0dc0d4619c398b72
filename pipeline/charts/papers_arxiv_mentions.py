"""arXiv: papers a month whose title, abstract or comment names a framework."""

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
    name="papers_arxiv_mentions",
    title="arXiv papers that name a framework up front, monthly",
    section="papers",
    view="adoption",
    where={"series_id": "papers.arxiv_mentions", "framework": tuple(MARKS)},
    order_by=("framework", "period_start"),
    draw=draw,
    is_dense=True,
    caption=(
        "Papers of a month whose title, abstract or comment names the framework as used, by the month of their first "
        "version. Most papers name theirs in the body or nowhere: read the shape, not the level."
    ),
    caveats=("Papers about software name it up front; papers that merely use it seldom do.",),
)
