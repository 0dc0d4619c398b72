"""Forms of many charts: one line per framework over counts, or over shares with points and intervals."""

from abc import ABC, abstractmethod
from typing import Literal

import altair as alt
import pandas as pd
from pydantic import StrictBool, StrictInt

from pipeline.charts import marks, theme
from pipeline.records.record import Closed


class Form(Closed, ABC):
    """A drawing whose parameters a chart's entry gives; its fields are those parameters."""

    @abstractmethod
    def __call__(self, frame: pd.DataFrame) -> marks.Drawing:
        """Return the picture of the rows of `frame`."""


class CountsOverTime(Form):
    """Draws one line per framework over counts: open at breaks, and where more than `gap_days` lack."""

    gap_days: StrictInt
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


class SharesOverTime(Form):
    """Draws one line per framework over shares: open at breaks, with points and intervals."""

    height: StrictInt
    reaches: Literal["share", "bound_high"] = "share"
    """The column whose values the axis holds, and every interval."""
    has_bounds: StrictBool = False
    """Whether the worst-case bounds of each share lie behind it."""
    has_tie: StrictBool = False
    """Whether the axis is that of a share of two, with a line at a half."""
    is_inked: StrictBool = False
    """Whether all is drawn in ink, being no framework's figure."""

    def __call__(self, frame: pd.DataFrame) -> alt.LayerChart:
        """Return the picture."""
        x, color = marks.year_axis(frame), alt.value(theme.INK.light) if self.is_inked else marks.colour(frame)
        y = marks.WHOLE_AXIS if self.has_tie else marks.on_axis(marks.share_axis(frame, self.reaches), "share")
        behind = [marks.bound_ranges(x, y)] if self.has_bounds else []
        behind += [marks.reference(0.5, y)] if self.has_tie else []
        if self.is_inked:
            points = marks.ink_points(color, x=x, y=y, tooltip=marks.tips("shares"))
        else:
            tooltip = marks.tips("framework", "shares")
            points = marks.framework_points(marks.rows(), frame, marks.HOLLOW, x=x, y=y, tooltip=tooltip)
        lines = marks.line(x, y, color), marks.whiskers(x, y, color), points
        return marks.picture(*behind, *marks.break_rules(frame), *lines, height=self.height)
