"""Step time of each framework over the reference's, case by case, one panel per mode; here and on other machines."""

from dataclasses import replace

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart

LABEL = "replace(datum.case_name, /_/g, ' ') + ', ' + datum.size"
TIPS = (
    marks.FRAMEWORK_TIP,
    alt.Tooltip("case_name:N", title="Case"),
    alt.Tooltip("workload:N", title="Size"),
    alt.Tooltip("ratio:Q", title="Ratio", format=".2f"),
    alt.Tooltip("ratio_low:Q", title="Interval from", format=".2f"),
    alt.Tooltip("ratio_high:Q", title="Interval to", format=".2f"),
    alt.Tooltip("verdict:N", title="Verdict"),
    alt.Tooltip("samples_count:Q", title="Samples"),
)


def _draw_ratios(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw the ratios with their intervals on a logarithmic axis, over the margin inside which none is told apart."""
    x = marks.ratio_axis(frame)
    # What is computed at which size, every one in the frame: panels have the same rows.
    cases = zip(frame["case_name"], frame["size"], strict=True)
    names = sorted({f"{str(name).replace('_', ' ')}, {size}" for name, size in cases})
    y = alt.Y("label:N", scale=alt.Scale(domain=names), axis=marks.NAME_AXIS)
    row = {"y": y, "yOffset": alt.YOffset("framework:N")}
    ratios = marks.rows().transform_calculate(label=LABEL).transform_filter("isValid(datum.ratio)")
    whisker = marks.encoded(
        ratios.mark_rule(strokeWidth=1.6, opacity=0.8),
        x=marks.on_axis(x, "ratio_low"),
        x2="ratio_high:Q",
        color=marks.colour(frame),
        **row,
    )
    point = marks.framework_points(ratios, frame, marks.UNDECIDED, x=x, tooltip=list(TIPS), **row)
    return marks.picture(marks.margin_band(x), marks.reference(1, x), whisker, point, height=marks.rows_of_height(30))


_RATIOS = Chart(
    name="performance_ratios",
    title="Step time against {first}’s, case by case",
    section="performance",
    view="performance",
    where={"outcome": "measured", "is_imported": False},
    frameworks="all",
    order_by=("mode", "machine_id", "case_name", "size", "framework"),
    draw=_draw_ratios,
    panel=("mode", "device", "machine_id"),
    panels_first=("eager", "compiled"),
    is_over_time=False,
    marked_if="ratio",
    caption="""Each mark is a framework’s median step time over {first}’s in the same mode, with its 95 % interval:
            right of the line is slower, left is faster, on a logarithmic axis. Inside the pale band a difference is too
            small to call. A hollow mark: the same, no difference shown, or a side was not stable.""",
    caveats=(
        "What TensorFlow compiles through XLA is compared with what PyTorch compiles.",
        "Small cases time the call more than the arithmetic.",
        "Other hardware, versions and sizes give other ratios.",
    ),
)
CHARTS = (
    _RATIOS,
    replace(
        _RATIOS,
        name="performance_elsewhere",
        title="The same on other machines",
        where={"outcome": "measured", "is_imported": True},
        order_by=("machine_title", "mode", "machine_id", "case_name", "size", "framework"),
        panel=("machine_title", "mode", "device"),
        panels_first=(),
        caption="""As above, from results that were imported. Each mark is a framework’s median step time over {first}’s
            on that machine, in the same mode, with its 95 % interval; a hollow mark: no difference shown, or not
            stable.""",
        caveats=("Nothing here was measured on this machine; threads, versions and devices are that machine’s own.",),
    ),
)
