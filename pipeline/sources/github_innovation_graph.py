"""GitHub's Innovation Graph: developers who push to repositories with a framework's topic, by economy and quarter.

State of late 2026: one file holds every quarter since 2020 and grows four times a year. An economy with fewer than 100
developers is left out, and `EU` adds up those of its members that are there: neither unique developers nor a whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import csv_rows
from pipeline.records import PeriodCount, Record
from pipeline.reference import known_frameworks
from pipeline.sources.source import entry_of, monthly

NAME = "github_innovation_graph"
_ADDRESS = "https://raw.githubusercontent.com/github/innovationgraph/main/data"
_ECONOMIES = {
    "CA": "Canada", "CN": "China", "DE": "Germany", "FR": "France", "GB": "United Kingdom",
    "HK": "Hong Kong", "IN": "India", "IT": "Italy", "JP": "Japan", "KR": "South Korea", "RU": "Russia",
    "SG": "Singapore", "US": "United States",
}  # fmt: skip


def pushers(rows: Iterable[Sequence[str]], observed_on: date) -> Iterator[dict[str, object]]:
    """Yield the fields of each count of a framework's topic; of its several topics the one of its own name counts.

    A cell that is no number and an economy that has no name here end it with one of `ODD_VALUES`.
    """
    words = known_frameworks().words_for("github_new_repositories")
    topics = {topic: framework for framework, (topic, *_) in words.items()}
    for year_text, quarter, topic, code, developers in rows:
        if topic in topics and code != "EU":
            year, month = int(year_text), 3 * int(quarter)
            yield {
                "measure": "developers",
                "subject": f"{_ECONOMIES[code]}: {topic}",
                "framework": topics[topic],
                "period_start": date(year, month - 2, 1),
                "period_end": date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1),
                "observed_on": observed_on,
                "items_count": int(developers),
            }


def _parse(page: Page) -> Iterator[Record]:
    # The head of the file names no topic of a framework, and is passed over like the rows of other topics.
    for fields in pushers(csv_rows(page, page.open()), page.provenance.seen_at.date()):
        yield PeriodCount.model_validate(fields | page.stamp(NAME))


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=lambda _window, _has_key: [Request(url=f"{_ADDRESS}/topics.csv", content_types=TEXT_TYPES)],
    parse=_parse,
)
