"""GitHub's Innovation Graph: developers who push to repositories with a framework's topic, by economy and quarter."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Fields, Importer
from pipeline.archive.raw_text import count_of, meaning_of, text_rows
from pipeline.records import PeriodCount
from pipeline.reference import known_frameworks

_ECONOMIES = {
    "CA": "Canada", "CN": "China", "DE": "Germany", "FR": "France", "GB": "United Kingdom",
    "HK": "Hong Kong", "IN": "India", "IT": "Italy", "JP": "Japan", "KR": "South Korea", "RU": "Russia",
    "SG": "Singapore", "US": "United States",
}  # fmt: skip
_SUMS = {"EU"}
"""Rows that add up those members that have at least 100 developers: neither unique developers nor a whole."""
_RELEASED_ON = date(2026, 1, 27)


def _pushers(path: Path) -> Iterator[Fields]:
    """Yield one count per economy, quarter and framework whose topic is published; what is absent is below 100.

    A framework with several topics has the one of its own name: a developer may push to several.
    """
    words = known_frameworks().words_for("github_new_repositories")
    topics = {topic: framework for framework, (topic, *_) in words.items()}
    for year_text, quarter, topic, code, developers in text_rows(
        path, ("year", "quarter", "topic", "iso2_code", "num_pushers")
    ):
        if topic not in topics or code in _SUMS:
            continue
        year, month = count_of(path, "year", year_text), 3 * count_of(path, "quarter", quarter)
        yield {
            "measure": "developers",
            "subject": f"{meaning_of(path, 'economy', _ECONOMIES, code)}: {topic}",
            "framework": topics[topic],
            "period_start": date(year, month - 2, 1),
            "period_end": date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1),
            "observed_on": _RELEASED_ON,
            "items_count": count_of(path, "num_pushers", developers),
        }


IMPORTER = Importer(
    source_id="github_innovation_graph",
    raw_folder="github_innovation_graph",
    files=(ArchiveFile("topic_pushers.csv", PeriodCount, "topic_pushers_quarterly.csv", _pushers),),
)
