"""The contract of a source: what to ask, how to prove that all was reached, and how to read it. It never asks itself.

Adding one: a file in this folder with a `SOURCE`, and its entry in `services.toml`, which registers it; a folder of
example pages below `tests/pages`, its series in `data/reference/series.toml`, and what it asks for each framework in
`data/reference/frameworks`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, NonNegativeFloat, RootModel
from requests.utils import parse_header_links

from pipeline.errors import LayoutChanged
from pipeline.fetch.addresses import Key, Setting
from pipeline.fetch.page import JSON_TYPES, Page, PageInfo, Request
from pipeline.records import CollectWindow, PeriodCount, Record, Reject
from pipeline.reference import known_frameworks
from pipeline.reference.toml_file import Text, Words, read_toml, validated

Item = TypeVar("Item")

ODD_VALUES = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError)
"""What reading raises where a service sends a value that nobody expects, e.g. a day far beyond the calendar; the error
of a model that refuses a field is a `ValueError` too."""

THERE_OR_GONE = (200, 404, 410)
"""For requests that each ask for one thing of many: one that is gone is a reject and must not cost the others."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the entry of a place in `services.toml` says: on which terms it is asked, and what to expect of it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    title: Text
    series: Words
    """The series in `data/reference/series.toml` that it feeds."""
    answering_hosts: Words = ()
    """Other hosts that a redirect may lead to; an answer from any further one is not believed."""
    terms_url: Text
    licence: Text
    attribution: Text
    seconds_between_requests: NonNegativeFloat = 1
    """As the service's terms ask for, if they do; sources that ask the same host wait for each other."""
    key: Key | None = None
    files: Setting | None = None
    """A folder of files that the user has downloaded because their publisher asks for a login; read like answers.
    Requests end with the names of files that may lie there, and a window whose file does not is left out."""
    rhythm_days: int = 35
    """So long after it was asked it counts as up to date: what changes by the month is asked once in each."""
    settle_days: int = 3
    """So many days after its end a window no longer changes and is not asked for again."""
    empty_is_normal: bool = False
    """A page without items may yield no record though it announces none as its total."""
    reject_ceiling_fraction: float = 0.05
    page_limit: int = 1000
    windows_most: int | None = None
    """So many windows that were never loaded are asked for in one run, the newest; older ones wait for later runs."""
    is_long: bool = False
    """Its first collection takes hours at the rate that the service allows: it is only asked when named."""
    is_scheduled: bool = False
    """It is asked in scheduled refreshes and when named, and never in a first run."""


@dataclass(frozen=True, kw_only=True)
class Service(Terms):
    """A place that is asked."""

    name: str
    """File name, name at the command line, `source_id` of its records."""
    addresses: tuple[str, ...]
    """Public addresses below which everything lies that it asks for; `OBSERVATORY_<NAME>_URL` replaces the first."""


_FILE = Path(__file__).with_name("services.toml")
_ENTRIES = read_toml(_FILE)
SERVICE_NAMES = tuple(_ENTRIES)
"""Of all sources in the order in which they are shown, and of the host of paper code."""


def entry_of(name: str, *addresses: str) -> dict[str, Any]:
    """Return the name of a service and its addresses with what its entry says, as `Service` takes them.

    Raises:
        BadInput: it has no entry, or one that is not what it should be.
    """
    entry = validated(f"{_FILE}, {name}", RootModel[Terms], _ENTRIES.get(name, {})).root
    return {"name": name, "addresses": addresses, **vars(entry)}


@dataclass(frozen=True, kw_only=True)
class Source(Service):
    """A place records come from, and how they are had. Everything in here is a fact or a pure function."""

    records: tuple[type[Record], ...] = (PeriodCount,)
    windows: Callable[[date], Iterable[CollectWindow]]
    """Given today, all windows from the beginning, oldest first."""
    starts: Callable[[CollectWindow, bool], Iterable[Request]]
    """Given a window and whether a key is at hand, where its paginations begin."""
    follow: Callable[[Page], Request | None] = lambda _page: None
    """The page after this one, if there may be one; whether it is needed is decided by `page_info`."""
    details: Callable[[Page], Iterable[Request]] = lambda _page: ()
    """Pages that a page of the pagination points to, each asked for once after it; they lead no further."""
    kept: Callable[[Page], Page] = lambda page: page
    """What is kept of an answer and read from then on: all of it, unless it must not stay here."""
    check: Callable[[Page], object] = lambda _page: None
    """Raises `Refused` or `Transient` for a page that is no answer, only sent like one: a challenge, a spent allowance.
    Such a page is not kept, so that a pagination that is gone on with asks anew."""
    page_info: Callable[[Page], PageInfo] = lambda _page: PageInfo()
    """The page's items and the total that the service announces: the proof of completeness."""
    parse: Callable[[Page], Iterable[Record | Reject]]
    """The page's records and rejects; raises `LayoutChanged` where the page is not what the parser relies on."""
    pause_seconds: Callable[[Page], float] = lambda _page: 0
    """The time that the answer itself asks to wait before the next request."""

    is_snapshot: bool = False
    """The service shows the present state only: a window is done once loaded, and compared with the one before it."""
    version: int = 1
    """Raised when the parser changes what it yields, so that unchanged pages are read again."""

    def rows(self, page: Page) -> Iterable[Record | Reject]:
        """Return what `parse` yields, or one reject for a thing that is gone: its figure is missing and never zero."""
        if not _is_gone(page):
            return self.parse(page)
        name = "/".join(
            value for key, value in page.request.about if key in {"channel", "package", "paper", "repository"}
        )
        error = ValueError("the service has no such thing; it was moved or removed")
        return [Reject.of(page.stamp(self.name), name, error)]

    def items(self, page: Page) -> PageInfo:
        """Return the `page_info` of a page; a thing that is gone has no items."""
        return PageInfo() if _is_gone(page) else self.page_info(page)


def _is_gone(page: Page) -> bool:
    return page.request.accepted_statuses == THERE_OR_GONE and page.provenance.status != HTTPStatus.OK


def months(first: date, today: date) -> Iterator[CollectWindow]:
    """Yield one window per calendar month, from the month of `first` to the present one."""
    month = first.replace(day=1)
    while month <= today:
        following = (month + timedelta(days=31)).replace(day=1)
        yield CollectWindow(window_id=f"{month:%Y-%m}", starts_on=month, ends_on=following - timedelta(days=1))
        month = following


def whole_year(year: int, window_id: str = "") -> CollectWindow:
    """Return the window of one calendar year, named after it unless it has a name of its own."""
    return CollectWindow(window_id=window_id or str(year), starts_on=date(year, 1, 1), ends_on=date(year, 12, 31))


def day(today: date) -> Iterator[CollectWindow]:
    """Yield the one window of a source that shows the present state: a day, settled once it is over."""
    yield CollectWindow(window_id=today.isoformat(), starts_on=today, ends_on=today)


daily = partial(Source, windows=day, is_snapshot=True)
"""Makes a source that shows the present state only, of which there is a reading of each day."""
monthly = partial(Source, windows=lambda today: months(today, today), is_snapshot=True)
"""Makes one that is asked once in a month."""


def asked_words(source_id: str) -> Iterator[tuple[str, str]]:
    """Yield each framework with each word, tag, topic or repository that the source asks for."""
    for framework, words in known_frameworks().words_for(source_id).items():
        for word in words:
            yield framework, word


def package_requests(
    index: str, address: str, *, asked: bool | None = None, content_types: tuple[str, ...] = JSON_TYPES
) -> Iterator[Request]:
    """Yield a request for each package of an index, all or those asked for; `address` leaves room for its name."""
    for framework, package in known_frameworks().packages(index, asked=asked):
        channel = (("channel", package.channel),) if package.channel else ()
        yield Request(
            url=address.format(name=package.name, channel=package.channel),
            content_types=content_types,
            accepted_statuses=THERE_OR_GONE,
            about=(("framework", framework.id), *channel, ("package", package.name)),
        )


def next_link(page: Page) -> str | None:
    """Return the address of the next page that the `Link` header names."""
    links = parse_header_links(page.header("link") or "")
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


@dataclass(frozen=True)
class Totals:
    """Makes records of the totals that one service announces."""

    source_id: str
    measure: str

    def rows(self, page: Page, subject: str, items_count: int) -> Iterator[Record | Reject]:
        """Yield the total of a page that says one thing, or a reject where that is no number of items."""
        yield from read_rows(
            page, self.source_id, [items_count], lambda count: [self.record(page, subject, count)], lambda _: subject
        )

    def record(self, page: Page, subject: str, items_count: int, *period: date) -> PeriodCount:
        """Return a total for the framework that the request names.

        Its period has the given days, or those of the request (`from` and `to`), or is the day of asking.
        """
        asked, seen_on = dict(page.request.about), page.provenance.seen_at.date()
        days = period or [date.fromisoformat(asked[name]) for name in ("from", "to") if name in asked]
        fields = page.stamp(self.source_id) | {
            "measure": self.measure,
            "subject": subject,
            "framework": asked.get("framework") or None,
            "period_start": days[0] if days else seen_on,
            "period_end": days[1] if days else seen_on,
            "observed_on": seen_on,
            "items_count": items_count,
        }
        return PeriodCount.model_validate(fields)


def read_rows(
    page: Page,
    source_id: str,
    items: Iterable[Item],
    read: Callable[[Item], Iterable[Record]],
    name: Callable[[Item], str],
) -> Iterator[Record | Reject]:
    """Yield the records of each item; an item that is no valid record becomes a reject, wholly.

    Args:
        page: where the items come from.
        source_id: the source's name.
        items: rows of the page in their order.
        read: makes the records of one item; raises `LayoutChanged` or one of `ODD_VALUES` for a bad one.
        name: how a reject names its row.
    """
    for item in items:
        try:
            found = list(read(item))
        except (LayoutChanged, *ODD_VALUES) as error:
            yield Reject.of(page.stamp(source_id), name(item), error)
        else:
            yield from found
