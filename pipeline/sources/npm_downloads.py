"""npm: downloads of the web and mobile packages of each framework's family, by calendar month.

State of late 2026: the registry counts days and gives at most 18 months of them in one answer, both ends included; a
package with a scope cannot be asked for together with others. A day that it has not counted, or lost, is sent as 0.
Build machines and mirrors are counted like people.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from statistics import median

from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record, Reject
from pipeline.sources.source import Totals, entry_of, monthly, package_requests, read_rows

NAME = "npm_downloads"
_TOTALS = Totals(NAME, "downloads")
_ADDRESS = "https://api.npmjs.org/downloads/range"
_REACHES_BACK = timedelta(days=500)
"""From the first of a month it leads into the month 17 months before, the oldest that is there whole."""
_NEVER_NONE = 20
"""A package with so many downloads on a usual day has some on every day."""


class _Day(Wire):
    day: str
    downloads: int


class _Answer(Wire):
    package: str
    downloads: list[_Day]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    first, last = (window.starts_on - _REACHES_BACK).replace(day=1), window.starts_on - timedelta(days=1)
    return package_requests("npm", f"{_ADDRESS}/{first}:{last}/{{name}}")


def _parse(page: Page) -> Iterator[Record | Reject]:
    package, answer = page.request.detail("package"), json_of(page, _Answer)
    if answer.package != package:
        yield Reject.of(page.stamp(NAME), package, ValueError(f"the answer is about {answer.package}"))
        return
    months = [list(days) for _, days in groupby(answer.downloads, key=lambda each: each.day[:7])]
    yield from read_rows(page, NAME, months, partial(_of_month, page), lambda days: f"{package} {days[0].day[:7]}")


def _of_month(page: Page, days: Sequence[_Day]) -> Iterator[Record]:
    first, days_count = date.fromisoformat(days[0].day), monthrange(*map(int, days[0].day.split("-")[:2]))[1]
    if [each.day for each in days] != [str(first.replace(day=number + 1)) for number in range(days_count)]:
        raise ValueError(f"{len(days)} of {days_count} days are there; a missing day is no zero")
    counts = [each.downloads for each in days]
    if min(counts) == 0 and median(counts) >= _NEVER_NONE:
        raise ValueError(f"{counts.count(0)} of {days_count} days are zero beside a usual {median(counts):,.0f}")
    subject = f"{page.request.detail('package')}: downloads in the month"
    yield _TOTALS.record(page, subject, sum(counts), first, first.replace(day=days_count))


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=_starts,
    page_info=lambda page: PageInfo(keys=tuple(each.day for each in json_of(page, _Answer).downloads)),
    parse=_parse,
)
