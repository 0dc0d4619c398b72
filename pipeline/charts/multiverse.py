"""How much hangs on how papers' code is counted: one share for every way that can be defended."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per way to count, from the least share to the greatest, with its interval."""
    x = alt.X("place:Q", axis=alt.Axis(title=None, labels=False, ticks=False, grid=False))
    y = marks.on_axis(marks.WHOLE_AXIS, "first_share")
    tooltip = [
        alt.Tooltip("series_title:N", title="Use is"),
        alt.Tooltip("population:N", title="Population"),
        alt.Tooltip("years:N", title="Years"),
        alt.Tooltip("front_ends:N", title="Front-ends"),
        alt.Tooltip("overlap:N", title="Both counts"),
        alt.Tooltip("weighting:N", title="Weights"),
        alt.Tooltip("first_share:Q", title="Share of the two", format=".1%"),
    ]
    point = marks.framework_points(marks.rows(), frame, "!datum.is_declared", x=x, y=y, tooltip=tooltip)
    color = marks.colour(frame)
    return marks.picture(marks.reference(0.5, y), marks.whiskers(x, y, color), point, height=150)


CHART = Chart(
    title="{first}’s part of the two in papers’ code, counted in every way that can be defended",
    section="firmness",
    view="multiverse",
    where={},
    frameworks="all",
    order_by=("place",),
    draw=draw,
    panel=("series_title",),
    is_over_time=False,
    caption=(
        "Each mark is one way to count the same sampled repositories: by what their own code is written in, what any "
        "of it imports or what it declares; a repository with both for each, by halves or not at all; front-ends "
        "as what they run on or left out; one year or two; weighted or not. Filled: the way of the page’s "
        "figure, which was fixed beforehand."
    ),
    caveats=("One sample in many counts: the marks are no independent evidence of each other.",),
)
