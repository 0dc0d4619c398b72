"""arXiv's query API: papers whose title, abstract or comment names a framework, and all papers of the same classes.

State of late 2026: at most one request every 3 s over one connection; `submittedDate` is the day of the first version,
in GMT; pages come back empty now and then and full at the next asking; unknown identifiers are dropped without a word;
an error is an Atom feed with one entry, whose status was 200 before and is 400 now.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any
from xml.etree.ElementTree import Element

from pipeline.detect.files.subjects import repository_links
from pipeline.errors import LayoutChanged, Refused
from pipeline.fetch.page import XML_TYPES, Page, PageInfo, Request
from pipeline.fetch.wire import child_text, words, xml
from pipeline.records import CollectWindow, Paper, PaperRepository, PeriodCount, Record, Reject
from pipeline.sources.source import Source, Totals, asked_words, entry_of, months, read_rows

NAME = "arxiv"
_TOTALS = Totals(NAME, "papers")
_ADDRESS = "https://export.arxiv.org/api/query"
PAGE_SIZE = 1000  # 2,000 is the most that is allowed; such pages come back empty more often
_NAMES = {
    "": "http://www.w3.org/2005/Atom",
    "os": "http://a9.com/-/spec/opensearch/1.1/",
    "ax": "http://arxiv.org/schemas/atom",
}
CLASSES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.NE", "stat.ML")


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    # Wide on purpose: the service's stemmer decides what is sent, the detector what counts as a mention.
    words = [f"{field}:{word}" for _, word in asked_words(NAME) for field in ("ti", "abs", "co")]
    span = f"submittedDate:[{window.starts_on:%Y%m%d}0000 TO {window.ends_on:%Y%m%d}2359]"
    mentions, base = (" OR ".join(terms) for terms in (words, [f"cat:{name}" for name in CLASSES]))
    yield request(f"({mentions}) AND {span}", 0, PAGE_SIZE, (("purpose", "mentions"), *window.details))
    yield request(f"({base}) AND {span}", 0, 1, (("purpose", "base"), *window.details))


def request(query: str, start: int, size: int, about: tuple[tuple[str, str], ...]) -> Request:
    """Return the question for some papers of a query, oldest first."""
    return Request(
        url=_ADDRESS,
        params=(
            ("search_query", query),
            ("start", str(start)),
            ("max_results", str(size)),
            ("sortBy", "submittedDate"),
            ("sortOrder", "ascending"),
        ),
        content_types=XML_TYPES,
        about=about,
    )


def _follow(page: Page) -> Request | None:
    if page.request.detail("purpose") == "base":
        return None
    asked, (entries, _) = dict(page.request.params), feed(page)
    start = int(asked["start"]) + len(entries)
    return request(asked["search_query"], start, int(asked["max_results"]), page.request.about)


def _page_info(page: Page) -> PageInfo:
    entries, total = feed(page)
    keys = tuple(child_text(page, entry, "id", _NAMES) for entry in entries)
    return PageInfo(keys=keys, total=min(total, 1) if page.request.detail("purpose") == "base" else total)


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.detail("purpose") != "base":
        yield from paper_rows(page, NAME)
        return
    _, total = feed(page)
    if total == 0 and date.fromisoformat(page.request.detail("to")) < page.provenance.seen_at.date():
        error = ValueError("no paper at all in these classes in a whole month, which is not believed")
        yield Reject.of(page.stamp(NAME), "base", error)
    else:
        yield from _TOTALS.rows(page, " ".join(CLASSES), total)


def paper_rows(page: Page, source_id: str) -> Iterator[Record | Reject]:
    """Yield the papers of a feed and the repositories that their abstracts and comments link to."""
    read = partial(_records, page, page.stamp(source_id))
    yield from read_rows(page, source_id, feed(page)[0], read, lambda entry: entry.findtext("id", "", _NAMES))


def _records(page: Page, stamp: dict[str, Any], entry: Element) -> Iterator[Record]:
    paper_id = "arxiv:" + identifier(page, entry)
    texts = {"abstract": _text(entry, "summary"), "comment": _text(entry, "ax:comment")}
    yield Paper(
        paper_id=paper_id,
        abstract=texts["abstract"],
        comment=texts["comment"],
        title=child_text(page, entry, "title", _NAMES),
        categories=categories(page, entry),
        submitted_on=datetime.fromisoformat(child_text(page, entry, "published", _NAMES)).date(),
        doi=_text(entry, "ax:doi"),
        **stamp,
    )
    found_in: dict[str, str] = {}
    for place, text in texts.items():
        found_in = dict.fromkeys(repository_links([(text or "").encode()]), place) | found_in
    for link, place in found_in.items():
        forge, _, repository = link.partition("/")
        yield PaperRepository(paper_id=paper_id, forge=forge, repository=repository, found_in=place, **stamp)


@lru_cache(maxsize=1)  # a pagination looks at each page several times
def feed(page: Page) -> tuple[list[Element], int]:
    """Return the entries of a feed and the total that it announces; refuse a feed that is an error message."""
    root = xml(page)
    entries = root.findall("entry", _NAMES)
    for entry in entries:
        if "/api/errors" in entry.findtext("id", "", _NAMES):
            raise Refused(f"{page.address}: arXiv says {_text(entry, 'summary')!r}; report the question.")
    total = child_text(page, root, "os:totalResults", _NAMES)
    if not total.isdecimal():
        raise LayoutChanged(f"{page.address}: totalResults is {total!r}, no number; report the change.")
    return entries, int(total)


def identifier(page: Page, entry: Element) -> str:
    """Return `2401.01234` or `math/0211159` from an entry's address with its version."""
    address = child_text(page, entry, "id", _NAMES)
    name = address.partition("/abs/")[2]
    if not name:
        raise LayoutChanged(f"the entry's id {address!r} is no address of an abstract; report the change.")
    number, _, version = name.rpartition("v")
    return number if number and version.isdecimal() else name


def categories(page: Page, entry: Element) -> str:
    """Return an entry's subject classes, the primary one first, joined by spaces."""
    primary = entry.find("ax:primary_category", _NAMES)
    if primary is None or not primary.get("term"):
        raise LayoutChanged(f"{page.address} has an entry without a primary category; report the change.")
    terms = [primary.get("term", ""), *(each.get("term", "") for each in entry.findall("category", _NAMES))]
    return " ".join(dict.fromkeys(term for term in terms if term))


def _text(entry: Element, path: str) -> str | None:
    return words(entry.findtext(path, "", _NAMES)) or None


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(Paper, PaperRepository, PeriodCount),
    windows=lambda today: months(date(2015, 1, 1), today),
    starts=_starts,
    check=feed,  # an error that is sent like a feed ends the pagination
    follow=_follow,
    page_info=_page_info,
    parse=_parse,
)
