"""GitHub's history of stars: for each week, the stars given in it that are still held on the day of asking.

State of late 2026: the lists of stargazers are closed; this address took their place in September 2026. Weeks begin on
Sunday, newest first, 30 a page. Past weeks shrink as people take stars back, so each answer is kept with its day. A
history takes dozens of answers, more than an hour allows without a token.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import Record, Reject
from pipeline.sources.source import THERE_OR_GONE, Totals, asked_words, entry_of, monthly, next_link, read_rows

NAME = "github_star_history"
_TOTALS = Totals(NAME, "stars")
_ADDRESS = "https://api.github.com/repos"
_WEEKS_A_PAGE = 30


class _Week(Wire):
    week: int
    """Its first second, counted from 1970."""
    total: int


def _request(framework: str, repository: str, number: str) -> Request:
    return Request(
        url=f"{_ADDRESS}/{repository}/stargazers/history",
        params=(("per_page", str(_WEEKS_A_PAGE)), ("page", number)),
        headers=(("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2026-03-10")),
        accepted_statuses=THERE_OR_GONE,
        about=(("framework", framework), ("repository", repository), ("page", number)),
    )


def _follow(page: Page) -> Request | None:
    detail = page.request.detail
    number = str(int(detail("page")) + 1)
    return _request(detail("framework"), detail("repository"), number) if next_link(page) else None


def _parse(page: Page) -> Iterator[Record | Reject]:
    repository = page.request.detail("repository")
    subject = f"{repository}: stars given in the week and still held"

    def read(week: _Week) -> Iterator[Record]:
        first = datetime.fromtimestamp(week.week, UTC).date()
        yield _TOTALS.record(page, subject, week.total, first, first + timedelta(days=6))

    yield from read_rows(page, NAME, json_of(page, list[_Week]), read, name=lambda week: f"{repository} {week.week}")


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=lambda _window, _has_key: [_request(framework, name, "1") for framework, name in asked_words(NAME)],
    follow=_follow,
    page_info=lambda page: PageInfo(keys=tuple(str(week.week) for week in json_of(page, list[_Week]))),
    parse=_parse,
)
