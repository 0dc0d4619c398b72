"""How firm the answers are: when the lead changed hands, whether sources agree, how much hangs on how it is counted."""

import altair as alt
import pandas as pd

from pipeline.charts import marks


def crossings(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per series and population, the earliest first: a span, with the first sure lead marked."""
    crossed = (
        marks.rows()
        .transform_filter("isValid(datum.crossed_from)")
        .transform_calculate(label="datum.series_title + ': ' + datum.population")
    )
    scale, years = alt.Scale(type="utc", padding=14), alt.Axis(title=None, format="%Y", tickCount="year", grid=True)
    x = alt.X("lead_start:T", scale=scale, axis=years)
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("lead_start", op="min"))
    span = marks.encoded(
        crossed.mark_rule(strokeWidth=3, opacity=0.6),
        x=alt.X("crossed_from:T", scale=scale, axis=years),
        x2="crossed_until:T",
        y=y,
        color=marks.colour(frame),
    )
    point = marks.framework_points(crossed, frame, "!datum.is_still_sure", x=x, y=y, tooltip=marks.tips("crossings"))
    return marks.picture(span, point, height=marks.rows_of_height(30))


def agreement(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per series, the greatest share first, with its interval, on the share of the two together."""
    told = marks.rows().transform_calculate(label="datum.series_title + ': ' + datum.population")
    parts = alt.Axis(format=".0%", values=[0, 0.5, 1], grid=True)
    x = alt.X("first_share:Q", scale=alt.Scale(domain=[0, 1]), axis=parts)
    greatest_first = alt.EncodingSortField("first_share", op="max", order="descending")
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=greatest_first)
    interval = marks.encoded(
        told.transform_filter("isValid(datum.interval_low)").mark_rule(strokeWidth=1.4),
        x=marks.on_axis(x, "interval_low"),
        x2="interval_high:Q",
        y=y,
        color=marks.colour(frame),
    )
    point = marks.framework_points(told, frame, "datum.is_old", x=x, y=y, tooltip=marks.tips("agreement"))
    return marks.picture(marks.reference(0.5, x), interval, point, height=marks.rows_of_height(30))


def ways_to_count(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per way to count, from the least share to the greatest, with its interval."""
    x = alt.X("place:Q", axis=alt.Axis(title=None, labels=False, ticks=False, grid=False))
    y = marks.on_axis(marks.WHOLE_AXIS, "first_share")
    point = marks.framework_points(
        marks.rows(), frame, "!datum.is_declared", x=x, y=y, tooltip=marks.tips("ways_to_count")
    )
    color = marks.colour(frame)
    return marks.picture(marks.reference(0.5, y), marks.whiskers(x, y, color), point, height=150)
