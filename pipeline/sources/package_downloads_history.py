"""Downloads from the Python package index by whole months, from ClickHouse's public copy of its logs.

State of late 2026: it answers SQL of the user `play` without a password, and keeps the installer of each download, so
that programs that copy the index are told apart. It does not tell build machines from people. A month with a day that
was never logged is no month. A question that takes the service too long is answered with the part that was read, as if
it were all: so each month is asked for in two of its tables, which must agree.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from string import Template

from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, DownloadWindow, Record
from pipeline.reference import known_frameworks
from pipeline.sources.source import daily, entry_of, read_rows

NAME = "package_downloads_history"
_ADDRESS = "https://clickpy-clickhouse.clickhouse.com"
# On one line, as it was always asked. The installers in it are those that copy the whole index. Numbers travel as text:
# whether the service quotes large ones is a setting that strangers may not change.
_QUESTION = Template(" ".join(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split()))
_TABLES_DIFFER_FRACTION = 0.01


class _Month(Wire):
    month: str
    days_count: str
    all_count: str
    mirrors_count: str
    whole_count: str


class _Answer(Wire):
    data: list[_Month]
    rows: int


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for _, package in known_frameworks().packages("pypi", asked=True):
        params = (("user", "play"), ("query", _QUESTION.substitute(package=package.name)))
        yield Request(url=f"{_ADDRESS}/", params=params, about=(("package", package.name),))


def _of_month(page: Page, row: _Month) -> Iterator[Record]:
    first = date.fromisoformat(row.month)
    days_count = monthrange(first.year, first.month)[1]
    if int(row.days_count) != days_count:
        raise ValueError(f"{row.days_count} of {days_count} days are there; a missing day is no zero")
    all_count, whole_count = int(row.all_count), int(row.whole_count)
    if abs(all_count - whole_count) > _TABLES_DIFFER_FRACTION * whole_count:
        raise ValueError(f"one table has {all_count} downloads and the other {whole_count}: not all was read")
    counts = {"all installers": all_count, "all installers but mirrors": all_count - int(row.mirrors_count)}
    for scope, downloads_count in counts.items():
        yield DownloadWindow(
            package=page.request.detail("package"),
            client_scope=scope,
            window_start=first,
            window_end=first + timedelta(days=days_count - 1),
            downloads_count=downloads_count,
            counting_system="clickpy",
            **page.stamp(NAME),
        )


SOURCE = daily(
    **entry_of(NAME, _ADDRESS),
    records=(DownloadWindow,),
    starts=_starts,
    page_info=lambda page: PageInfo(
        keys=tuple(each.month for each in json_of(page, _Answer).data), total=json_of(page, _Answer).rows
    ),
    parse=lambda page: read_rows(
        page, NAME, json_of(page, _Answer).data, partial(_of_month, page), lambda each: each.month
    ),
)
