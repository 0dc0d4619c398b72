"""A chart: the rows that it shows, and a function that draws them without calculating anything.

Adding one: a `Chart` in the `CHARTS` of a file of this folder, a new file also in `registry.py`; and its golden spec in
`tests/golden`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self

import altair as alt
import pandas as pd

from pipeline.charts import marks, theme
from pipeline.reference import COMPARED, Frameworks

Spec = dict[str, Any]

WIDTH: Final = 360
"""Pixels, axes included, where nobody says otherwise; the page sets the width of the element a chart stands in."""


@dataclass(frozen=True)
class CountsOverTime:
    """Draws one line per framework over counts: open at breaks, and where more than `gap_days` lack."""

    gap_days: int
    scale: Literal["linear", "log"] = "linear"

    def __call__(self, frame: pd.DataFrame) -> alt.LayerChart:
        """Return the picture."""
        y = alt.Y("n:Q", scale=alt.Scale(type=self.scale), axis=alt.Axis(tickCount=5, labelExpr=marks.COUNT_LABEL))
        seen = marks.neighbours(self.gap_days)
        if self.scale == "log":
            # Nought has no place on such an axis, and would take the axis away from all others; the table has it.
            seen = seen.transform_filter("datum.n > 0")
        lines = marks.line(marks.year_axis(frame), y, marks.colour(frame), chart=seen)
        return marks.picture(*marks.break_rules(frame), lines, height=320)


@dataclass(frozen=True, kw_only=True)
class SharesOverTime:
    """Draws one line per framework over shares: open at breaks, with points and intervals."""

    height: int
    reaches: Literal["share", "bound_high"] = "share"
    """The column whose values the axis holds, and every interval."""
    has_bounds: bool = False
    """Whether the worst-case bounds of each share lie behind it."""
    has_tie: bool = False
    """Whether the axis is that of a share of two, with a line at a half."""
    is_inked: bool = False
    """Whether all is drawn in ink, being no framework's figure."""

    def __call__(self, frame: pd.DataFrame) -> alt.LayerChart:
        """Return the picture."""
        x, color = marks.year_axis(frame), alt.value(theme.INK.light) if self.is_inked else marks.colour(frame)
        y = marks.WHOLE_AXIS if self.has_tie else marks.on_axis(marks.share_axis(frame, self.reaches), "share")
        behind = [marks.bound_ranges(x, y)] if self.has_bounds else []
        behind += [marks.reference(0.5, y)] if self.has_tie else []
        if self.is_inked:
            points = marks.ink_points(color, x=x, y=y, tooltip=list(marks.SHARE_TIPS))
        else:
            tooltip = [marks.FRAMEWORK_TIP, *marks.SHARE_TIPS]
            points = marks.framework_points(marks.rows(), frame, marks.HOLLOW, x=x, y=y, tooltip=tooltip)
        lines = marks.line(x, y, color), marks.whiskers(x, y, color), points
        return marks.picture(*behind, *marks.break_rules(frame), *lines, height=self.height)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One figure of the page.

    `panel` names the columns whose values split the figure into small multiples; each of them is drawn by the same
    spec from its own rows, on axes that span all of them. A chart without any is one panel.
    """

    name: str = ""
    """That of its series unless given."""
    title: str
    """Here and in `caption`, `{first}` and `{second}` stand for the titles of the two frameworks that are compared."""
    section: str
    view: str = "adoption"
    series: str = ""
    """The one series whose figures it shows; empty where it shows several, or none."""
    where: Mapping[str, object] = field(default_factory=dict)
    frameworks: Literal["placed", "first six", "all"] = "placed"
    """Which frameworks are shown: those with a place in the registry, the first six of them, or all in the view."""
    order_by: tuple[str, ...] = ("framework", "population", "period_start")
    draw: Callable[[pd.DataFrame], marks.Drawing]
    caption: str
    """How to read it, in one or two sentences whose lines are joined; a screen reader says it before the table."""
    marked_if: str | None = None
    """The column without whose value a row has no mark; a framework with none is not in the key."""
    panel: tuple[str, ...] = ()
    panels_first: tuple[str, ...] = ()
    """Values of the first panel column that come before all others, in this order; the others follow by name."""
    is_over_time: bool = True
    """Whether rows are figures of adoption in periods, with breaks and a newest one; else the key names colours."""
    caveats: tuple[str, ...] = ()
    """Limits of the picture that a reader might overlook."""

    @property
    def is_dense(self) -> bool:
        """Whether no row is marked, being too many: the page then shows the values at the pointer's place in time."""
        return isinstance(self.draw, CountsOverTime)

    def of(self, known: Frameworks) -> Self:
        """Return the chart with its name, and with the rows and the words that the registry of frameworks gives it."""
        chosen = {"placed": known.placed, "first six": known.placed[:6]}.get(self.frameworks)
        given = {"series_id": self.series, "framework": chosen}
        first, second = map(known.title, COMPARED)
        return replace(
            self,
            name=self.name or self.series.replace(".", "_"),
            where={**self.where, **{column: wanted for column, wanted in given.items() if wanted}},
            title=self.title.format(first=first, second=second),
            caption=" ".join(self.caption.split()).format(first=first, second=second),
        )


def spec_of(chart: Chart, frame: pd.DataFrame, *, is_checked: bool = True) -> Spec:
    """Return the Vega-Lite spec of `chart` for the axes and colours of `frame`, without the rows themselves.

    It is `WIDTH` wide, axes included, carries its own description, and is equal for equal frames. With
    `is_checked` it was checked against Vega-Lite's schema, which costs more than drawing: tests do, the page does not.
    """
    drawing = chart.draw(frame).properties(
        width=WIDTH,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        description=f"{chart.title}. {chart.caption}",
    )
    spec: Spec = drawing.to_dict(validate=is_checked)
    spec["config"] = theme.vega_config()
    return spec
