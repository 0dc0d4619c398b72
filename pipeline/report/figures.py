"""A chart and its rows made ready for the template: panels, keys, and everything that must stand below the picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from pipeline.charts import theme
from pipeline.charts.base import Chart
from pipeline.claims.base import Row
from pipeline.claims.wording import count, interval, is_known, percent, period
from pipeline.report.breaks import Break, breaks_within
from pipeline.report.facts import Fact

_FEW_PANELS: Final = 3


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """One framework in one panel: its entry in the legend, with its newest figure where the chart is over time."""

    framework: str
    title: str
    shape: str
    figure: str = ""
    interval: str = ""
    counted: str = ""
    when: str = ""

    @property
    def grounds(self) -> str:
        """Interval, n of base and period in one line."""
        return ", ".join(filter(None, (self.interval, self.counted, self.when)))


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One small multiple: the places of its rows among the chart's, its key, and the breaks drawn in it."""

    label: str
    first: int
    end: int
    key: tuple[KeyRow, ...]
    breaks: tuple[Break, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Everything the template shows of one chart."""

    chart: Chart
    frame: pd.DataFrame
    panels: tuple[Panel, ...]
    facts: tuple[Fact, ...]
    breaks: tuple[Break, ...]
    query: str

    @property
    def grid(self) -> str:
        """The layout class of the panels: one, two or many."""
        return "many" if len(self.panels) > _FEW_PANELS else "two" if len(self.panels) > 1 else "one"

    @property
    def has_figures(self) -> bool:
        """Whether the key tells newest figures, or only which colour is which."""
        return any(row.figure for panel in self.panels for row in panel.key)


def figure_of(
    chart: Chart, frame: pd.DataFrame, segments: pd.DataFrame, facts: Sequence[Fact], titles: Mapping[str, str]
) -> Figure:
    """Return `chart` with its rows, each panel's together, and what stands below them."""
    frame = _panels_in_order(chart, frame)
    breaks = breaks_within(segments, frame) if chart.is_over_time else ()
    return Figure(
        chart=chart,
        frame=frame,
        panels=tuple(_panels(chart, frame, breaks, titles)),
        facts=tuple(facts),
        breaks=breaks,
        query=query_of(chart),
    )


def query_of(chart: Chart) -> str:
    """Return the SQL that gives exactly the rows of `chart`, ready for the `query` command."""
    conditions = " and ".join(_condition(column, value) for column, value in chart.where.items())
    return f"from {chart.view}{' where ' if conditions else ''}{conditions} order by {', '.join(chart.order_by)}"


def _panels_in_order(chart: Chart, frame: pd.DataFrame) -> pd.DataFrame:
    if chart.panel is None:
        return frame
    place = {name: index for index, name in enumerate(chart.panels_first)}
    rank = frame[chart.panel].map(lambda name: (place.get(name, len(place)), str(name)))
    return frame.iloc[sorted(range(len(frame)), key=lambda row: rank.iloc[row])].reset_index(drop=True)


def _condition(column: str, value: object) -> str:
    if isinstance(value, tuple | list):
        return f"{column} in ({', '.join(_literal(each) for each in value)})"
    return f"{column} = {_literal(value)}"


def _literal(value: object) -> str:
    text = str(value).replace("'", "''")
    return str(value).lower() if isinstance(value, bool | int | float) else f"'{text}'"


def _panels(chart: Chart, frame: pd.DataFrame, breaks: Sequence[Break], titles: Mapping[str, str]) -> Iterator[Panel]:
    if chart.panel is None:
        key = tuple(_key(chart, frame, titles))
        yield Panel(label="", first=0, end=len(frame), key=key, breaks=tuple(breaks))
        return
    first = 0
    for label, rows in frame.groupby(chart.panel, sort=False):
        end = first + len(rows)
        start, last = rows["period_start"].min() if breaks else None, rows["period_start"].max() if breaks else None
        inside = tuple(each for each in breaks if each.holds_for(str(label)) and each.is_between(start, last))
        yield Panel(label=str(label), first=first, end=end, key=tuple(_key(chart, rows, titles)), breaks=inside)
        first = end


def _key(chart: Chart, rows: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[KeyRow]:
    for framework in theme.in_order(rows[chart.key].tolist()):
        own = rows[rows[chart.key] == framework]
        title, shape = titles.get(framework, framework), theme.mark_of(framework).shape
        if not chart.is_over_time:
            yield KeyRow(framework=framework, title=title, shape=shape)
            continue
        for population, series in own.groupby("population", sort=True):
            name = title if (own["population"] == population).all() else f"{title} · {population}"
            yield _newest(framework, name, shape, series)


def _newest(framework: str, title: str, shape: str, series: pd.DataFrame) -> KeyRow:
    row: Row = next(series.sort_values("period_end").tail(1).itertuples())
    has_share = is_known(row.share)
    counted = f"{count(row.n)} of {count(row.base)}" if is_known(row.base) else "n and base not published"
    return KeyRow(
        framework=framework,
        title=title,
        shape=shape,
        figure=percent(row.share) if has_share else count(row.n),
        interval=interval(row.interval_low, row.interval_high) if has_share else "",
        counted=counted if has_share else "",
        when=f"{period(row.period_start, row.period_end)}{', preliminary' if row.is_preliminary else ''}",
    )
