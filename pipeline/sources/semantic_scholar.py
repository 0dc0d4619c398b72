"""Semantic Scholar's bulk search: papers of a year whose title or abstract names a framework.

State of late 2026: without a key all the world shares one small quota and 429 is the rule; a key gives one request a
second over all endpoints. The first page of a bulk search announces the total; totals of past years drift upwards as
the corpus grows.
"""

from collections.abc import Iterator

from pipeline.fetch.page import Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import CollectWindow
from pipeline.sources.source import Source, Totals, asked_words, entry_of, whole_year

NAME = "semantic_scholar"
_TOTALS = Totals(NAME, "papers")
_ADDRESS = "https://api.semanticscholar.org/graph/v1/paper/search/bulk"


class _Answer(Wire):
    total: int
    data: list[object]


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    # Only names that are no ordinary words: the search confuses JAX with Jax and Caffe with a café.
    for framework, query in asked_words(NAME):
        yield Request(
            url=_ADDRESS,
            params=(("query", query), ("year", window.window_id), ("fields", "paperId")),
            about=(("query", query), ("framework", framework), *window.details),
        )


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    windows=lambda today: map(whole_year, range(2015, today.year + 1)),
    starts=_starts,
    parse=lambda page: _TOTALS.rows(
        page, f"papers whose title or abstract names it: {page.request.detail('query')}", json_of(page, _Answer).total
    ),
)
