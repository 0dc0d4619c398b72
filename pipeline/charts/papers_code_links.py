"""Paper code: the framework of the linked repositories, with the repositories of no known framework in view."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

SMALL_BASE = 30


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one bar per year, stacked by framework; what has no known framework is a grey part of it, not left out."""
    bar = marks.encoded(
        marks.rows().mark_bar(width={"band": 0.78}),
        x=alt.X("year(period_start):O", timeUnit="utcyear", axis=alt.Axis(format="%Y", labelAngle=0)),
        y=alt.Y("share:Q", stack="zero", axis=marks.QUARTERS),
        color=marks.colour(frame),
        opacity=alt.condition(f"datum.base < {SMALL_BASE}", alt.value(0.4), alt.value(1)),
        order=alt.Order("color_framework_sort_index:Q"),
        tooltip=[marks.FRAMEWORK_TIP, *marks.SHARE_TIPS],
    )
    return marks.picture(bar, height=240)


CHART = Chart(
    title="Framework of the repositories that papers link to",
    section="papers",
    where={"series_id": "papers.code_links"},
    frameworks="all",
    order_by=("population", "period_start", "framework"),
    draw=draw,
    panel=("population",),
    panels_first=("official", "all"),
    caption=(
        "Each bar is a year of papers, cut by the framework of the linked repositories. Grey is code in which no "
        "deep-learning framework was found: a state of its own, not a zero. Pale bars rest on fewer than "
        f"{SMALL_BASE} links. Official repositories are the authors’ own."
    ),
    caveats=(
        "The year is the paper’s: re-implementations made years later count under it in “all”, hardly in “official”.",
    ),
)
