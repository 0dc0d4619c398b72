"""Step time of each framework over the reference's, case by case, one panel per mode; here and on other machines.

And adoption and performance of the frameworks that were measured on this machine, side by side.
"""

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


SERIES = {
    "mlperf.training_entries": "MLPerf",
    "papers.code_links": "code",
    "papers.conference_mentions": "papers",
    "survey.kaggle": "Kaggle",
    "survey.stackoverflow": "SO",
}
# A population once: the view repeats it for every case that was measured.
FIGURE = ("series_id", "population", "period_end", "framework", "n", "base", "share", "is_preliminary")


def _draw_newest_shares(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per population, one mark per framework, on a plain share axis."""
    figures = (
        marks.rows()
        .transform_filter("isValid(datum.share)")
        .transform_aggregate(rows="count()", groupby=list(FIGURE))
        .transform_calculate(label=f"({SERIES})[datum.series_id] + ': ' + datum.population")
    )
    point = marks.framework_points(
        figures,
        frame,
        marks.HOLLOW,
        x=alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", grid=True, tickCount=5)),
        y=alt.Y("label:N", axis=marks.NAME_AXIS),
        yOffset=alt.YOffset("framework:N"),
        tooltip=[marks.FRAMEWORK_TIP, *(tip for tip in marks.SHARE_TIPS if tip.shorthand.split(":")[0] in FIGURE)],
    )
    return marks.picture(point, height=marks.rows_of_height(24))


# A case once: the view repeats it for every population.
CASE = ("machine_id", "case_name", "size", "dtype", "device", "framework", "mode", "ratio", "verdict")
CASE_TIPS = (
    marks.FRAMEWORK_TIP,
    alt.Tooltip("case_name:N", title="Case"),
    alt.Tooltip("size:N", title="Size"),
    alt.Tooltip("mode:N", title="Mode"),
    alt.Tooltip("ratio:Q", title="Ratio", format=".2f"),
    alt.Tooltip("verdict:N", title="Verdict"),
)


def _draw_cases(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per framework and mode, one mark per case, on a logarithmic axis of ratios to the reference."""
    x = marks.ratio_axis(frame)
    ratios = (
        marks.rows()
        .transform_filter("isValid(datum.ratio)")
        .transform_aggregate(rows="count()", groupby=list(CASE))
        .transform_calculate(label="datum.framework + ', ' + datum.mode")
    )
    y = alt.Y("label:N", axis=marks.NAME_AXIS)
    point = marks.framework_points(ratios, frame, marks.UNDECIDED, x=x, y=y, tooltip=list(CASE_TIPS))
    return marks.picture(marks.reference(1, x), point, height=marks.rows_of_height(34))


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
    Chart(
        name="side_by_side_adoption",
        title="Adoption: newest share",
        section="side-by-side",
        view="adoption_vs_performance",
        where={"series_id": tuple(SERIES)},
        frameworks="all",
        order_by=("series_id", "population", "framework"),
        draw=_draw_newest_shares,
        is_over_time=False,
        marked_if="share",
        caption="""Each row is a population at its newest period: the share of each framework that was also measured on
            this machine. Shares of different rows have different bases and do not compare with each other. SO is Stack
            Overflow’s survey.""",
    ),
    Chart(
        name="side_by_side_performance",
        title="Performance: step time against {first}’s",
        section="side-by-side",
        view="adoption_vs_performance",
        frameworks="all",
        order_by=("framework", "mode", "case_name", "size"),
        draw=_draw_cases,
        is_over_time=False,
        marked_if="ratio",
        caption="""Each mark is one case and size; {first} is the line at 1, left of it is faster. Hollow: the same, no
            difference shown, or not comparable. The cases are not averaged: no list of cases is the right one.""",
    ),
)
