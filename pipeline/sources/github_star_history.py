"""GitHub's history of stars: for each week, the stars given in it that are still held on the day of asking.

State of late 2026: the lists of stargazers are closed; this address took their place in September 2026. Weeks begin on
Sunday, newest first, 30 a page. Past weeks shrink as people take stars back, so each answer is kept with its day. A
history takes dozens of answers, more than an hour allows without a token.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from requests.utils import parse_header_links

from pipeline.fetch.page import Page, Request
from pipeline.fetch.pagination import PageInfo
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import PeriodCount, Record
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.source import THERE_OR_GONE, Key, Source, gone, is_gone, present_month, read_rows

NAME = "github_star_history"
_ADDRESS = "https://api.github.com/repos"
_WEEKS_A_PAGE = 30
_LAST_DAY_OF_WEEK = timedelta(days=6)
_REPOSITORIES = {
    "pytorch": "pytorch/pytorch",
    "tensorflow": "tensorflow/tensorflow",
    "keras": "keras-team/keras",
    "jax": "jax-ml/jax",
    "mxnet": "apache/mxnet",
    "paddle": "PaddlePaddle/Paddle",
    "mlx": "ml-explore/mlx",
    "tinygrad": "tinygrad/tinygrad",
    "transformers": "huggingface/transformers",
    "scikit-learn": "scikit-learn/scikit-learn",
}


class _Week(Wire):
    week: int
    """Its first second, counted from 1970."""
    total: int


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for framework, repository in _REPOSITORIES.items():
        yield _request(framework, repository, page_number=1)


def _request(framework: str, repository: str, *, page_number: int) -> Request:
    return Request(
        url=f"{_ADDRESS}/{repository}/stargazers/history",
        params=(("per_page", str(_WEEKS_A_PAGE)), ("page", str(page_number))),
        headers=(("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2026-03-10")),
        accepted_statuses=THERE_OR_GONE,
        about=(("framework", framework), ("repository", repository), ("page", str(page_number))),
    )


def _follow(page: Page) -> Request | None:
    links = parse_header_links(page.header("link") or "")
    if not any(link.get("rel") == "next" for link in links):
        return None
    told = page.request.detail
    return _request(told("framework"), told("repository"), page_number=int(told("page")) + 1)


def _page_info(page: Page) -> PageInfo:
    if is_gone(page):
        return PageInfo()
    return PageInfo(keys=tuple(str(week.week) for week in json_of(page, list[_Week])))


def _parse(page: Page) -> Iterator[Record | Reject]:
    seen_on = page.provenance.seen_at.date()
    repository = page.request.detail("repository")
    if is_gone(page):
        yield gone(page, NAME, repository)
        return

    def read(week: _Week) -> Iterator[Record]:
        first = _day(week)
        yield PeriodCount(
            measure="stars",
            subject=f"{repository}: stars given in the week and still held",
            framework=page.request.detail("framework"),
            period_start=first,
            period_end=first + _LAST_DAY_OF_WEEK,
            observed_on=seen_on,
            items_count=week.total,
            **page.stamp(NAME),
        )

    yield from read_rows(page, NAME, json_of(page, list[_Week]), read, name=lambda week: f"{repository} {week.week}")


def _day(week: _Week) -> date:
    return datetime.fromtimestamp(week.week, UTC).date()


SOURCE = Source(
    name=NAME,
    title="GitHub: stars given by week",
    series=("github.star_history",),
    records=(PeriodCount,),
    addresses=(_ADDRESS,),
    terms_url="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms",
    licence="GitHub terms of service; counts only",
    attribution="GitHub API",
    seconds_between_requests=1,
    windows=present_month,
    starts=_starts,
    follow=_follow,
    page_info=_page_info,
    parse=_parse,
    key=Key(setting="github_token", header="Authorization", prefix="Bearer ", is_required=True),
    is_snapshot=True,
    empty_is_normal=True,
)
