"""The first screen: one small picture per pictured topic, its frameworks as marks with intervals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.claims.claim import Conclusion, View
from pipeline.claims.performance import by_mode
from pipeline.claims.wording import Row, amount, count, interval, is_known, percent, period, short_day
from pipeline.reference.lists import HeadlineEntry
from pipeline.report.figures import Figure


class Mark(NamedTuple):
    """One framework's figure, its place and interval as fractions of the picture's scale."""

    framework: str
    figure: str
    spread: str
    """The 95 % interval in words, or in how many cases it is sure; empty where there is neither."""
    at: float
    low: float | None = None
    high: float | None = None


class Picture(NamedTuple):
    """One topic: what is said of it, its marks, what was counted, and the section that tells more."""

    conclusion: Conclusion
    address: str
    marks: tuple[Mark, ...]
    """All on file; the page shows the first three, or those that the reader chooses."""
    counted: str
    """Of whom or what, how many, and when."""


def pictures(
    view: View, topics: Iterable[HeadlineEntry], said: Iterable[Conclusion], figures: Sequence[Figure]
) -> list[Picture]:
    """Return a picture for each topic that has one by the registry of headlines, in its order."""
    conclusions = {each.headline_id: each for each in said}
    charts = {str(each.chart.where.get("series_id")): each.chart.name for each in reversed(figures) if len(each.frame)}
    return [
        _of_series(view, conclusions[topic.id], charts) if topic.series else _of_machine(view, conclusions[topic.id])
        for topic in topics
        if topic.is_pictured
    ]


def _of_series(view: View, said: Conclusion, charts: Mapping[str, str]) -> Picture:
    rows: list[Row] = list(view("headline_shares", {"headline_id": said.headline_id}, ("place",)).itertuples())
    chart, counted = charts.get(said.series_id), ""
    for row in rows[:1]:
        whom = "" if row.population == "all" else f": {row.population}"
        base = f", of {count(row.base)}" if is_known(row.base) else ""
        counted = f"{row.series_title}{whom}{base}, {period(row.period_start, row.period_end)}"
    return Picture(
        conclusion=said,
        address=f"#figure-{chart}" if chart else "#answers",
        marks=tuple(_marks(rows)),
        counted=counted,
    )


def _marks(rows: Sequence[Row]) -> Iterator[Mark]:
    """Yield the marks on one scale, from nought to the greatest figure or end of an interval."""
    has_share = all(is_known(row.share) for row in rows)
    values = [row.share if has_share else row.n for row in rows]
    ends = [row.interval_high for row in rows if has_share and is_known(row.interval_high)]
    scale = max([*values, *ends], default=1.0)
    for row, value in zip(rows, values, strict=True):
        has_interval = has_share and is_known(row.interval_low)
        yield Mark(
            framework=row.framework,
            figure=percent(value) if has_share else amount(value),
            spread=interval(row.interval_low, row.interval_high) if has_interval else "",
            at=value / scale,
            low=row.interval_low / scale if has_interval else None,
            high=row.interval_high / scale if has_interval else None,
        )


def _of_machine(view: View, said: Conclusion) -> Picture:
    """Return in how many cases each framework has the shortest step, in the mode of most comparisons."""
    frame = view("fastest", {"machine_rank": 1}, ("device", "mode", "place"))
    rows = max(by_mode(frame), key=lambda rows: (rows[0].compared_count, len(rows)), default=[])
    return Picture(
        conclusion=said,
        address="#performance",
        marks=tuple(
            Mark(
                framework=row.framework,
                figure=f"{count(row.shortest_count)} of {count(row.compared_count)}",
                spread=f"surely in {count(row.surely_count)}",
                at=row.shortest_count / row.compared_count,
            )
            for row in rows
        ),
        counted=(
            f"Cases with the shortest step, {rows[0].mode}: {rows[0].machine_title}, {short_day(rows[0].measured_at)}"
            if rows
            else ""
        ),
    )
