"""A chart's rows cut into small multiples, each with its key, its newest figures and its breaks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.charts import theme
from pipeline.charts.chart import Chart
from pipeline.claims.wording import Row, count, interval, is_known, percent, period
from pipeline.report.breaks import Break


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


def panels_together(chart: Chart, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `frame` with those of one panel next to each other, panels in the chart's order."""
    if not chart.panel:
        return frame
    place = {name: index for index, name in enumerate(chart.panels_first)}
    keys = [
        (place.get(str(first), len(place)), str(first), *map(str, others))
        for first, *others in frame[list(chart.panel)].itertuples(index=False)
    ]
    return frame.iloc[sorted(range(len(frame)), key=keys.__getitem__)].reset_index(drop=True)


def panels_of(chart: Chart, frame: pd.DataFrame, breaks: Sequence[Break], titles: Mapping[str, str]) -> Iterator[Panel]:
    """Yield the panels of `frame`, whose rows stand as `panels_together` puts them."""
    if not chart.panel:
        key = tuple(_key(chart, frame, titles))
        yield Panel(label="", first=0, end=len(frame), key=key, breaks=tuple(breaks))
        return
    # A column with one value for all panels is no part of their labels.
    varying = [column for column in chart.panel if (frame[column] != frame[column].iloc[0]).any()] if len(frame) else []
    first = 0
    for names, rows in frame.groupby(list(chart.panel), sort=False):
        end = first + len(rows)
        label = ", ".join(
            str(name) for column, name in zip(chart.panel, names, strict=True) if column in varying or len(names) == 1
        )
        inside = tuple(each for each in breaks if each.is_in(rows, str(names[0])))
        yield Panel(label=label, first=first, end=end, key=tuple(_key(chart, rows, titles)), breaks=inside)
        first = end


def _key(chart: Chart, rows: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[KeyRow]:
    marked = rows if chart.marked_if is None else rows[rows[chart.marked_if].notna()]
    for framework in theme.in_order(marked["framework"].tolist()):
        own = marked[marked["framework"] == framework]
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
