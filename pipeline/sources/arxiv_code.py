"""arXiv's papers that write of GitHub in their abstract or comment: the frame that the code of papers is drawn from.

Unlike what the source `arxiv` asks for, they are not chosen by the name of a framework. Wide on purpose: the service's
stemmer decides what is sent, the address in the text what counts as a link.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from pipeline.fetch.page import Request
from pipeline.records import Paper, PaperRepository
from pipeline.records.collected import CollectWindow
from pipeline.sources import arxiv
from pipeline.sources.source import entry_of, months

NAME = "arxiv_code"


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    classes = " OR ".join(f"cat:{name}" for name in arxiv.CLASSES)
    span = f"submittedDate:[{window.starts_on:%Y%m%d}0000 TO {window.ends_on:%Y%m%d}2359]"
    query = f"(abs:github OR co:github) AND ({classes}) AND {span}"
    yield arxiv.request(query, 0, arxiv.PAGE_SIZE, (("purpose", "code"), *window.details))


SOURCE = replace(
    arxiv.SOURCE,
    **entry_of(NAME, *arxiv.SOURCE.addresses),
    records=(Paper, PaperRepository),
    # So far back the code of papers is drawn.
    windows=lambda today: months(today - timedelta(days=365), today),
    starts=_starts,
    parse=lambda page: arxiv.paper_rows(page, NAME),
)
