"""The views behind the page, each read once, and the charts, tables and sentences filled from them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from pipeline.charts.chart import Chart
from pipeline.charts.registry import sections
from pipeline.claims.claim import View
from pipeline.claims.headlines import NARROW_SHARE_FRACTION, conclusions, over_all
from pipeline.claims.ledger import in_words, reviews, tally_table
from pipeline.claims.wording import short_day
from pipeline.metrics.read import read_dictionary, read_view
from pipeline.reference import COMPARED, known_frameworks
from pipeline.reference.lists import read_lists
from pipeline.reference.toml_file import read_toml
from pipeline.report import tables
from pipeline.report.answers import answers_of
from pipeline.report.figures import Figure, figure_of
from pipeline.report.first_screen import pictures
from pipeline.report.footnotes import Footnote, machine_footnotes, series_footnotes, source_footnotes, trust_footnotes
from pipeline.report.template import sample_behind
from pipeline.settings import Settings

_CODE: Final = {"series_id": "papers.code_own_framework"}
_TABLES: Final[Mapping[str, tuple[str, Mapping[str, object], tuple[str, ...]]]] = {
    "agreement": ("source_agreement", {}, ("source_id", "series_id")),
    "claim_frame": ("claim_frame", {}, ("topic", "name")),
    "clustered": ("clustered_shares", _CODE | {"framework": COMPARED}, ("cluster_by", "period_start", "n")),
    "composition": ("composition_changes", _CODE, ("second_start", "grouping", "state")),
    "corrections": ("detector_corrected_shares", {}, ("label_set", "estimand", "framework", "method")),
    "moves": ("publication_changes", {}, ()),
    "release_studies": ("release_studies", {"is_control": False}, ("happened_on", "series_id", "quantity")),
    "scores": ("detector_scores", {"is_told": True}, ("label_set", "framework")),
    "tool_states": ("tool_states", {}, ("place", "kind", "tool")),
}
"""The tables that show rows of a view as they are: the view, which rows, in which order."""


class Reading:
    """The published figures as the page needs them; opened on one release and read only."""

    def __init__(self, published_file: Path) -> None:
        """Read the views that many figures share.

        Raises:
            BadInput: nothing was published yet, or the file is damaged.
        """
        self._published_file = published_file
        self._frames: dict[str, pd.DataFrame] = {}
        self._dictionary = read_dictionary(published_file)
        self._health = self.view("source_health", order_by=("title",))
        self._series = self.view("series")
        self._segments = self.view("series_breaks", order_by=("series_id", "starts_on"))
        frameworks = self.view("frameworks", order_by=("framework",))
        self.titles = known_frameworks().titles | dict(zip(frameworks["framework"], frameworks["title"], strict=True))
        self._comments = {entry.name: entry.comment for entry in self._dictionary}

    def view(self, name: str, where: Mapping[str, object] | None = None, order_by: Sequence[str] = ()) -> pd.DataFrame:
        """Return rows of one view, chosen and ordered as `read_view` does; the view itself is read once."""
        if name not in self._frames:
            self._frames[name] = read_view(self._published_file, name)
            flags = self._frames[name].select_dtypes("boolean")
            # Before a column was there, it says neither yes nor no; `pd.NA` may not stand in a condition.
            self._frames[name][flags.columns] = flags.astype("object").where(flags.notna(), None)
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

    def words(self, figures: Sequence[Figure]) -> dict[str, object]:
        """Return everything but the pictures, by the names that the template gives it."""
        topics = read_lists(Settings().reference_folder).headline
        said, speaking = conclusions(self.view, topics), tables.rows_of(self.view("headline_shares", {"place": 1}))
        run, checks = tables.newest_run(self.view("run_history"), self.view("check_results"))
        claims = self.view("claims", order_by=("claim_id",))
        history = self.view("claim_history", order_by=("decided_on", "claim_id"))
        here = {"is_imported": False}
        answers = answers_of(self.of_machine, self.titles, self._elsewhere())
        special_order = ("probe_name", "measure", "threads_count", "framework", "mode")
        roofline_order = ("case_name", "size", "dtype", "framework", "mode")
        return {
            "sections": [
                (section, [each for each in figures if each.chart in section.charts]) for section in sections()
            ],
            "conclusions": said,
            "narrow_share_fraction": NARROW_SHARE_FRACTION,
            "over_all": over_all(said, {topic.id: topic.short for topic in topics}),
            "speaking": dict.fromkeys(topic.id for topic in topics) | {row.headline_id: row for row in speaking},
            "debate": read_toml(Settings().reference_folder / "debate.toml"),
            **{name: tables.rows_of(self.view(*chosen)) for name, chosen in _TABLES.items()},
            "pictures": pictures(self.view, topics, said, figures),
            "summary_strip": tables.summary_strip(
                self.view("two_way_newest", order_by=("series_id", "population_rank")),
                [str(each.chart.where["series_id"]) for each in figures if "series_id" in each.chart.where],
            ),
            "newest_run": run,
            "checks": checks,
            "health": tables.rows_of(self._health),
            "special_measurements": tables.special_measurements(self.view("special_measurements", here, special_order)),
            "answers": answers,
            "is_measured": not self.view("machines").empty,
            "claims": tables.rows_of(claims),
            "claims_words": in_words(claims),
            "claim_changes": tables.rows_of(history[history["verdict_before"].notna()]),
            "claim_reviews": reviews(claims, history),
            "claim_tally": tally_table(self.view("claim_tally", order_by=("verdict", "favours"))),
            "roofline": tables.rows_of(self.of_machine("roofline", roofline_order)),
            "not_compared": tables.not_compared(self.view("performance", here)),
            "dictionary": list(tables.dictionary(self._dictionary)),
        }

    def behind(self) -> dict[str, dict[str, object]]:
        """Return a sample of the rows behind each series that a view holds one by one."""
        entries: dict[str, Any] = read_toml(Settings().reference_folder / "behind.toml")
        return {
            name: sample_behind(rows, entry)
            for name, entry in entries.items()
            if len(rows := self.view(entry["view"], entry["where"]))
        }

    def of_machine(self, name: str, order_by: Sequence[str] = ()) -> pd.DataFrame:
        """Return the rows of a view that belong to the machine here on which frameworks were compared last."""
        newest = self.view("performance_tally", {"machine_rank": 1, "is_imported": False})["machine_id"]
        return self.view(name, {"machine_id": tuple(newest.drop_duplicates())}, order_by)

    def _elsewhere(self) -> Iterator[tuple[str, View]]:
        """Yield other machines, that with most comparisons first, by name and day, with what gives rows of a view."""
        ranks = self.view("performance_tally").groupby("machine_id")["machine_rank"].min()
        others = self.view("machines", {"is_imported": True}, ("newest_run_at", "machine_id"))[::-1]
        for row in others.sort_values("machine_id", key=lambda ids: ids.map(ranks), kind="stable").itertuples():
            threads = json.loads(str(row.settings))["threads_count"]
            place = f"{row.title}, {threads} thread{'s' * (threads > 1)}, {short_day(row.newest_run_at)}"
            yield place, partial(self.view, where={"machine_id": row.machine_id})

    def _footnotes(self, chart: Chart, frame: pd.DataFrame) -> Iterator[Footnote]:
        if chart.is_over_time:
            yield from series_footnotes(self._series, self._health, frame)
        elif "series_id" in chart.where or "machine_id" not in frame:
            yield from source_footnotes(self._series, self._health, frame)
        else:
            yield from machine_footnotes(self.view("machines"), frame, self.titles)
        if chart.view == "performance":
            yield from trust_footnotes(self.view, frame, self.titles)
        comment = self._comments[chart.view]
        yield Footnote("Defined in", f"The view `{chart.view}`. {comment}", is_definition=True)
