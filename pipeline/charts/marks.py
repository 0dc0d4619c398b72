"""The parts of charts: axes, joined lines, points, whiskers, ranges, break rules.

A line joins rows of one `break_id` only, and neighbours only; a preliminary row is hollow; an absent
interval has no whisker; an absent row is absent.
"""

from pathlib import Path
from typing import Any, Final, TypeVar

import altair as alt
import pandas as pd
from pydantic import RootModel

from pipeline.charts import theme
from pipeline.reference.toml_file import Words, read_toml, validated

Drawing = alt.Chart | alt.LayerChart
ROWS: Final = alt.NamedData("rows")
"""The chart's own rows; the page, and a test, supply them under this name."""
BREAKS: Final = alt.NamedData("breaks")
"""Where a new segment of the series starts (`starts_on`, `label`); the page supplies them, and none is allowed."""
PERIOD: Final = "period_start"
COUNT_LABEL: Final = "replace(format(datum.value, '~s'), 'G', 'bn')"
HOLLOW: Final = "datum.is_preliminary"
UNDECIDED: Final = "datum.verdict != 'faster' && datum.verdict != 'slower'"
_TIPS_FILE: Final = Path(__file__).with_name("tips.toml")
_TIPS: Final = validated(_TIPS_FILE, RootModel[dict[str, dict[str, Words]]], read_toml(_TIPS_FILE)).root
Axis = TypeVar("Axis", alt.X, alt.Y)
Channel = Any
"""Whatever Vega-Lite takes in one channel, such as a colour for each framework or one for all."""
RATIO_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
QUARTERS: Final = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
WHOLE_AXIS: Final = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=QUARTERS)
NAME_AXIS: Final = alt.Axis(grid=False, labelLimit=195, labelPadding=8)
TWO_LINES_AXIS: Final = alt.Axis(grid=False, labelPadding=8, labelLimit=195, labelExpr="split(datum.value, ': ')")
CEILINGS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def year_axis(frame: pd.DataFrame) -> alt.X:
    """Return time in UTC over all periods of `frame`, one tick per year: 2020 stands at 2020 in every time zone."""
    first, last = _ends(frame)
    years = [_moment(start) for start in pd.date_range(first, last, freq="YS")]
    return alt.X(f"{PERIOD}:T", scale=time_scale(frame), axis=alt.Axis(format="%Y", values=years))


def time_scale(frame: pd.DataFrame) -> alt.Scale:
    """Return the scale from the first to the last period start of `frame`, so that panels share one time axis."""
    return alt.Scale(type="utc", domain=[_moment(end) for end in _ends(frame)], padding=14)


def _ends(frame: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last period start; any two where there is none, since an axis needs some."""
    if frame.empty:
        return pd.Timestamp(2018, 1, 1), pd.Timestamp(2025, 1, 1)
    return pd.Timestamp(frame[PERIOD].min()), pd.Timestamp(frame[PERIOD].max())


def _moment(when: pd.Timestamp) -> int:
    """Return milliseconds since 1970 in UTC: the one form of a moment that no time zone moves."""
    return int(when.tz_localize("UTC").timestamp() * 1000)


def share_axis(frame: pd.DataFrame, column: str = "share") -> alt.Y:
    """Return a share axis from zero to the first round ceiling above every share and interval of `frame`."""
    tops = frame[[column, "interval_high"]].max().max() if len(frame) else 1.0
    ceiling = next((step for step in CEILINGS if tops <= step), 1.0)
    return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, ceiling]), axis=alt.Axis(format=".0%"))


def ratio_axis(frame: pd.DataFrame) -> alt.X:
    """Return a logarithmic axis of ratios that holds every interval of `frame`, and one with a step on either side."""
    ends = [*frame["ratio_low"].dropna(), *frame["ratio_high"].dropna(), 0.5, 2]
    low = max((step for step in RATIO_STEPS if step <= min(ends)), default=RATIO_STEPS[0])
    high = min((step for step in RATIO_STEPS if step >= max(ends)), default=RATIO_STEPS[-1])
    ticks = [step for step in RATIO_STEPS if low <= step <= high]
    scale = alt.Scale(type="log", domain=[low, high], clamp=True)
    return alt.X(
        "ratio:Q",
        scale=scale,
        axis=alt.Axis(values=ticks, labelExpr="format(datum.value, '~g') + '×'", labelSeparation=9, grid=True),
    )


def colour(frame: pd.DataFrame) -> alt.Color:
    """Return the fixed colour of each framework that occurs in `frame`."""
    return alt.Color("framework:N", scale=_ink_scale(frame), sort=theme.in_order([*frame["framework"]]), legend=None)


def tips(*lists: str) -> list[alt.Tooltip]:
    """Return what is shown of a mark under the pointer, by these lists of `tips.toml`."""
    told = (entry for name in lists for entry in _TIPS[name].items())
    names = ("title", "format")
    return [alt.Tooltip(column, **dict[str, Any](zip(names, words, strict=False))) for column, words in told]


def on_axis(axis: Axis, column: str) -> Axis:
    """Return `axis` for another column, so that marks of one panel share one scale."""
    other: Axis = axis.copy()
    other["shorthand"] = f"{column}:Q"
    return other


def rows() -> alt.Chart:
    """Return an unmarked chart of the rows, to be marked and encoded."""
    return alt.Chart(ROWS)


def encoded(marked: alt.Chart, **channels: Channel) -> alt.Chart:
    """Return `marked` with its columns on the given channels."""
    chart: alt.Chart = marked.encode(**channels)
    return chart


def picture(*layers: Drawing, height: int | alt.Step) -> alt.LayerChart:
    """Return `layers`, the last on top, over the chart's rows; `height` is in pixels, axis excluded, or a row's."""
    return alt.LayerChart(data=ROWS, layer=list(layers), height=height)


def rows_of_height(pixels: int) -> alt.Step:
    """Return a height for charts of named rows: so many pixels per row, however many frameworks stand in it."""
    return alt.Step(pixels, **{"for": "position"})


def neighbours(days: int) -> alt.Chart:
    """Return the rows with `stretch`: it goes up wherever two rows of one framework lie more than `days` days apart.

    Used as line detail, it keeps a line from crossing periods that nobody saw.
    """
    group, by_moment = ["framework", "population", "break_id"], alt.SortField("moment", order="ascending")
    return (
        rows()
        .transform_calculate(moment=f"toDate(datum.{PERIOD})")
        .transform_window(previous="lag(moment)", sort=[by_moment], groupby=group)
        .transform_calculate(apart=f"datum.previous && datum.moment - datum.previous > {days} * 86400000 ? 1 : 0")
        .transform_window(stretch="sum(apart)", sort=[by_moment], groupby=group, frame=[None, 0])
    )


def is_before_newest(frame: pd.DataFrame) -> str:
    """Return the expression that holds for rows of any period but the newest of `frame`."""
    return f"toDate(datum.{PERIOD}) < {_moment(_ends(frame)[1])}"


def line(x: alt.X, y: alt.Y, color: Channel, *, chart: alt.Chart | None = None) -> alt.Chart:
    """Return lines that join rows of one framework, population, break and, where `chart` has it, stretch.

    A row without neighbours is a dot.
    """
    detail = ["break_id:N", "population:N"] if chart is None else ["break_id:N", "population:N", "stretch:N"]
    marked = (chart or rows()).mark_line(strokeWidth=2, strokeJoin="round", strokeCap="round")
    return encoded(marked, x=x, y=y, color=color, detail=detail)


def framework_points(chart: alt.Chart, frame: pd.DataFrame, hollow: str, **channels: Channel) -> alt.Chart:
    """Return one point per row of `chart` in its framework's colour and shape; hollow where the expression holds."""
    scale = _ink_scale(frame)
    filled = alt.Fill("framework:N", scale=scale, legend=None)
    shapes = alt.Scale(domain=scale.domain, range=[theme.mark_of(name).shape for name in scale.domain])
    return encoded(
        chart.mark_point(size=48, strokeWidth=1.8, opacity=1),
        stroke=alt.Stroke("framework:N", scale=scale, legend=None),
        fill=alt.condition(hollow, alt.value(theme.PAPER.light), filled),
        shape=alt.Shape("framework:N", scale=shapes, legend=None),
        **channels,
    )


def ink_points(ink: Channel, **channels: Channel) -> alt.Chart:
    """Return one point per row in one colour for all; hollow where the row is preliminary."""
    fill = alt.condition(HOLLOW, alt.value(theme.PAPER.light), ink)
    return encoded(rows().mark_point(size=42, strokeWidth=1.6, opacity=1), stroke=ink, fill=fill, **channels)


def whiskers(x: alt.X, y: alt.Y, color: Channel) -> alt.Chart:
    """Return the interval of each row that has one."""
    known = rows().transform_filter("isValid(datum.interval_low) && isValid(datum.interval_high)")
    marked = known.mark_rule(strokeWidth=1.4, opacity=0.8)
    return encoded(marked, x=x, y=on_axis(y, "interval_low"), y2="interval_high:Q", color=color)


def bound_ranges(x: alt.X, y: alt.Y) -> alt.Chart:
    """Return the worst-case bounds of each row that has them, as a pale range behind everything else."""
    known = rows().transform_filter("isValid(datum.bound_low) && isValid(datum.bound_high)")
    marked = known.mark_rule(strokeWidth=9, color=theme.RANGE.light)
    return encoded(marked, x=x, y=on_axis(y, "bound_low"), y2="bound_high:Q")


def reference(value: float, axis: alt.X | alt.Y) -> alt.Chart:
    """Return a thin rule at `value` of `axis`: a half, or a ratio of one."""
    marked = alt.Chart(alt.InlineData(values=[{"at": value}])).mark_rule(color=theme.AXIS.light, strokeWidth=1)
    if isinstance(axis, alt.X):
        return encoded(marked, x=on_axis(axis, "at"))
    return encoded(marked, y=on_axis(axis, "at"))


def margin_band(x: alt.X) -> alt.Chart:
    """Return the range of ratios that are too near to one to be called different, behind everything else."""
    margin = (
        rows()
        .transform_aggregate(margin="max(margin_fraction)")
        .transform_filter("isValid(datum.margin)")
        .transform_calculate(margin_low="1 / (1 + datum.margin)", margin_high="1 + datum.margin")
    )
    marked = margin.mark_rect(color=theme.RANGE.light)
    return encoded(marked, x=on_axis(x, "margin_low"), x2="margin_high:Q")


def break_rules(frame: pd.DataFrame) -> list[alt.LayerChart]:
    """Return a dashed rule and a number where the series starts a new segment; its reason stands below the figure.

    Where all of `frame` is one segment there is nothing to draw, and every panel is the cheaper for it.
    """
    if len(set(frame["break_id"])) <= 1:
        return []
    x = alt.X("starts_on:T", scale=time_scale(frame))
    layer = [encoded(alt.Chart(BREAKS).mark_rule(color=theme.BREAK.light, strokeDash=[2, 3]), x=x)]
    # The even numbers stand lower, so that those of neighbouring breaks do not meet.
    for remainder, top in ((1, 0), (0, 12)):
        some = alt.Chart(BREAKS).transform_filter(f"datum.label % 2 == {remainder}")
        marked = some.mark_text(baseline="top", align="left", dx=4, color=theme.MUTED.light, fontSize=10.5)
        layer.append(encoded(marked, x=x, y=alt.value(top), text="label:N"))
    return [alt.LayerChart(layer=layer)]


def _ink_scale(frame: pd.DataFrame) -> alt.Scale:
    drawn, names = theme.marks(), theme.in_order(frame["framework"].tolist())
    return alt.Scale(domain=names, range=[drawn.get(name, theme.UNLISTED).ink.light for name in names])
