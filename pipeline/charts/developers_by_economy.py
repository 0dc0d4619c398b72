"""Developers on GitHub by economy: the newest quarter, with the words that say who is ahead there."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

_TICKS = [100, 200, 500, 1000, 2000, 5000]


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per economy, largest first, one mark per framework on a logarithmic axis of developers."""
    point = marks.framework_points(
        marks.rows().transform_filter("isValid(datum.n)"),
        frame,
        "false",
        x=alt.X(
            "n:Q", scale=alt.Scale(type="log", padding=12), axis=alt.Axis(values=_TICKS, labelExpr=marks.COUNT_LABEL)
        ),
        y=alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("n", op="max", order="descending")),
        tooltip=[marks.FRAMEWORK_TIP, alt.Tooltip("economy:N"), alt.Tooltip("n:Q", title="Developers", format=",")],
    )
    return marks.picture(point, height=marks.rows_of_height(38))


CHART = Chart(
    title="Developers with a framework’s topic, newest quarter",
    section="developers",
    view="developers_by_economy",
    where={"series_id": "github.topic_pushers", "is_newest": True},
    order_by=("economy", "framework"),
    draw=draw,
    is_over_time=False,
    marked_if="n",
    caption=(
        "Each row is an economy, with the words that say whether {first} or {second} has more developers there; each "
        "mark is the number of unique developers who pushed to a repository with that framework’s topic. No mark "
        "means fewer than 100, which are not published: never zero."
    ),
    caveats=(
        "A complete count, so without intervals. A developer may push to both, so the two are no parts of a whole.",
        "Topics are chosen by owners, and small countries are missing: rows are not to be summed to a world.",
    ),
)
