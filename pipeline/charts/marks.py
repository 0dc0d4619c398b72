"""The marks that charts are put together from: axes, joined lines, points, whiskers, ranges, break rules.

What they promise: a line joins rows of one `break_id` only, and neighbours only; a preliminary row is hollow; an absent
interval has no whisker; an absent row is absent.
"""

from typing import Final

import altair as alt
import pandas as pd

from pipeline.charts import theme
from pipeline.charts.base import BREAKS, ROWS

PERIOD: Final = "period_start"
COUNT_LABEL: Final = "replace(format(datum.value, '~s'), 'G', 'bn')"
CEILINGS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def year_axis(frame: pd.DataFrame) -> alt.X:
    """Return time in UTC over all periods of `frame`, a tick a year: a figure of 2020 stands at 2020 in every time zone."""
    return alt.X(
        f"{PERIOD}:T",
        scale=time_scale(frame),
        axis=alt.Axis(format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=1)),
    )


def time_scale(frame: pd.DataFrame) -> alt.Scale:
    """Return the scale from the first to the last period start of `frame`, so that panels share one time axis."""
    if frame.empty:
        return alt.Scale(type="utc", padding=14)
    ends = (pd.Timestamp(frame[PERIOD].min()), pd.Timestamp(frame[PERIOD].max()))
    domain = [alt.DateTime(year=end.year, month=end.month, date=end.day, utc=True) for end in ends]
    return alt.Scale(type="utc", domain=domain, padding=14)


def share_axis(frame: pd.DataFrame, column: str = "share") -> alt.Y:
    """Return a share axis from zero to the first round ceiling above every share and interval of `frame`."""
    tops = frame[[column, "interval_high"]].max().max() if len(frame) else 1.0
    ceiling = next((step for step in CEILINGS if tops <= step), 1.0)
    return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, ceiling]), axis=alt.Axis(format=".0%"))


def colour(frame: pd.DataFrame) -> alt.Color:
    """Return the fixed colour of each framework that occurs in `frame`."""
    names = theme.in_order(frame["framework"].tolist())
    inks = [theme.mark_of(name).ink.light for name in names]
    return alt.Color("framework:N", scale=alt.Scale(domain=names, range=inks), sort=names, legend=None)


def shape(frame: pd.DataFrame) -> alt.Shape:
    """Return the fixed shape of each framework that occurs in `frame`."""
    names = theme.in_order(frame["framework"].tolist())
    shapes = [theme.mark_of(name).shape for name in names]
    return alt.Shape("framework:N", scale=alt.Scale(domain=names, range=shapes), legend=None)


def tooltip(value: alt.Tooltip) -> list[alt.Tooltip]:
    """Return what hovering tells: framework, population, period, `value`, interval, n and base."""
    return [
        alt.Tooltip("framework:N", title="Framework"),
        alt.Tooltip("population:N", title="Population"),
        alt.Tooltip("period_end:N", title="Period ends"),
        value,
        alt.Tooltip("interval_low:Q", title="Interval from", format=".1%"),
        alt.Tooltip("interval_high:Q", title="Interval to", format=".1%"),
        alt.Tooltip("n:Q", title="n", format=","),
        alt.Tooltip("base:Q", title="Base", format=","),
    ]


SHARE_TIP: Final = alt.Tooltip("share:Q", title="Share", format=".1%")


def on_axis(y: alt.Y, column: str) -> alt.Y:
    """Return the axis `y` for another column, so that marks of one panel share one scale."""
    other: alt.Y = y.copy()
    other["shorthand"] = f"{column}:Q"
    return other


def rows() -> alt.Chart:
    """Return an unmarked chart of the rows, to be marked and encoded."""
    return alt.Chart(ROWS)


def neighbours(days: int) -> alt.Chart:
    """Return the rows with `stretch`: it goes up wherever two rows of one framework lie more than `days` days apart.

    Used as line detail, it keeps a line from crossing periods that nobody saw.
    """
    group = ["framework", "population", "break_id"]
    return (
        rows()
        .transform_calculate(moment=f"toDate(datum.{PERIOD})")
        .transform_window(
            previous="lag(moment)", sort=[alt.SortField("moment", order="ascending")], groupby=group
        )
        .transform_calculate(apart=f"datum.previous && datum.moment - datum.previous > {days} * 86400000 ? 1 : 0")
        .transform_window(
            stretch="sum(apart)", sort=[alt.SortField("moment", order="ascending")], groupby=group, frame=[None, 0]
        )
    )


def line(x: alt.X, y: alt.Y, color: alt.Color, *, chart: alt.Chart | None = None) -> alt.Chart:
    """Return lines that join rows of the same framework, population and break only (and stretch, where `chart` has it)."""
    detail = ["break_id:N", "population:N"] if chart is None else ["break_id:N", "population:N", "stretch:N"]
    return (chart or rows()).mark_line(strokeWidth=2, strokeJoin="round").encode(x=x, y=y, color=color, detail=detail)


def points(x: alt.X, y: alt.Y, frame: pd.DataFrame, tip: alt.Tooltip = SHARE_TIP) -> alt.Chart:
    """Return one point a row: filled, or hollow where the figure is preliminary."""
    names = theme.in_order(frame["framework"].tolist())
    inks = alt.Scale(domain=names, range=[theme.mark_of(name).ink.light for name in names])
    filled = alt.Fill("framework:N", scale=inks, legend=None)
    return (
        rows()
        .mark_point(size=48, strokeWidth=1.8, opacity=1)
        .encode(
            x=x,
            y=y,
            stroke=alt.Stroke("framework:N", scale=inks, legend=None),
            fill=alt.condition("datum.is_preliminary", alt.value(theme.PAPER.light), filled),
            shape=shape(frame),
            tooltip=tooltip(tip),
        )
    )


def whiskers(x: alt.X, y: alt.Y, color: alt.Color) -> alt.Chart:
    """Return the interval of each row that has one."""
    return (
        rows()
        .transform_filter("isValid(datum.interval_low) && isValid(datum.interval_high)")
        .mark_rule(strokeWidth=1.4, opacity=0.8)
        .encode(x=x, y=on_axis(y, "interval_low"), y2="interval_high:Q", color=color)
    )


def bound_ranges(x: alt.X, y: alt.Y) -> alt.Chart:
    """Return the worst-case bounds of each row that has them, as a pale range behind everything else."""
    return (
        rows()
        .transform_filter("isValid(datum.bound_low) && isValid(datum.bound_high)")
        .mark_rule(strokeWidth=9, color=theme.RANGE.light)
        .encode(x=x, y=on_axis(y, "bound_low"), y2="bound_high:Q")
    )


def reference(value: float, *, across: str = "y") -> alt.Chart:
    """Return a thin rule at `value` of the axis `across` ("x" or "y"): a half, or a ratio of one."""
    return (
        alt.Chart(alt.InlineData(values=[{"at": value}]))
        .mark_rule(color=theme.AXIS.light, strokeWidth=1)
        .encode(**{across: alt.Y("at:Q") if across == "y" else alt.X("at:Q")})
    )


def break_rules(frame: pd.DataFrame) -> alt.LayerChart:
    """Return a dashed rule and a number where the series starts a new segment; its reason stands below the figure."""
    x = alt.X("starts_on:T", scale=time_scale(frame))
    base = alt.Chart(BREAKS)
    rule = base.mark_rule(color=theme.BREAK.light, strokeDash=[2, 3]).encode(x=x)
    number = base.mark_text(baseline="top", align="left", dx=4, color=theme.MUTED.light, fontSize=10.5).encode(
        x=x, y=alt.condition("datum.label % 2", alt.value(0), alt.value(12)), text="label:N"
    )
    return alt.layer(rule, number)
