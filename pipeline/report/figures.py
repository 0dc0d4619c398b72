"""A chart and its rows made ready for the template: panels with their keys, breaks, and the lines below the picture."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from pipeline.charts import theme
from pipeline.charts.chart import Chart
from pipeline.claims.wording import Row
from pipeline.report.footnotes import Footnote
from pipeline.warehouse.staging import literal

_FEW_PANELS: Final = 3


class Break(NamedTuple):
    """One cut of a series: where, why, and for whom."""

    starts_on: str
    """ISO date of the first day after the cut."""
    reason: str
    populations: tuple[str, ...]
    """Populations that are named as cut here."""
    is_common: bool
    """Whether every population that has no cuts of its own is cut here too."""
    others: frozenset[str]
    """Populations with cuts of their own that are not named here."""
    label: str = ""
    """Its number in the picture."""

    @property
    def holders(self) -> str:
        """Whom it holds for, in words; empty for everybody."""
        return "" if self.is_common else ", ".join(self.populations)

    def holds_for(self, population: str) -> bool:
        """Return whether figures of `population` are cut here."""
        return population in self.populations or (self.is_common and population not in self.others)

    def is_in(self, rows: pd.DataFrame, population: str) -> bool:
        """Return whether it cuts `population`, after the first period of `rows` and not after the start of the last."""
        first, last = str(rows["period_start"].min())[:10], str(rows["period_start"].max())[:10]
        return self.holds_for(population) and first < self.starts_on <= last


class KeyRow(NamedTuple):
    """One framework in one panel: its entry in the key, with its newest row where the chart is over time."""

    framework: str
    title: str
    newest: Row = None


class Panel(NamedTuple):
    """One small multiple: the places of its rows among the chart's, its key, and the breaks drawn in it."""

    label: str
    first: int
    end: int
    key: list[KeyRow]
    breaks: list[Break]


class Figure(NamedTuple):
    """Everything the template shows of one chart."""

    chart: Chart
    frame: pd.DataFrame
    panels: list[Panel]
    footnotes: Sequence[Footnote]
    breaks: list[Break]

    @property
    def grid(self) -> str:
        """The layout class of the panels: one, two or many; a key of several rows needs the room of two."""
        is_narrow = len(self.panels) > _FEW_PANELS and all(len(panel.key) <= 1 for panel in self.panels)
        return "many" if is_narrow else "two" if len(self.panels) > 1 else "one"

    @property
    def has_figures(self) -> bool:
        """Whether the key shows newest figures, or only which colour is which."""
        return self.chart.is_over_time and any(panel.key for panel in self.panels)

    @property
    def query(self) -> str:
        """The SQL that gives exactly the rows of the chart, ready for the `query` command."""
        conditions = " and ".join(
            f"{column} in ({', '.join(map(_literal, value))})"
            if isinstance(value, tuple | list)
            else f"{column} = {_literal(value)}"
            for column, value in self.chart.where.items()
        )
        where = f" where {conditions}" if conditions else ""
        return f"from {self.chart.view}{where} order by {', '.join(self.chart.order_by)}"


def figure_of(
    chart: Chart, frame: pd.DataFrame, segments: pd.DataFrame, footnotes: Sequence[Footnote], titles: Mapping[str, str]
) -> Figure:
    """Return `chart` with its rows, each panel's together, and what stands below them."""
    frame = _panels_together(chart, frame)
    breaks = breaks_within(segments, frame) if chart.is_over_time else []
    panels = list(_panels(chart, frame, breaks, titles))
    return Figure(chart=chart, frame=frame, panels=panels, footnotes=footnotes, breaks=breaks)


def breaks_within(segments: pd.DataFrame, frame: pd.DataFrame) -> list[Break]:
    """Return the cuts of `segments` (rows of series_breaks) that part figures of `frame`, oldest first.

    They are numbered from 1 in that order. One break_id is one cut, however many populations it is listed for.
    """
    mine = segments[segments["series_id"].isin(frame["series_id"])]
    populations = list(frame.groupby("population"))
    cuts = [cut for cut in _cuts(mine) if any(cut.is_in(rows, str(name)) for name, rows in populations)]
    return [cut._replace(label=str(place)) for place, cut in enumerate(cuts, start=1)]


def _cuts(segments: pd.DataFrame) -> Iterator[Break]:
    """Yield each distinct cut, the openings of the series among them, by day and identifier."""
    named = frozenset(segments["population"].dropna())
    days = segments["starts_on"].astype(str).str[:10]
    for (day, _), rows in segments.groupby([days, "break_id"], sort=True):
        own = tuple(sorted(rows["population"].dropna()))
        yield Break(
            starts_on=str(day),
            reason=str(rows["reason"].iloc[0]),
            populations=own,
            is_common=bool(rows["population"].isna().any()),
            others=named.difference(own),
        )


def _panels_together(chart: Chart, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `frame` with those of one panel next to each other, panels in the chart's order."""
    if not chart.panel:
        return frame
    place = {name: index for index, name in enumerate(chart.panels_first)}
    keys = [
        (place.get(str(first), len(place)), str(first), *map(str, others))
        for first, *others in frame[list(chart.panel)].itertuples(index=False)
    ]
    return frame.iloc[sorted(range(len(frame)), key=keys.__getitem__)].reset_index(drop=True)


def _panels(chart: Chart, frame: pd.DataFrame, breaks: list[Break], titles: Mapping[str, str]) -> Iterator[Panel]:
    """Yield the panels of `frame`, whose rows stand as `_panels_together` puts them."""
    if not chart.panel:
        yield Panel("", 0, len(frame), list(_key(chart, frame, titles)), breaks)
        return
    # A column with one value for all panels is no part of their labels.
    varying = [len(chart.panel) == 1 or len(set(frame[column])) > 1 for column in chart.panel]
    first = 0
    for names, rows in frame.groupby(list(chart.panel), sort=False):
        label = ", ".join(str(name) for name, is_varying in zip(names, varying, strict=True) if is_varying)
        inside = [each for each in breaks if each.is_in(rows, str(names[0]))]
        yield Panel(label, first, first + len(rows), list(_key(chart, rows, titles)), inside)
        first += len(rows)


def _key(chart: Chart, rows: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[KeyRow]:
    marked = rows if chart.marked_if is None else rows[rows[chart.marked_if].notna()]
    if not chart.is_over_time:
        yield from (KeyRow(name, titles.get(name, name)) for name in theme.in_order(marked["framework"]))
        return
    newest = marked.sort_values("period_end", kind="stable").drop_duplicates(["framework", "population"], keep="last")
    by_framework: dict[str, list[Row]] = defaultdict(list)
    for row in newest.sort_values("population").itertuples():
        by_framework[str(row.framework)].append(row)
    for framework in theme.in_order(by_framework):
        title, series = titles.get(framework, framework), by_framework[framework]
        for row in series:
            yield KeyRow(framework, title if len(series) == 1 else f"{title} · {row.population}", row)


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int | float) else literal(value)
