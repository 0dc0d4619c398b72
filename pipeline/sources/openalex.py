"""OpenAlex: works of a year whose full text, as far as OpenAlex holds it, names a framework; and all such works.

State of late 2026: a question costs 1 credit, one that searches 10; there are 1,000 a day without a key and 10,000 with
a free one, so that one collection (81 credits) stays inside either. A spent budget answers 429 until midnight UTC; an
unknown key 401; an unknown address HTML. Answers to a grouped question name how many groups there are.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from pydantic import AliasPath, Field

from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record, Reject
from pipeline.sources.source import Source, Totals, asked_words, entry_of, read_rows

NAME = "openalex"
_TOTALS = Totals(NAME, "papers")
_ADDRESS = "https://api.openalex.org/works"
_FIRST_DAY = date(2015, 1, 1)


class _Group(Wire):
    key: str
    count: int


class _Answer(Wire):
    groups_count: int = Field(validation_alias=AliasPath("meta", "groups_count"))
    group_by: list[_Group]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    years = f"publication_year:{window.starts_on.year}-{window.ends_on.year}"
    # All works, and then names that are no ordinary words: the search confuses JAX with Jax and Caffe with a café.
    for framework, name in (("", ""), *asked_words(NAME)):
        searched = f"fulltext.search:{name}," if name else ""
        yield Request(
            url=_ADDRESS,
            params=(("filter", f"{searched}has_fulltext:true,{years}"), ("group_by", "publication_year")),
            about=(("name", name), ("framework", framework)),
        )


def _page_info(page: Page) -> PageInfo:
    answer = json_of(page, _Answer)
    name = page.request.detail("name")
    return PageInfo(keys=tuple(f"{name} {group.key}" for group in answer.group_by), total=answer.groups_count)


def _parse(page: Page) -> Iterator[Record | Reject]:
    subject = f"works whose full text is held: {page.request.detail('name') or 'all'}"

    def read(group: _Group) -> Iterator[Record]:
        year = int(group.key)
        yield _TOTALS.record(page, subject, group.count, date(year, 1, 1), date(year, 12, 31))

    yield from read_rows(page, NAME, json_of(page, _Answer).group_by, read, name=lambda group: group.key)


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    # It always shows its whole history.
    windows=lambda today: [CollectWindow(window_id="all", starts_on=_FIRST_DAY, ends_on=today + timedelta(days=1))],
    starts=_starts,
    page_info=_page_info,
    parse=_parse,
)
