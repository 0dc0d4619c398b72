"""The views behind the page, each read once, and the charts and statements filled from them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipeline.charts.chart import Chart
from pipeline.claims.claim import Conclusion
from pipeline.claims.registry import STATEMENTS
from pipeline.metrics.dictionary import read_dictionary
from pipeline.metrics.read import read_view
from pipeline.reference import known_frameworks
from pipeline.report.figures import Figure, figure_of
from pipeline.report.footnotes import Footnote, machine_footnotes, series_footnotes, source_footnotes
from pipeline.report.trust import trust_footnotes


class Reading:
    """The published figures as the page needs them; opened on one release and read only."""

    def __init__(self, published_file: Path) -> None:
        """Read the views that many figures share.

        Raises:
            BadInput: nothing was published yet, or the file is damaged.
        """
        self._published_file = published_file
        self._frames: dict[str, pd.DataFrame] = {}
        self.dictionary = read_dictionary(published_file)
        self.health = self.view("source_health", order_by=("title",))
        self._series = self.view("series")
        self._segments = self.view("series_breaks", order_by=("series_id", "starts_on"))
        frameworks = self.view("frameworks", order_by=("framework",))
        self.titles = known_frameworks().titles | dict(zip(frameworks["framework"], frameworks["title"], strict=True))
        self._comments = {entry.name: entry.comment for entry in self.dictionary}

    def view(self, name: str, where: Mapping[str, object] | None = None, order_by: Sequence[str] = ()) -> pd.DataFrame:
        """Return rows of one view, chosen and ordered as `read_view` does; the view itself is read once.

        Several views are costly to compute, and most figures are cut from the same few.
        """
        if name not in self._frames:
            self._frames[name] = read_view(self._published_file, name)
        frame = self._frames[name]
        for column, wanted in (where or {}).items():
            frame = frame[frame[column].isin(wanted if isinstance(wanted, tuple) else (wanted,))]
        if order_by:
            frame = frame.sort_values(list(order_by), kind="stable")
        return frame.reset_index(drop=True)

    def figure(self, chart: Chart) -> Figure:
        """Return `chart` with its rows and what stands below it."""
        frame = self.view(chart.view, chart.where, chart.order_by)
        return figure_of(chart, frame, self._segments, tuple(self._footnotes(chart, frame)), self.titles)

    def conclusions(self) -> list[tuple[str, Conclusion]]:
        """Return every statement's topic and its conclusion."""
        return [
            (statement.topic, statement.say(self.view(statement.view, statement.where, statement.order_by)))
            for statement in STATEMENTS
        ]

    def of_machine(self, name: str) -> pd.DataFrame:
        """Return the rows of a view that belong to the machine on which frameworks were compared last."""
        newest = self.view("performance_tally", {"machine_rank": 1})["machine_id"]
        return self.view(name, {"machine_id": tuple(newest.drop_duplicates())})

    def _footnotes(self, chart: Chart, frame: pd.DataFrame) -> Iterator[Footnote]:
        if chart.is_over_time:
            yield from series_footnotes(self._series, self.health, frame)
        elif "series_id" in chart.where:
            yield from source_footnotes(self._series, self.health, frame)
        else:
            yield from machine_footnotes(self.view("machines"), frame, self.titles)
        if chart.view == "performance":
            yield from trust_footnotes(self.view, frame, self.titles)
        comment = self._comments[chart.view]
        yield Footnote(term="Defined in", text=f"The view `{chart.view}`. {comment}", is_definition=True)
