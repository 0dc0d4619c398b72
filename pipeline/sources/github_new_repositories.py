"""GitHub search: public repositories created a month that carry a framework's topic.

State of late 2026: 10 searches a minute without a token, 30 with one; a search gives up after a while and says so in
`incomplete_results`; what lies behind the first 1,000 hits cannot be looked at, so a month with more is cut into
stretches of days that each hold fewer, and these are added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.errors import Incomplete
from pipeline.fetch.page import Page, Request
from pipeline.fetch.pagination import PageInfo
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import PeriodCount, Record
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.source import Key, Source, months

NAME = "github_new_repositories"
_ADDRESS = "https://api.github.com/search/repositories"
_FIRST_DAY = date(2017, 1, 1)  # topics came in January 2017
_HITS_LIMIT = 1000
_POPULATION = "public repositories that are no forks, by topic"
_TOPICS = {
    "pytorch": "pytorch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "jax": "jax",
    "mxnet": "mxnet",
    "paddle": "paddlepaddle",
    "mindspore": "mindspore",
    "scikit-learn": "scikit-learn",
}


class _Answer(Wire):
    total_count: int
    incomplete_results: bool


@dataclass(frozen=True, kw_only=True)
class _Place:
    """How far the count of one month has come."""

    topic: str
    framework: str
    month: CollectWindow
    first: date
    """Of the stretch of days that is asked for now."""
    last: date
    counted: int
    """Repositories of the stretches before it."""
    open_ends: tuple[date, ...]
    """Where the stretches after it end, the next one last."""


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for framework, topic in _TOPICS.items():
        yield _request(
            _Place(
                topic=topic,
                framework=framework,
                month=window,
                first=window.starts_on,
                last=window.ends_on,
                counted=0,
                open_ends=(),
            )
        )


def _request(place: _Place) -> Request:
    span = f"created:{place.first.isoformat()}..{place.last.isoformat()}"
    return Request(
        url=_ADDRESS,
        params=(("q", f"topic:{place.topic} fork:false {span}"), ("per_page", "1")),
        headers=(("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")),
        about=(
            ("topic", place.topic),
            ("framework", place.framework),
            ("from", place.month.starts_on.isoformat()),
            ("to", place.month.ends_on.isoformat()),
            ("first", place.first.isoformat()),
            ("last", place.last.isoformat()),
            ("counted", str(place.counted)),
            ("open_ends", " ".join(end.isoformat() for end in place.open_ends)),
        ),
    )


def _place(page: Page) -> _Place:
    told = page.request.detail
    starts_on, ends_on = date.fromisoformat(told("from")), date.fromisoformat(told("to"))
    return _Place(
        topic=told("topic"),
        framework=told("framework"),
        month=CollectWindow(window_id=f"{starts_on:%Y-%m}", starts_on=starts_on, ends_on=ends_on),
        first=date.fromisoformat(told("first")),
        last=date.fromisoformat(told("last")),
        counted=int(told("counted")),
        open_ends=tuple(date.fromisoformat(end) for end in told("open_ends").split()),
    )


def _is_cut(page: Page, place: _Place) -> bool:
    return json_of(page, _Answer).total_count > _HITS_LIMIT and place.first < place.last


def _follow(page: Page) -> Request | None:
    place = _place(page)
    if _is_cut(page, place):
        middle = place.first + (place.last - place.first) // 2
        return _request(_moved(place, place.first, middle, place.counted, (*place.open_ends, place.last)))
    if not place.open_ends:
        return None
    counted = place.counted + json_of(page, _Answer).total_count
    return _request(_moved(place, place.last + timedelta(days=1), place.open_ends[-1], counted, place.open_ends[:-1]))


def _moved(place: _Place, first: date, last: date, counted: int, open_ends: tuple[date, ...]) -> _Place:
    return _Place(
        topic=place.topic,
        framework=place.framework,
        month=place.month,
        first=first,
        last=last,
        counted=counted,
        open_ends=open_ends,
    )


def _page_info(page: Page) -> PageInfo:
    """Return the stretch as the page's one item, so that each is asked for once.

    Raises:
        Incomplete: the search gave up before it had looked everywhere.
    """
    if json_of(page, _Answer).incomplete_results:
        raise Incomplete(f"{page.address}: GitHub's search ran out of time; run again later.")
    place = _place(page)
    return PageInfo(keys=(f"{place.topic} {place.first}..{place.last}",))


def _parse(page: Page) -> Iterator[Record | Reject]:
    place = _place(page)
    if place.open_ends or _is_cut(page, place):
        return
    yield PeriodCount(
        measure="repositories",
        subject=f"{_POPULATION}: {place.topic}",
        framework=place.framework,
        period_start=place.month.starts_on,
        period_end=place.month.ends_on,
        observed_on=page.provenance.seen_at.date(),
        items_count=place.counted + json_of(page, _Answer).total_count,
        **page.stamp(NAME),
    )


SOURCE = Source(
    name=NAME,
    title="GitHub: new repositories by topic",
    series=("github.new_repositories",),
    records=(PeriodCount,),
    addresses=(_ADDRESS,),
    terms_url="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms",
    licence="GitHub terms of service; counts only",
    attribution="GitHub search",
    seconds_between_requests=6.5,
    windows=lambda today: months(_FIRST_DAY, today),
    starts=_starts,
    follow=_follow,
    page_info=_page_info,
    parse=_parse,
    key=Key(setting="github_token", header="Authorization", prefix="Bearer "),
    # A month is eight questions and more: a run takes ten minutes of them, and a year comes in with every night.
    windows_most=12,
    # Topics are often added weeks after a repository was made; later additions are not seen.
    settle_days=60,
    # A stretch of a month that is cut yields no row of its own.
    empty_is_normal=True,
)
