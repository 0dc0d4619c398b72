"""GitHub search: public repositories created per month that carry a framework's topic.

State of late 2026: 10 searches a minute without a token, 30 with one; a search gives up after a while and says so in
`incomplete_results`; what lies behind the first 1,000 hits cannot be looked at, so a month with more is cut into
stretches of days that each hold fewer, and these are added.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pipeline.errors import Incomplete
from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record, Reject
from pipeline.sources.github import HEADERS
from pipeline.sources.source import Source, Totals, asked_words, entry_of, months

NAME = "github_new_repositories"
_TOTALS = Totals(NAME, "repositories")
_ADDRESS = "https://api.github.com/search/repositories"
_HITS_LIMIT = 1000


class _Answer(Wire):
    total_count: int
    incomplete_results: bool


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    (_, first), (_, last) = window.details
    whole = {**dict(window.details), "first": first, "last": last, "counted": "0", "open_ends": ""}
    for framework, topic in asked_words(NAME):
        yield _request({"topic": topic, "framework": framework, **whole})


def _request(about: Mapping[str, str]) -> Request:
    """Return the question for one stretch of days of a month.

    Args:
        about: the topic, the framework and the month; `first` and `last` day of the stretch; the repositories `counted`
            in the stretches before it; the `open_ends` of the stretches after it, the next one last.
    """
    span = f"created:{about['first']}..{about['last']}"
    return Request(
        url=_ADDRESS,
        params=(("q", f"topic:{about['topic']} fork:false {span}"), ("per_page", "1")),
        headers=HEADERS,
        about=tuple(about.items()),
    )


def _is_cut(page: Page) -> bool:
    is_many = json_of(page, _Answer).total_count > _HITS_LIMIT
    return is_many and page.request.detail("first") < page.request.detail("last")


def _counted(page: Page) -> int:
    return int(page.request.detail("counted")) + json_of(page, _Answer).total_count


def _follow(page: Page) -> Request | None:
    asked = dict(page.request.about)
    first, last = date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])
    open_ends = asked["open_ends"].split()
    if _is_cut(page):
        middle = first + (last - first) // 2
        return _request({**asked, "last": middle.isoformat(), "open_ends": " ".join([*open_ends, asked["last"]])})
    if not open_ends:
        return None
    start, end, later = (last + timedelta(days=1)).isoformat(), open_ends[-1], " ".join(open_ends[:-1])
    return _request({**asked, "first": start, "last": end, "counted": str(_counted(page)), "open_ends": later})


def _page_info(page: Page) -> PageInfo:
    """Return the stretch as the page's one item, so that each is asked for once; refuse a search that gave up."""
    if json_of(page, _Answer).incomplete_results:
        raise Incomplete(f"{page.address}: GitHub's search ran out of time; run again later.")
    asked = page.request.detail
    return PageInfo(keys=(f"{asked('topic')} {asked('first')}..{asked('last')}",))


def _parse(page: Page) -> Iterator[Record | Reject]:
    if not page.request.detail("open_ends") and not _is_cut(page):
        subject = f"public repositories that are no forks, by topic: {page.request.detail('topic')}"
        yield from _TOTALS.rows(page, subject, _counted(page))


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    windows=lambda today: months(date(2017, 1, 1), today),  # topics came in January 2017
    starts=_starts,
    follow=_follow,
    page_info=_page_info,
    parse=_parse,
)
