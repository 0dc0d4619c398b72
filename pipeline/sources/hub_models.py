"""Hugging Face Hub: models that carry a framework's tag, and those that name it as their library; two measures.

State of late 2026: 500 requests in 5 minutes without a token; lists are paged by a `Link` header and announce no total.
`pytorch` is mostly a tag beside another library (`transformers`), so the two measures differ by far.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page, PageInfo, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow, Record, Reject
from pipeline.sources.source import Totals, asked_words, entry_of, monthly, next_link

NAME = "hub_models"
_TOTALS = Totals(NAME, "models")
_ADDRESS = "https://huggingface.co/api/models"
_PAGE_SIZE = 1000


class _Model(Wire):
    id: str
    library_name: str | None = None


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for framework, tag in asked_words(NAME):
        params = (("filter", tag), ("limit", str(_PAGE_SIZE)), ("expand[]", "library_name"))
        about = (("framework", framework), ("tag", tag), ("tagged", "0"), ("as_library", "0"))
        yield Request(url=_ADDRESS, params=params, about=about)


def _counted(page: Page) -> tuple[int, int]:
    """Return how many models the pages so far tag with it, and how many name it as their library."""
    tag, repeated = page.request.detail("tag"), set(page.provenance.repeated)
    models = {model.id: model for model in json_of(page, list[_Model]) if model.id not in repeated}.values()
    return (
        int(page.request.detail("tagged")) + len(models),
        int(page.request.detail("as_library")) + sum(model.library_name == tag for model in models),
    )


def _follow(page: Page) -> Request | None:
    address = next_link(page)
    if address is None:
        return None
    params = tuple(parse_qsl(urlsplit(address).query))
    if "cursor" not in dict(params):
        raise LayoutChanged(f"{page.address} leads on to a page without a cursor; report the change.")
    tagged, as_library = map(str, _counted(page))
    about = {**dict(page.request.about), "tagged": tagged, "as_library": as_library}
    return Request(url=_ADDRESS, params=params, about=tuple(about.items()))


def _parse(page: Page) -> Iterator[Record | Reject]:
    if next_link(page) is not None:
        return
    (tagged, as_library), tag = _counted(page), page.request.detail("tag")
    yield from _TOTALS.rows(page, f"models tagged with it: {tag}", tagged)
    yield from _TOTALS.rows(page, f"models naming it as their library: {tag}", as_library)


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=_starts,
    follow=_follow,
    page_info=lambda page: PageInfo(keys=tuple(model.id for model in json_of(page, list[_Model]))),
    parse=_parse,
    version=2,
)
