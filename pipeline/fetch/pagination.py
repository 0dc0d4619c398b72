"""Paging that ends with proof: what was announced was reached, or nothing of it counts."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
from typing import Protocol

from pipeline.errors import Incomplete
from pipeline.fetch.page import Page, PageInfo, Request

_ASKED_AGAIN_COUNT = 2
_SPARE_PAGES = 10


class ListedTwice(Incomplete):
    """As many rows as announced were served, but some twice: either the list moved while it was read, or it is so."""

    def __init__(self, message: str, sequence_sha256: str) -> None:
        super().__init__(message)
        self.sequence_sha256 = sequence_sha256
        """Equal for two paginations that were served the same items in the same order: then nothing has moved."""


class Ask(Protocol):
    """Gets a page that tells which of the known keys it repeats; `fresh` demands a new answer."""

    def __call__(self, request: Request, *, fresh: bool = False, known: AbstractSet[str] = frozenset()) -> Page: ...  # noqa: D102


@dataclass
class Paginator:
    """Follows the pages from a first request to the proven end."""

    first: Request
    follow: Callable[[Page], Request | None]
    page_info: Callable[[Page], PageInfo]
    page_limit: int
    repeats_count: int = 0
    """Items that were listed before, on an earlier page or the same."""
    _seen: set[str] = field(default_factory=set)
    _order: list[str] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _bodies: set[str] = field(default_factory=set)

    def pages(self, ask: Ask) -> Iterator[Page]:
        """Yield the pages in their order; the pagination is complete when this ends without an error.

        Raises:
            Incomplete: an empty page before the total, a page that brings nothing new, a total that grows for ever,
                or an end short of the total.
        """
        request: Request | None = self.first
        while request is not None:
            if request.fingerprint in self._asked or len(self._asked) >= self.page_limit:
                raise Incomplete(
                    f"{request.url} leads on and on ({len(self._asked)} pages, {len(self._seen)} items); run again."
                )
            page, page_info = self._asked_again_if_empty(request, ask)
            repeats_keys = bool(page_info.keys) and self._seen.issuperset(page_info.keys)
            repeats_body = not page_info.keys and page.provenance.sha256 in self._bodies
            if repeats_keys or repeats_body:
                raise Incomplete(
                    f"{page.address} repeats what came before, after {len(self._seen)} items; run again later."
                )
            yield page
            self._note(request, page, page_info)
            if page_info.total is not None and len(self._seen) >= page_info.total:
                return
            request = self.follow(page)
            if request is None and page_info.total is not None:
                raise self._short(page, page_info.total)

    def _asked_again_if_empty(self, request: Request, ask: Ask) -> tuple[Page, PageInfo]:
        """An empty page is a question, not an answer: some services send one now and then and the full one next."""
        for times_asked in range(_ASKED_AGAIN_COUNT + 1):
            page = ask(request, fresh=times_asked > 0, known=self._seen)
            info = self.page_info(page)
            if info.keys or info.total is None or len(self._seen) >= info.total:
                return page, info
            if len(self._order) >= info.total:
                raise self._short(page, info.total)
        raise Incomplete(
            f"{page.address} is an empty page after {len(self._seen)} of {info.total} items; run again later."
        )

    def _note(self, request: Request, page: Page, page_info: PageInfo) -> None:
        if not self._asked and page_info.total is not None and page_info.keys:
            # A total that grows while it is paged is followed, but not for ever.
            self.page_limit = min(self.page_limit, 2 * ceil(page_info.total / len(page_info.keys)) + _SPARE_PAGES)
        self._asked.add(request.fingerprint)
        self._bodies.add(page.provenance.sha256)
        self.repeats_count += len(page_info.keys) - len(set(page_info.keys) - self._seen)
        self._seen.update(page_info.keys)
        self._order.extend(page_info.keys)

    def _short(self, page: Page, total: int) -> Incomplete:
        message = f"{page.address} ends the list at {len(self._seen)} of {total} items"
        if len(self._order) >= total:
            sequence = sha256("\n".join(self._order).encode()).hexdigest()
            return ListedTwice(f"{message}, some of them listed twice; run again later.", sequence)
        return Incomplete(f"{message}; run again later.")
