"""Papers with Code's successor: papers that its catalogue tags with a framework.

State of late 2026, as its own client asks (huggingface/pwc-cli): paperswithcode.co answers anonymously with its whole
catalogue of frameworks, by domain and category, each with its papers. A framework there is a library that a paper is
tagged with, not what its code was classified as before July 2025: never joined to it. No limit is published.
"""

from collections.abc import Iterator

from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import Record
from pipeline.reference import known_frameworks
from pipeline.sources.source import Totals, entry_of, monthly

NAME = "paperswithcode"
_ADDRESS = "https://paperswithcode.co/api/v1/frameworks"


class _Entry(Wire):
    """The catalogue with its domains, a domain, a category, or a framework, which may stand in several of them."""

    slug: str = ""
    paper_count: int | None = None
    domains: tuple["_Entry", ...] = ()
    categories: tuple["_Entry", ...] = ()
    frameworks: tuple["_Entry", ...] = ()


def _parse(page: Page) -> Iterator[Record]:
    categories = (category for domain in json_of(page, _Entry).domains for category in domain.categories)
    counts = {each.slug: each.paper_count for category in categories for each in category.frameworks}
    for slug, framework in known_frameworks().labels_of(NAME).items():
        if (count := counts.get(slug)) is not None:
            total = Totals(NAME, "papers").record(page, f"papers tagged with it: {slug}", count)
            yield total.model_copy(update={"framework": framework})


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=lambda _window, _has_key: [Request(url=f"{_ADDRESS}/")],
    parse=_parse,
)
