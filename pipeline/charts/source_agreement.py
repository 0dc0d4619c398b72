"""Where the sources agree: one framework against the other in the newest period of each series."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
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
    tooltip = [
        alt.Tooltip("framework:N", title="Leads"),
        alt.Tooltip("period_end:N", title="Period ends"),
        alt.Tooltip("first_share:Q", title="Share of the two", format=".1%"),
        alt.Tooltip("interval_low:Q", title="Interval from", format=".1%"),
        alt.Tooltip("interval_high:Q", title="Interval to", format=".1%"),
        alt.Tooltip("movement:N", title="Movement"),
        alt.Tooltip("bias_direction:N", title="Its bias"),
    ]
    point = marks.framework_points(told, frame, "datum.age_days > 730", x=x, y=y, tooltip=tooltip)
    return marks.picture(marks.reference(0.5, x), interval, point, height=marks.rows_of_height(30))


CHART = Chart(
    title="{first}’s part of the two, source by source",
    section="firmness",
    view="source_agreement",
    where={},
    frameworks="all",
    order_by=("series_id",),
    draw=draw,
    is_over_time=False,
    caption=(
        "Each mark is the newest figure of one series in its largest population: {first} as a part of {first} and "
        "{second} together, with its 95 % interval where it is a sample. Colour: who surely leads. Hollow: older than "
        "two years. The table says which way each moves, which way its bias points, and who leads in the other sources "
        "if this one is left out."
    ),
    caveats=("The series count different things, so no average of them is made.",),
)
