"""npm: downloads of web and mobile packages, each for itself."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per package and month on a logarithmic axis, those of one package joined."""
    x = alt.X("n:Q", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5, labelExpr=marks.COUNT_LABEL, grid=True))
    y = alt.Y("population:N", sort=alt.EncodingSortField("n", op="max", order="descending"), axis=marks.NAME_AXIS)
    # Nought has no place on such an axis; the table has it.
    some = marks.rows().transform_filter("datum.n > 0")
    tips = [
        alt.Tooltip("population:N", title="Package"),
        marks.FRAMEWORK_TIP,
        alt.Tooltip("period_end:N", title="Month ends"),
        alt.Tooltip("n:Q", title="Downloads", format=","),
    ]
    points = marks.framework_points(some, frame, marks.is_before_newest(frame), x=x, y=y, tooltip=tips)
    return marks.picture(marks.line(x, y, marks.colour(frame)), points, height=marks.rows_of_height(24))


CHART = Chart(
    title="Web and mobile: npm downloads in a month, by package",
    section="tools",
    where={"series_id": "downloads.npm"},
    frameworks="all",
    order_by=("population", "period_start"),
    draw=draw,
    caption=(
        "Each row is one package of a framework’s family for browsers, Node.js and React Native: filled marks are the "
        "newest month, hollow ones those before. The axis is logarithmic: equal steps are equal factors."
    ),
    caveats=(
        "Packages of one family install one another, so they are never added.",
        "A shipped table counts the month it is named after or the one before; asked for live, months are exact.",
    ),
)
