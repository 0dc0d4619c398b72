"""Step time of each framework over the reference's, case by case, one panel per mode; here and on other machines.

And adoption and performance of the frameworks that were measured on this machine, side by side.
"""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.over_time import Form
from pipeline.reference.toml_file import Text

LABEL = "replace(datum.case_name, /_/g, ' ') + ', ' + datum.size"


def step_time_ratios(frame: pd.DataFrame) -> alt.LayerChart:
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
    point = marks.framework_points(
        ratios, frame, marks.UNDECIDED, x=x, tooltip=marks.tips("framework", "step_time_ratios"), **row
    )
    return marks.picture(marks.margin_band(x), marks.reference(1, x), whisker, point, height=marks.rows_of_height(30))


# A population once: the view repeats it for every case that was measured.
FIGURE = ("series_id", "population", "period_end", "framework", "n", "base", "share", "is_preliminary")


class NewestShares(Form):
    """Draws one row per population, one mark per framework, on a plain share axis."""

    series: dict[str, Text]
    """The series whose figures are shown, and what each is called in the rows."""

    def __call__(self, frame: pd.DataFrame) -> alt.LayerChart:
        """Return the picture."""
        figures = (
            marks.rows()
            .transform_filter("isValid(datum.share)")
            .transform_aggregate(rows="count()", groupby=list(FIGURE))
            .transform_calculate(label=f"({self.series})[datum.series_id] + ': ' + datum.population")
        )
        point = marks.framework_points(
            figures,
            frame,
            marks.HOLLOW,
            x=alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", grid=True, tickCount=5)),
            y=alt.Y("label:N", axis=marks.NAME_AXIS),
            yOffset=alt.YOffset("framework:N"),
            tooltip=marks.tips("framework", "newest_shares"),
        )
        return marks.picture(point, height=marks.rows_of_height(24))


# A case once: the view repeats it for every population.
CASE = ("machine_id", "case_name", "size", "dtype", "device", "framework", "mode", "ratio", "verdict")


def cases(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per framework and mode, one mark per case, on a logarithmic axis of ratios to the reference."""
    x = marks.ratio_axis(frame)
    ratios = (
        marks.rows()
        .transform_filter("isValid(datum.ratio)")
        .transform_aggregate(rows="count()", groupby=list(CASE))
        .transform_calculate(label="datum.framework + ', ' + datum.mode")
    )
    y = alt.Y("label:N", axis=marks.NAME_AXIS)
    point = marks.framework_points(ratios, frame, marks.UNDECIDED, x=x, y=y, tooltip=marks.tips("framework", "cases"))
    return marks.picture(marks.reference(1, x), point, height=marks.rows_of_height(34))
