"""Proceedings on the web: the papers of an edition from its index page, and their abstracts.

State of late 2026: NeurIPS and ICLR are served by one program, whose index says how many papers it lists; PMLR, the CVF
and the ACL Anthology each have pages of their own. The ACL's index carries the abstracts; the others have a page a
paper, which is asked for in the editions from `_ABSTRACTS_FROM` on. An edition that is not out yet answers 404.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import product
from urllib.parse import parse_qsl, urlsplit

from bs4 import Tag

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import HTML_TYPES, Page, PageInfo, Request
from pipeline.fetch.wire import attribute, html, one, some, words
from pipeline.records import CollectWindow, Paper, Record, Reject
from pipeline.sources.source import Source, entry_of, read_rows, whole_year

NAME = "proceedings"
_FIRST_YEAR = 2020
_ABSTRACTS_FROM = 2025
_NOT_OUT = 404
_ENDING = re.compile(r"(-Abstract.*|(_paper)?\.html)$")


@dataclass(frozen=True)
class _Entry:
    """One paper as an index lists it."""

    number: str
    """Its identifier within the edition."""
    title: str
    page: str | None
    """Address of its own page, from the index's root on; None where the index says everything."""
    abstract: str | None = None


@dataclass(frozen=True)
class _Site:
    """One publisher: where an edition's index is, and how its pages are read."""

    venue: str
    root: str
    index: Callable[[int], str | None]
    """The path of the index of a year's edition; None where that year has none."""
    entries: Callable[[Page], list[_Entry]]
    abstract: Callable[[Page], str]
    """Reads a paper's own page."""


def _entry(page: Page, link: Tag, title: str) -> _Entry:
    """Return the paper that a link leads to; its number is the name of its page without what all names end with."""
    address = urlsplit(attribute(page, link, "href"))._replace(scheme="", netloc="").geturl()
    return _Entry(_ENDING.sub("", address.rpartition("/")[2]), title, address)


def _program_entries(page: Page) -> list[_Entry]:
    items = some(page, html(page), "ul.paper-list > li")
    return [_entry(page, link, words(link)) for link in (one(page, item, "a[title='paper title']") for item in items)]


def _program_abstract(page: Page) -> str:
    """Read the whole section but its heading: a paragraph holds a paragraph, and parsers disagree where it ends."""
    paragraph = one(page, html(page), "p.paper-abstract")
    section = paragraph.find_parent("section") or paragraph
    heading = section.select_one(".section-label")
    if heading is not None:
        heading.extract()
    return words(section)


def _pmlr_entries(page: Page) -> list[_Entry]:
    found = []
    for paper in some(page, html(page), "div.paper"):
        link = next((link for link in paper.select("p.links a") if words(link) == "abs"), None)
        if link is None:
            raise LayoutChanged(f"{page.address} has a paper without an abstract's link; report the change.")
        found.append(_entry(page, link, words(one(page, paper, "p.title"))))
    return found


def _abstract_by_id(page: Page) -> str:
    return words(one(page, html(page), "#abstract"))


def _acl_entries(page: Page) -> list[_Entry]:
    """Read the main volumes alone: the event's page lists workshops and findings as well."""
    tree, found = html(page), []
    for link in some(page, tree, "span.d-block strong a.align-middle"):
        number = attribute(page, link, "href").strip("/")
        if ".acl-long." in number or ".acl-short." in number:
            # The folded abstract of 2026.acl-long.1 is abstract-2026--acl-long--1.
            card = tree.find(id=f"abstract-{number.replace('.', '--')}")
            found.append(_Entry(number, words(link), None, words(card) if isinstance(card, Tag) else None))
    return found


_PMLR_INDEX = {2020: "/v119/", 2021: "/v139/", 2022: "/v162/", 2023: "/v202/", 2024: "/v235/", 2025: "/v267/"}
"""The volumes of ICML."""
_CVF_WHOLE_PAGES_FROM = 2021
"""Before, a venue's page lists days."""
_program_index = "/paper_files/paper/{}".format
_SITES = (
    _Site("NeurIPS", "https://proceedings.neurips.cc", _program_index, _program_entries, _program_abstract),
    _Site("ICLR", "https://proceedings.iclr.cc", _program_index, _program_entries, _program_abstract),
    _Site("ICML", "https://proceedings.mlr.press", _PMLR_INDEX.get, _pmlr_entries, _abstract_by_id),
    _Site(
        "CVPR",
        "https://openaccess.thecvf.com",
        lambda year: f"/CVPR{year}?day=all" if year >= _CVF_WHOLE_PAGES_FROM else None,
        lambda page: [_entry(page, link, words(link)) for link in some(page, html(page), "dt.ptitle a")],
        _abstract_by_id,
    ),
    _Site("ACL", "https://aclanthology.org", "/events/acl-{}/".format, _acl_entries, _abstract_by_id),
)
_SITE_OF = {site.venue: site for site in _SITES}


def _windows(today: date) -> list[CollectWindow]:
    editions = product(range(_FIRST_YEAR, today.year + 1), _SITES)
    return [whole_year(year, f"{site.venue}-{year}") for year, site in editions if site.index(year)]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    site, year = _SITE_OF[window.window_id.partition("-")[0]], window.starts_on.year
    yield _request(site, year, str(site.index(year)), kind="index")


def _request(site: _Site, year: int, path: str, *, kind: str, entry: _Entry | None = None) -> Request:
    about = (("kind", kind), ("venue", site.venue), ("year", str(year)))
    named = (("number", entry.number), ("title", entry.title)) if entry else ()
    place, _, query = path.partition("?")
    return Request(
        url=site.root + place,
        params=tuple(parse_qsl(query)),
        content_types=HTML_TYPES,
        accepted_statuses=(200, _NOT_OUT),
        about=about + named,
    )


def _site(page: Page) -> _Site:
    return _SITE_OF[page.request.detail("venue")]


def _year(page: Page) -> int:
    return int(page.request.detail("year"))


def _entries(page: Page) -> list[_Entry]:
    return [] if page.provenance.status == _NOT_OUT else _site(page).entries(page)


def _details(page: Page) -> Iterator[Request]:
    if _year(page) >= _ABSTRACTS_FROM:
        for entry in _entries(page):
            if entry.page is not None:
                yield _request(_site(page), _year(page), entry.page, kind="paper", entry=entry)


def _page_info(page: Page) -> PageInfo:
    """Return the listed papers, and how many the page says there are, where it says so."""
    if page.request.detail("kind") != "index":
        return PageInfo()
    entries = _entries(page)
    if not entries:
        return PageInfo(total=0)
    counter = html(page).select_one("span.paper-count")
    announced = re.search(r"\d+", words(counter).replace(",", "")) if counter else None
    return PageInfo(keys=tuple(each.number for each in entries), total=int(announced.group()) if announced else None)


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.detail("kind") == "index":
        has_pages = _year(page) >= _ABSTRACTS_FROM
        here = [entry for entry in _entries(page) if entry.page is None or not has_pages]
    else:
        number, title = page.request.detail("number"), page.request.detail("title")
        if page.provenance.status == _NOT_OUT:
            yield Reject.of(page.stamp(NAME), number, ValueError("the index leads to a page that is not there"))
            return
        here = [_Entry(number, title, None, _site(page).abstract(page))]
    yield from read_rows(page, NAME, here, partial(_papers, page), lambda each: each.number)


def _papers(page: Page, entry: _Entry) -> Iterator[Record]:
    venue, year = page.request.detail("venue"), _year(page)
    own = {"paper_id": f"{venue}-{year}/{entry.number}", "title": entry.title, "abstract": entry.abstract or None}
    yield Paper.model_validate({**own, "venue": venue, "edition_year": year, **page.stamp(NAME)})


SOURCE = Source(
    **entry_of(NAME, *(site.root for site in _SITES)),
    records=(Paper,),
    windows=_windows,
    starts=_starts,
    details=_details,
    page_info=_page_info,
    parse=_parse,
)
