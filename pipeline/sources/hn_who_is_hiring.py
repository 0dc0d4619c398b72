"""Hacker News: posts in the monthly threads "Ask HN: Who is hiring?" that name a framework, read by our own detector.

State of late 2026: the public search finds the month's thread among those of its author; a thread is sent whole under
its number, replies inside the posts they answer, a deleted post without author. 10,000 requests an hour are allowed.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bs4 import BeautifulSoup
from pydantic import Field

from pipeline.detect import frameworks_in_text
from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record
from pipeline.reference import known_frameworks
from pipeline.sources.source import Source, Totals, entry_of, months

NAME = "hn_who_is_hiring"
_TOTALS = Totals(NAME, "posts")
_ADDRESS = "https://hn.algolia.com/api/v1"


class _Thread(Wire):
    number: str = Field(alias="objectID")
    title: str


class _Found(Wire):
    hits: list[_Thread]


class _Post(Wire):
    author: str | None
    text: str | None


class _Item(Wire):
    children: list[_Post]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    first, last = (datetime.combine(day, datetime.min.time(), UTC) for day in (window.starts_on, window.ends_on))
    span = f"created_at_i>={first.timestamp():.0f},created_at_i<{last.timestamp() + 86_400:.0f}"
    params = (("tags", "story,author_whoishiring"), ("numericFilters", span), ("hitsPerPage", "100"))
    yield Request(url=f"{_ADDRESS}/search_by_date", params=params, about=(("what", "threads"), *window.details))


def _thread(page: Page) -> Iterator[Request]:
    """Yield the request for the month's thread; of two with its title, one of which was given up, for the newer."""
    first, last = (date.fromisoformat(page.request.detail(name)) for name in ("from", "to"))
    title = f"Ask HN: Who is hiring? ({first:%B %Y})"
    if found := [each.number for each in json_of(page, _Found).hits if each.title == title]:
        yield Request(url=f"{_ADDRESS}/items/{found[0]}", about=(("what", "posts"), *page.request.about[1:]))
    elif last < page.provenance.seen_at.date():
        raise LayoutChanged(f"{page.address} names no thread {title!r}, and the month is over; look for it.")


def _parse(page: Page) -> Iterator[Record]:
    if page.request.detail("what") == "threads":
        return
    texts = [post.text for post in json_of(page, _Item).children if post.author and post.text]
    naming = Counter(dict.fromkeys(known_frameworks().labels_of(NAME).values(), 0))
    for text in texts:
        found = frameworks_in_text(BeautifulSoup(text, "html.parser").get_text("\n"))
        naming.update({mention.framework for mention in found if mention.is_counted})
    for framework, count in [*sorted(naming.items()), (None, len(texts))] if texts else ():
        subject = f"posts as our detector reads them: {framework or 'posts'}"
        yield _TOTALS.record(page, subject, count).model_copy(update={"framework": framework})


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    windows=lambda today: months(date(2015, 1, 1), today),
    starts=_starts,
    details=_thread,
    parse=_parse,
)
