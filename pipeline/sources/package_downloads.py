"""Downloads from the Python package index on each of the last 180 days, from pypistats.

State of late 2026: it allows 30 questions a minute, and answers both `with_mirrors` and `without_mirrors` rows, which
must not be added; its refusals are HTML; a day that it never got is missing for every package and is no zero. It does
not tell build machines from people.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date

from pipeline.fetch.page import HTML_TYPES, JSON_TYPES, Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, DownloadWindow, Record, Reject
from pipeline.sources.source import daily, entry_of, package_requests, read_rows

NAME = "package_downloads"
_ADDRESS = "https://pypistats.org/api/packages"
_SCOPES = {"with_mirrors": "all clients", "without_mirrors": "all clients but mirrors"}


class _Day(Wire):
    category: str
    date: str
    downloads: int


class _Answer(Wire):
    package: str
    data: list[_Day]


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    # A page of HTML says that it has no such package.
    types = JSON_TYPES + HTML_TYPES
    return package_requests("pypi", f"{_ADDRESS}/{{name}}/overall", asked=True, content_types=types)


def _parse(page: Page) -> Iterator[Record | Reject]:
    package = page.request.detail("package")
    answer = json_of(page, _Answer)
    if answer.package != package:
        yield Reject.of(page.stamp(NAME), package, ValueError(f"the answer is about {answer.package}"))
        return
    # The service has sent some rows twice. Two that differ both stay, for their reader to refuse.
    days = list(dict.fromkeys(answer.data))
    repeated = {name for name, count in Counter(map(_name, days)).items() if count > 1}
    yield from read_rows(page, NAME, days, lambda each: _of_day(page, package, each, repeated), _name)


def _name(each: _Day) -> str:
    return f"{each.category} {each.date}"


def _of_day(page: Page, package: str, row: _Day, repeated: Collection[str]) -> Iterator[Record]:
    if _name(row) in repeated:
        raise ValueError("the day is there twice with different counts")
    if row.category not in _SCOPES:
        raise ValueError(f"{row.category!r} is no known group of clients")
    on = date.fromisoformat(row.date)
    yield DownloadWindow(
        package=package,
        client_scope=_SCOPES[row.category],
        window_start=on,
        window_end=on,
        downloads_count=row.downloads,
        counting_system="pypistats",
        **page.stamp(NAME),
    )


SOURCE = daily(
    **entry_of(NAME, _ADDRESS),
    records=(DownloadWindow,),
    starts=_starts,
    page_info=lambda page: PageInfo(keys=tuple(map(_name, json_of(page, _Answer).data))),
    parse=_parse,
)
