"""Downloads from the Python package index: pypistats for the last 180 days, ClickHouse's public copy for the months.

State of late 2026: pypistats allows 30 questions a minute, keeps 180 days, and answers both `with_mirrors` and
`without_mirrors` rows, which must not be added; its refusals are HTML; a day that it never got is missing for every
package and is no zero. ClickHouse answers SQL of the user `play` without a password and keeps whole months by
installer, so that programs that copy the index are told apart there. Neither tells build machines from people.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from pipeline.fetch.page import Page, Request
from pipeline.fetch.walk import Tally
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import DownloadWindow, Record
from pipeline.records.collected import Reject, Window
from pipeline.sources.base import Source, day, read_rows

NAME = "package_downloads"
_PYPISTATS = "https://pypistats.org/api/packages"
_CLICKHOUSE = "https://clickpy-clickhouse.clickhouse.com"
_PACKAGES = (
    "torch", "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "keras", "jax", "mxnet", "paddlepaddle",
    "paddlepaddle-gpu", "mindspore", "mlx", "tinygrad", "scikit-learn",
)  # fmt: skip
_SCOPES = {"with_mirrors": "all clients", "without_mirrors": "all clients but mirrors"}
# What copies the whole index names itself so.
_MIRRORS = ("bandersnatch", "z3c.pypimirror", "Artifactory", "devpi", "Nexus")
_FIRST_MONTH = date(2016, 1, 1)


class _Day(Wire):
    category: str
    date: str
    downloads: int


class _Pypistats(Wire):
    package: str
    data: list[_Day]


class _Month(Wire):
    month: str
    days_count: int
    all_count: int
    mirrors_count: int


class _Clickhouse(Wire):
    data: list[_Month]
    rows: int


def _starts(_window: Window, _has_key: bool) -> Iterator[Request]:
    for package in _PACKAGES:
        about = (("service", "pypistats"), ("package", package))
        yield Request(url=f"{_PYPISTATS}/{package}/overall", about=about)
    for package in _PACKAGES:
        about = (("service", "clickhouse"), ("package", package))
        params = (("user", "play"), ("output_format_json_quote_64bit_integers", "0"), ("query", _question(package)))
        yield Request(url=f"{_CLICKHOUSE}/", params=params, about=about)


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
    if page.request.detail("service") == "pypistats":
        return Tally(keys=tuple(f"{each.category} {each.date}" for each in json_of(page, _Pypistats).data))
    answer = json_of(page, _Clickhouse)
    return Tally(keys=tuple(each.month for each in answer.data), total=answer.rows)


def _parse(page: Page) -> Iterator[Record | Reject]:
    package = page.request.detail("package")
    if page.request.detail("service") == "clickhouse":
        months = json_of(page, _Clickhouse).data
        yield from read_rows(page, NAME, months, lambda month: _of_month(page, package, month), lambda each: each.month)
        return
    answer = json_of(page, _Pypistats)
    if answer.package != package:
        yield Reject.of(page.stamp(NAME), package, ValueError(f"the answer is about {answer.package}"))
        return
    days = _days_once(answer.data)
    repeated = {name for name, count in Counter(map(_name, days)).items() if count > 1}
    yield from read_rows(page, NAME, days, lambda each: _of_day(page, package, each, repeated), _name)


def _days_once(days: Sequence[_Day]) -> list[_Day]:
    """Return each row once: the service has sent some twice. Two that differ both stay, for their reader to refuse."""
    return list(dict.fromkeys(days))


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
    title="Python package index: downloads by pypistats and ClickHouse",
    series=("downloads.pypistats", "downloads.clickpy"),
    records=(DownloadWindow,),
    addresses=(_PYPISTATS, _CLICKHOUSE),
    terms_url="https://pypistats.org/api/",
    licence="counts of the Python Software Foundation's public download logs",
    attribution="Python Software Foundation's download logs, by pypistats.org and by ClickHouse (ClickPy)",
    seconds_between_requests=2.1,
    windows=day,
    starts=_starts,
    tally=_tally,
    parse=_parse,
    is_snapshot=True,
    # Months before a package's first release, or with a day that was never logged, are set aside one by one.
    reject_ceiling_fraction=0.2,
)
