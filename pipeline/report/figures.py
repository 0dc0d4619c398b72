"""A chart and its rows made ready for the template: panels, and everything that must stand below the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pipeline.charts.chart import Chart
from pipeline.report.breaks import Break, breaks_within
from pipeline.report.footnotes import Footnote
from pipeline.report.panels import Panel, panels_of, panels_together

_FEW_PANELS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Everything the template shows of one chart."""

    chart: Chart
    frame: pd.DataFrame
    panels: tuple[Panel, ...]
    footnotes: tuple[Footnote, ...]
    breaks: tuple[Break, ...]
    query: str

    @property
    def grid(self) -> str:
        """The layout class of the panels: one, two or many."""
        return "many" if len(self.panels) > _FEW_PANELS else "two" if len(self.panels) > 1 else "one"

    @property
    def has_figures(self) -> bool:
        """Whether the key shows newest figures, or only which colour is which."""
        return any(row.figure for panel in self.panels for row in panel.key)


def figure_of(
    chart: Chart, frame: pd.DataFrame, segments: pd.DataFrame, footnotes: Sequence[Footnote], titles: Mapping[str, str]
) -> Figure:
    """Return `chart` with its rows, each panel's together, and what stands below them."""
    frame = panels_together(chart, frame)
    breaks = breaks_within(segments, frame) if chart.is_over_time else ()
    return Figure(
        chart=chart,
        frame=frame,
        panels=tuple(panels_of(chart, frame, breaks, titles)),
        footnotes=tuple(footnotes),
        breaks=breaks,
        query=query_of(chart),
    )


def query_of(chart: Chart) -> str:
    """Return the SQL that gives exactly the rows of `chart`, ready for the `query` command."""
    conditions = " and ".join(_condition(column, value) for column, value in chart.where.items())
    return f"from {chart.view}{' where ' if conditions else ''}{conditions} order by {', '.join(chart.order_by)}"


def _condition(column: str, value: object) -> str:
    if isinstance(value, tuple | list):
        return f"{column} in ({', '.join(_literal(each) for each in value)})"
    return f"{column} = {_literal(value)}"


def _literal(value: object) -> str:
    text = str(value).replace("'", "''")
    return str(value).lower() if isinstance(value, bool | int | float) else f"'{text}'"
