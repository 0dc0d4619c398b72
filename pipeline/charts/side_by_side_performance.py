"""Side by side, right: step-time ratios of the same frameworks on this machine, all cases of a mode in one row."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

# A case once: the view repeats it for every population.
CASE = ("machine_id", "case_name", "size", "dtype", "device", "framework", "mode", "ratio", "verdict")
TIPS = (
    marks.FRAMEWORK_TIP,
    alt.Tooltip("case_name:N", title="Case"),
    alt.Tooltip("size:N", title="Size"),
    alt.Tooltip("mode:N", title="Mode"),
    alt.Tooltip("ratio:Q", title="Ratio", format=".2f"),
    alt.Tooltip("verdict:N", title="Verdict"),
)


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per framework and mode, one mark per case, on a logarithmic axis of ratios to the reference."""
    x = marks.ratio_axis(frame)
    ratios = (
        marks.rows()
        .transform_filter("isValid(datum.ratio)")
        .transform_aggregate(rows="count()", groupby=list(CASE))
        .transform_calculate(label="datum.framework + ', ' + datum.mode")
    )
    y = alt.Y("label:N", axis=marks.NAME_AXIS)
    point = marks.framework_points(ratios, frame, marks.UNDECIDED, x=x, y=y, tooltip=list(TIPS))
    return marks.picture(marks.reference(1, x), point, height=marks.rows_of_height(34))


CHART = Chart(
    title="Performance: step time against {first}’s",
    section="side-by-side",
    view="adoption_vs_performance",
    where={},
    frameworks="all",
    order_by=("framework", "mode", "case_name", "size"),
    draw=draw,
    is_over_time=False,
    marked_if="ratio",
    caption=(
        "Each mark is one case and size; {first} is the line at 1, left of it is faster. Hollow: the same, "
        "no difference shown, or not comparable. The cases are not averaged: no list of cases is the right one."
    ),
)
