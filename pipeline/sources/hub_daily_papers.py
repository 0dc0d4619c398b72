"""Hugging Face's daily papers: what its readers hand in, with title, abstract and the link to code where there is one.

State of late 2026: a month is paged from 0, up to 100 papers a page; a page may hold fewer, and the one after the last
none; no total is announced. 500 requests in 5 minutes are allowed without a token.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from pydantic import AliasPath, Field

from pipeline.detect.files.subjects import repository_link
from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import Paper, PaperRepository, Record, Reject
from pipeline.sources.source import Source, entry_of, months, read_rows

NAME = "hub_daily_papers"
_ADDRESS = "https://huggingface.co/api/daily_papers"


class _Paper(Wire):
    number: str = Field(validation_alias=AliasPath("paper", "id"))
    title: str = Field(validation_alias=AliasPath("paper", "title"))
    abstract: str = Field(validation_alias=AliasPath("paper", "summary"))
    published_at: datetime = Field(validation_alias=AliasPath("paper", "publishedAt"))
    repository: str | None = Field(validation_alias=AliasPath("paper", "githubRepo"), default=None)


def _request(month: str, number: int) -> Request:
    return Request(url=_ADDRESS, params=(("month", month), ("limit", "100"), ("p", str(number))))


def _follow(page: Page) -> Request | None:
    asked = dict(page.request.params)
    return _request(asked["month"], int(asked["p"]) + 1) if json_of(page, list[_Paper]) else None


def _records(page: Page, paper: _Paper) -> Iterator[Record]:
    stamp = {"paper_id": f"arxiv:{paper.number}", **page.stamp(NAME)}
    texts = {"title": paper.title, "abstract": paper.abstract or None}
    yield Paper.model_validate({**texts, "submitted_on": paper.published_at.date(), **stamp})
    forge, _, repository = (repository_link(paper.repository or "") or "").partition("/")
    if repository:
        yield PaperRepository(forge=forge, repository=repository, found_in="link", **stamp)


def _parse(page: Page) -> Iterator[Record | Reject]:
    yield from read_rows(page, NAME, json_of(page, list[_Paper]), partial(_records, page), lambda paper: paper.number)


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(Paper, PaperRepository),
    windows=lambda today: months(date(2023, 5, 1), today),
    starts=lambda window, _has_key: [_request(window.window_id, 0)],
    follow=_follow,
    page_info=lambda page: PageInfo(keys=tuple(paper.number for paper in json_of(page, list[_Paper]))),
    parse=_parse,
)
