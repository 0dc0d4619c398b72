"""A chart: the rows that it shows, and a function that draws them without calculating anything.

Adding one: a file in this folder with a `CHART`, a line in `registry.py`, and its golden spec in `tests/golden`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

import altair as alt
import pandas as pd

from pipeline.charts import theme
from pipeline.reference import COMPARED, Frameworks

Drawing = alt.Chart | alt.LayerChart
Spec = dict[str, Any]

ROWS: Final = alt.NamedData("rows")
"""The chart's own rows; the page, and a test, supply them under this name."""
BREAKS: Final = alt.NamedData("breaks")
"""Where a new segment of the series starts (`starts_on`, `label`); the page supplies them, and none is allowed."""

WIDTH: Final = 360
"""Pixels, axes included, where nobody says otherwise; the page sets the width of the element a chart stands in."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One figure of the page.

    `panel` names the columns whose values split the figure into small multiples; each of them is drawn by the same
    spec from its own rows, on axes that span all of them. A chart without any is one panel.
    """

    name: str
    title: str
    """Here and in `caption`, `{first}` and `{second}` stand for the titles of the two frameworks that are compared."""
    section: str
    view: str = "adoption"
    where: Mapping[str, object]
    frameworks: Literal["placed", "first six", "all"] = "placed"
    """Which frameworks are shown: those with a place in the registry, the first six of them, or all in the view."""
    order_by: tuple[str, ...] = ("framework", "population", "period_start")
    draw: Callable[[pd.DataFrame], Drawing]
    caption: str
    """How to read it, in one or two sentences; also what a screen reader says before the table."""
    marked_if: str | None = None
    """The column without whose value a row has no mark; a framework with none is not in the key."""
    panel: tuple[str, ...] = ()
    panels_first: tuple[str, ...] = ()
    """Values of the first panel column that come before all others, in this order; the others follow by name."""
    is_dense: bool = False
    """Whether there are too many rows to mark each: the page then shows the values at the pointer's place in time."""
    is_over_time: bool = True
    """Whether rows are figures of adoption in periods, with breaks and a newest one; else the key names colours."""
    caveats: tuple[str, ...] = ()
    """Limits of the picture that a reader might overlook."""

    def for_frameworks(self, known: Frameworks) -> Self:
        """Return the chart with the rows and the words that the registry of frameworks gives it."""
        chosen = {"placed": known.placed, "first six": known.placed[:6]}.get(self.frameworks)
        first, second = map(known.title, COMPARED)
        return replace(
            self,
            where={**self.where, "framework": chosen} if chosen else self.where,
            title=self.title.format(first=first, second=second),
            caption=self.caption.format(first=first, second=second),
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
