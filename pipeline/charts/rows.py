"""One row per package or economy, its frameworks as marks on a logarithmic axis of counts."""

import altair as alt
import pandas as pd

from pipeline.charts import marks

_TICKS = [100, 200, 500, 1000, 2000, 5000]


def economies(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per economy, largest first, one mark per framework on a logarithmic axis of developers."""
    ticks = alt.Axis(values=_TICKS, labelExpr=marks.COUNT_LABEL)
    x = alt.X("n:Q", scale=alt.Scale(type="log", padding=12), axis=ticks)
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("n", op="max", order="descending"))
    tips = marks.tips("framework", "economies")
    known = marks.rows().transform_filter("isValid(datum.n)")
    point = marks.framework_points(known, frame, "false", x=x, y=y, tooltip=tips)
    return marks.picture(point, height=marks.rows_of_height(38))


def packages(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per package and month on a logarithmic axis, those of one package joined."""
    x = alt.X("n:Q", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5, labelExpr=marks.COUNT_LABEL, grid=True))
    y = alt.Y("population:N", sort=alt.EncodingSortField("n", op="max", order="descending"), axis=marks.NAME_AXIS)
    # Nought has no place on such an axis; the table has it.
    some = marks.rows().transform_filter("datum.n > 0")
    points = marks.framework_points(
        some, frame, marks.is_before_newest(frame), x=x, y=y, tooltip=marks.tips("packages")
    )
    return marks.picture(marks.line(x, y, marks.colour(frame)), points, height=marks.rows_of_height(24))
