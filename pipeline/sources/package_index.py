"""Top PyPI packages: the published list of the most downloaded packages, one for each calendar month.

State of late 2026: the publisher's own workflow writes a list on the first day of a month, about the month before, and
tags it with the year and month, so that every list stays at an address of its own; a month without a list answers 404.
A package that is not on a list had at most the list's smallest count. Lists up to April 2026 are shipped, and those of
that year are asked for again.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, DownloadList, DownloadWindow, Record, Reject
from pipeline.reference import known_frameworks
from pipeline.sources.source import Source, entry_of, months, read_rows

NAME = "package_index"
_ADDRESS = "https://raw.githubusercontent.com/hugovk/top-pypi-packages"
_NOT_OUT = 404
_ORIGIN = "ClickHouse"
_COUNTING_SYSTEM = f"{_ORIGIN}, all installers"


class _Package(Wire):
    project: str
    download_count: int


class _List(Wire):
    last_update: str
    source: str
    rows: list[_Package]
    total_rows: int


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    url = f"{_ADDRESS}/{window.starts_on:%Y.%m}/top-pypi-packages.min.json"
    yield Request(url=url, content_types=TEXT_TYPES, accepted_statuses=(200, _NOT_OUT))


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.provenance.status == _NOT_OUT:
        return
    found, stamp = json_of(page, _List), page.stamp(NAME)
    made_on, packages_count = datetime.fromisoformat(found.last_update).date(), len(found.rows)
    is_whole = (found.source, found.total_rows) == (_ORIGIN, packages_count)
    if not is_whole or f"/{made_on:%Y.%m}/" not in page.request.url:
        raise LayoutChanged(f"{page.address} is of {made_on} by {found.source}; look at how it was counted.")
    end = made_on.replace(day=1) - timedelta(days=1)
    families = {package.name for _, package in known_frameworks().packages("pypi", summed=True)}

    def window(package: _Package) -> Iterator[Record]:
        yield DownloadWindow(
            package=package.project,
            client_scope="all clients",
            window_start=end.replace(day=1),
            window_end=end,
            downloads_count=package.download_count,
            counting_system=_COUNTING_SYSTEM,
            **stamp,
        )

    ours = [each for each in found.rows if each.project in families]
    yield from read_rows(page, NAME, ours, window, lambda each: each.project)
    counted = {"packages_count": packages_count, "cutoff_count": min(each.download_count for each in found.rows)}
    yield DownloadList.model_validate({"window_end": end, "counting_system": _COUNTING_SYSTEM, **counted, **stamp})


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(DownloadWindow, DownloadList),
    # The list of a month is made on its first day.
    windows=lambda today: months(date(2026, 1, 1), today - timedelta(days=1)),
    starts=_starts,
    parse=_parse,
)
