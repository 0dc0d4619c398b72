"""MLPerf Training: which frameworks the entries of each round name, in the repository of the round's results.

State of late 2026: a round bears the number of its half-year, v6.0 the first of 2026. An entry is a folder
`<submitter>/results/<system>/<benchmark>`, the framework a free field of `<submitter>/systems/<system>.json`. From v6.0
on it names wrappers: one that no rule resolves is unresolved, and a system without such a file names none.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import JSON_TYPES, TEXT_TYPES, Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, CompetitionSystem, Record, Reject
from pipeline.reference.lists import label_set
from pipeline.sources.source import entry_of, monthly, read_rows

NAME = "mlperf_training"
RAW = "https://raw.githubusercontent.com/mlcommons"
NOT_OUT = 404
_ADDRESS = "https://api.github.com/repos/mlcommons"
_TREE = f"{_ADDRESS}/training_results_v{{}}/git/trees/HEAD?recursive=1"
_BENCHMARK = re.compile(r"(?m)^([^/\n]+)/results/([^/\n]+)/[^/\n]+$")


class _Entry(Wire):
    path: str
    type: str


class _Tree(Wire):
    tree: list[_Entry]
    truncated: bool


class _System(Wire):
    framework: str | None = None


def requests_of(window: CollectWindow, shipped: float, *addresses: str) -> Iterator[Request]:
    """Yield a question to each address, whose `{}` stands for the number, about every round after the shipped ones."""
    for year, half in product(range(window.starts_on.year - 2019), (0, 1)):
        yield from (_request(each.format(f"{year}.{half}")) for each in addresses if year + half / 10 > shipped)


def _request(url: str, *about: tuple[str, str]) -> Request:
    return Request(url=url, content_types=JSON_TYPES + TEXT_TYPES, accepted_statuses=(200, NOT_OUT), about=about)


def round_of(page: Page) -> dict[str, Any]:
    """Return the fields of a record that say which round a page is of."""
    number = page.request.url.partition("_results_v")[2].partition("/")[0]
    return {"round": f"v{number}", "round_year": 2020 + int(float(number))}


def _systems(page: Page) -> Iterator[Request]:
    """Yield the question for each system of a round that is out, with the number of its entries."""
    if page.request.about or page.provenance.status == NOT_OUT:
        return
    files = json_of(page, _Tree)
    entries = Counter(_BENCHMARK.findall("\n".join(each.path for each in files.tree if each.type == "tree")))
    if files.truncated or not entries:
        raise LayoutChanged(f"{page.address} lists {len(entries)} systems, cut short or elsewhere; look at the round.")
    folder = f"{RAW}/training_results_{round_of(page)['round']}/HEAD"
    for (submitter, system), count in sorted(entries.items()):
        about = ("system", f"{submitter}/{system}"), ("entries", str(count))
        yield _request(f"{folder}/{submitter}/systems/{system}.json", *about)


def _parse(page: Page) -> Iterator[Record | Reject]:
    asked, is_lost = dict(page.request.about), page.provenance.status == NOT_OUT

    def read(system: str) -> Iterator[Record]:
        yield CompetitionSystem(
            competition="MLPerf Training",
            system=system,
            label_set=label_set(NAME, None if is_lost else json_of(page, _System).framework),
            entries_count=int(asked["entries"]),
            **round_of(page),
            **page.stamp(NAME),
        )

    yield from read_rows(page, NAME, [asked["system"]] if asked else [], read, name=str)


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS, RAW),
    records=(CompetitionSystem,),
    starts=lambda window, _has_key: requests_of(window, 5.1, _TREE),
    details=_systems,
    parse=_parse,
)
