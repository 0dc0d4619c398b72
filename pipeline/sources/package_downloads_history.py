"""Downloads from the Python package index by whole months, from ClickHouse's public copy of its logs.

State of late 2026: it answers SQL of the user `play` without a password, and keeps the installer of each download, so
that programs that copy the index are told apart. It does not tell build machines from people. A month with a day that
was never logged is no month.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.fetch.page import Page, Request
from pipeline.fetch.walk import Tally
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import DownloadWindow, Record
from pipeline.records.collected import Reject, Window
from pipeline.sources.base import Source, day, read_rows
from pipeline.sources.package_downloads import PACKAGES

NAME = "package_downloads_history"
_ADDRESS = "https://clickpy-clickhouse.clickhouse.com"
# What copies the whole index names itself so.
_MIRRORS = ("bandersnatch", "z3c.pypimirror", "Artifactory", "devpi", "Nexus")
_FIRST_MONTH = date(2016, 1, 1)


class _Month(Wire):
    month: str
    days_count: int
    all_count: int
    mirrors_count: int


class _Answer(Wire):
    data: list[_Month]
    rows: int


def _starts(_window: Window, _has_key: bool) -> Iterator[Request]:
    for package in PACKAGES:
        params = (("user", "play"), ("output_format_json_quote_64bit_integers", "0"), ("query", _question(package)))
        yield Request(url=f"{_ADDRESS}/", params=params, about=(("package", package),))


def _question(package: str) -> str:
    mirrors = ", ".join(f"'{name}'" for name in _MIRRORS)
    return (
        "SELECT toString(toStartOfMonth(date)) AS month, uniqExact(date) AS days_count, sum(count) AS all_count, "
        f"sumIf(count, installer IN ({mirrors})) AS mirrors_count "
        "FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type "
        f"WHERE project = '{package}' AND date >= '{_FIRST_MONTH}' AND date < toStartOfMonth(today()) "
        "GROUP BY month ORDER BY month FORMAT JSON"
    )


def _tally(page: Page) -> Tally:
    answer = json_of(page, _Answer)
    return Tally(keys=tuple(each.month for each in answer.data), total=answer.rows)


def _parse(page: Page) -> Iterator[Record | Reject]:
    package = page.request.detail("package")
    months = json_of(page, _Answer).data
    yield from read_rows(page, NAME, months, lambda month: _of_month(page, package, month), lambda each: each.month)


def _of_month(page: Page, package: str, row: _Month) -> Iterator[Record]:
    first = date.fromisoformat(row.month)
    days_count = monthrange(first.year, first.month)[1]
    if row.days_count != days_count:
        raise ValueError(f"{row.days_count} of {days_count} days are there; a missing day is no zero")
    counts = {"all installers": row.all_count, "all installers but mirrors": row.all_count - row.mirrors_count}
    for scope, downloads_count in counts.items():
        yield DownloadWindow(
            package=package,
            client_scope=scope,
            window_start=first,
            window_end=first + timedelta(days=days_count - 1),
            downloads_count=downloads_count,
            counting_system="clickpy",
            **page.stamp(NAME),
        )


SOURCE = Source(
    name=NAME,
    title="Python package index: downloads a month by ClickHouse",
    series=("downloads.clickpy",),
    records=(DownloadWindow,),
    addresses=(_ADDRESS,),
    terms_url="https://clickpy.clickhouse.com/",
    licence="counts of the Python Software Foundation's public download logs",
    attribution="Python Software Foundation's download logs, by ClickHouse (ClickPy)",
    seconds_between_requests=2,
    windows=day,
    starts=_starts,
    tally=_tally,
    parse=_parse,
    is_snapshot=True,
    # Months before a package's first release, or with a day that was never logged, are set aside one by one.
    reject_ceiling_fraction=0.2,
)
