"""GitHub search: public repositories created per month that carry a framework's topic.

State of late 2026: 10 searches a minute without a token, 30 with one; a search gives up after a while and says so in
`incomplete_results`; what lies behind the first 1,000 hits cannot be looked at, so a month with more is cut into
stretches of days that each hold fewer, and these are added.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipeline.errors import Incomplete
from pipeline.fetch.page import Page, Request
from pipeline.fetch.pagination import PageInfo
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import PeriodCount, Record
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.github import HEADERS, LICENCE, TERMS_URL, TOKEN
from pipeline.sources.source import Source, Totals, asked_words, months

NAME = "github_new_repositories"
_TOTALS = Totals(NAME, "repositories")
_ADDRESS = "https://api.github.com/search/repositories"
_FIRST_DAY = date(2017, 1, 1)  # topics came in January 2017
_HITS_LIMIT = 1000
_POPULATION = "public repositories that are no forks, by topic"


class _Answer(Wire):
    total_count: int
    incomplete_results: bool


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """The progress of counting one month."""

    asked: tuple[tuple[str, str], ...]
    """The topic, the framework and the month."""
    first: date
    """Of the stretch of days that is asked for now."""
    last: date
    counted: int = 0
    """Repositories of the stretches before it."""
    open_ends: tuple[date, ...] = ()
    """Where the stretches after it end, the next one last."""

    @property
    def topic(self) -> str:
        return dict(self.asked)["topic"]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for framework, topic in asked_words(NAME):
        asked = (("topic", topic), ("framework", framework), *window.details)
        yield _request(_Stretch(asked=asked, first=window.starts_on, last=window.ends_on))


def _request(stretch: _Stretch) -> Request:
    span = f"created:{stretch.first.isoformat()}..{stretch.last.isoformat()}"
    return Request(
        url=_ADDRESS,
        params=(("q", f"topic:{stretch.topic} fork:false {span}"), ("per_page", "1")),
        headers=HEADERS,
        about=(
            *stretch.asked,
            ("first", stretch.first.isoformat()),
            ("last", stretch.last.isoformat()),
            ("counted", str(stretch.counted)),
            ("open_ends", " ".join(end.isoformat() for end in stretch.open_ends)),
        ),
    )


def _stretch(page: Page) -> _Stretch:
    detail = page.request.detail
    return _Stretch(
        asked=tuple((name, detail(name)) for name in ("topic", "framework", "from", "to")),
        first=date.fromisoformat(detail("first")),
        last=date.fromisoformat(detail("last")),
        counted=int(detail("counted")),
        open_ends=tuple(date.fromisoformat(end) for end in detail("open_ends").split()),
    )


def _is_cut(page: Page, stretch: _Stretch) -> bool:
    return json_of(page, _Answer).total_count > _HITS_LIMIT and stretch.first < stretch.last


def _follow(page: Page) -> Request | None:
    stretch = _stretch(page)
    if _is_cut(page, stretch):
        middle = stretch.first + (stretch.last - stretch.first) // 2
        return _request(replace(stretch, last=middle, open_ends=(*stretch.open_ends, stretch.last)))
    if not stretch.open_ends:
        return None
    return _request(
        replace(
            stretch,
            first=stretch.last + timedelta(days=1),
            last=stretch.open_ends[-1],
            counted=stretch.counted + json_of(page, _Answer).total_count,
            open_ends=stretch.open_ends[:-1],
        )
    )


def _page_info(page: Page) -> PageInfo:
    """Return the stretch as the page's one item, so that each is asked for once; refuse a search that gave up."""
    if json_of(page, _Answer).incomplete_results:
        raise Incomplete(f"{page.address}: GitHub's search ran out of time; run again later.")
    stretch = _stretch(page)
    return PageInfo(keys=(f"{stretch.topic} {stretch.first}..{stretch.last}",))


def _parse(page: Page) -> Iterator[Record | Reject]:
    stretch = _stretch(page)
    if not stretch.open_ends and not _is_cut(page, stretch):
        items_count = stretch.counted + json_of(page, _Answer).total_count
        yield _TOTALS.record(page, f"{_POPULATION}: {stretch.topic}", items_count)


SOURCE = Source(
    name=NAME,
    title="GitHub: new repositories by topic",
    series=("github.new_repositories",),
    records=(PeriodCount,),
    addresses=(_ADDRESS,),
    terms_url=TERMS_URL,
    licence=LICENCE,
    attribution="GitHub search",
    seconds_between_requests=6.5,
    windows=lambda today: months(_FIRST_DAY, today),
    starts=_starts,
    follow=_follow,
    page_info=_page_info,
    parse=_parse,
    key=TOKEN,
    # A month is eight questions and more: a run takes ten minutes of them, and a year comes in with every night.
    windows_most=12,
    # Topics are often added weeks after a repository was made; later additions are not seen.
    settle_days=60,
    # A stretch of a month that is cut yields no row of its own.
    empty_is_normal=True,
)
