"""OpenReview's search: how many notes it says it finds for a framework's name. Nothing else is asked there.

State of late 2026: lists of notes answer strangers with a challenge, which is made for people and is respected here,
never solved; the search still answers, ranks by relevance and finds fewer distinct notes than it counts, and refuses
after a dozen quick questions. So the count is carried as what it is, and papers themselves come from the proceedings.
"""

from collections.abc import Iterator

from pipeline.errors import Refused
from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow
from pipeline.sources.source import Totals, asked_words, entry_of, monthly

NAME = "openreview"
_TOTALS = Totals(NAME, "papers")
_ADDRESS = "https://api2.openreview.net/notes/search"
_FORBIDDEN = 403


class _Answer(Wire):
    notes: list[object]
    count: int


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    # Only names that are no ordinary words, as for every search that is not ours.
    for framework, name in asked_words(NAME):
        yield Request(
            url=_ADDRESS,
            params=(("term", name), ("limit", "1"), ("offset", "0")),
            accepted_statuses=(200, _FORBIDDEN),
            about=(("name", name), ("framework", framework)),
        )


def _check(page: Page) -> None:
    """End the pagination at a challenge, which asks who is there."""
    if page.provenance.status == _FORBIDDEN:
        raise Refused(
            f"{page.address}: OpenReview asks for a proof that only a person can give, and this program gives none. "
            "The proceedings hold the same papers: run `observatory collect proceedings`."
        )


SOURCE = monthly(
    **entry_of(NAME, _ADDRESS),
    starts=_starts,
    check=_check,
    parse=lambda page: _TOTALS.rows(
        page, f"notes that the search says it finds: {page.request.detail('name')}", json_of(page, _Answer).count
    ),
)
