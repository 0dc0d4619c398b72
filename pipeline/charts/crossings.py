"""When one framework passed the other: the span in which the lead changed hands, series by series."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per series and population, the earliest first: a span, with the first sure lead at its end."""
    crossed = (
        marks.rows()
        .transform_filter("isValid(datum.other_led_until)")
        .transform_calculate(label="datum.series_title + ': ' + datum.population")
    )
    scale, years = alt.Scale(type="utc", padding=14), alt.Axis(title=None, format="%Y", tickCount="year", grid=True)
    x = alt.X("lead_start:T", scale=scale, axis=years)
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("lead_start", op="min"))
    span = marks.encoded(
        crossed.mark_rule(strokeWidth=3, opacity=0.6),
        x=alt.X("other_led_until:T", scale=scale, axis=years),
        x2="lead_start:T",
        y=y,
        color=marks.colour(frame),
    )
    tooltip = [
        alt.Tooltip("framework:N", title="Leads now"),
        alt.Tooltip("other_led_until:T", title="The other led until"),
        alt.Tooltip("lead_start:T", title="Leads surely since"),
        alt.Tooltip("undecided_count:Q", title="Periods undecided between"),
        alt.Tooltip("crossings_count:Q", title="Changes of the lead"),
    ]
    point = marks.framework_points(crossed, frame, "!datum.is_still_sure", x=x, y=y, tooltip=tooltip)
    return marks.picture(span, point, height=marks.rows_of_height(30))


CHART = Chart(
    title="When {first} and {second} changed places",
    section="firmness",
    view="crossings",
    where={"is_compared_pair": True, "has_crossing": True},
    frameworks="all",
    order_by=("lead_start", "series_id", "population"),
    draw=draw,
    is_over_time=False,
    caption=(
        "Each line spans the days between which the lead changed hands for the last time in that series: from the end "
        "of the last period in which the other surely led to the mark, the first period with a sure lead of the one "
        "in colour. Hollow: the newest period of the series gives no sure lead any more."
    ),
    caveats=(
        "Only within one segment: where a series was cut, a change of places across the cut is not told.",
        "Series without a line either never changed places while they were counted, or have no sure lead.",
    ),
)
