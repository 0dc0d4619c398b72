"""arXiv's newest papers in full: a random sample of each month, read by our own detector; their text is not kept.

State of late 2026: asked for identifiers, the query API sends the papers that there are; PDFs lie on the same host,
which is kept for programs; one request every 3 s over both. The papers of a month are numbered through. A night draws
those of the month before whose hash falls into its part, so that each paper of the classes is drawn alike.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.detect import frameworks_in_tree, todays_rules
from pipeline.fetch.page import HTML_TYPES, XML_TYPES, Page, PageInfo, Request, digest
from pipeline.records import CollectWindow, PaperLabel, Record, Reject
from pipeline.sources import arxiv
from pipeline.sources.source import THERE_OR_GONE, Source, day, entry_of, read_rows

NAME = "arxiv_full_text"
_QUERY, _PDF = "https://export.arxiv.org/api/query", "https://export.arxiv.org/pdf"
_CLASSES = frozenset({"cs.LG", "cs.CV", "cs.CL"})
_NUMBERS = range(1, 40_001)
"""A third more than arXiv ever gave in a month."""
_NIGHT_FRACTION = 0.0025
"""Some 30 papers of the classes. It stands in the view `full_text_sample` as well, and so does the draw."""


def drawn(night: date) -> list[str]:
    """Return the identifiers that are drawn in a night, whether there are papers under them or not."""
    first, month = (night.day - 1) * _NIGHT_FRACTION, night.replace(day=1) - timedelta(days=1)
    identifiers = (f"{month:%y%m}.{number:05}" for number in _NUMBERS)
    return [each for each in identifiers if first <= _place(each) < first + _NIGHT_FRACTION]


def _place(identifier: str) -> float:
    return int(sha256(f"20261127 {identifier}".encode()).hexdigest()[:13], 16) / 2**52


def _starts(window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    identifiers = drawn(window.starts_on)
    params = (("id_list", ",".join(identifiers)), ("max_results", str(len(identifiers))))
    yield Request(url=_QUERY, params=params, content_types=XML_TYPES)


def _page_info(page: Page) -> PageInfo:
    entries, total = ([], None) if page.request.about else arxiv.feed(page)
    return PageInfo(keys=tuple(arxiv.identifier(page, entry) for entry in entries), total=total)


def _papers(page: Page) -> Iterator[Request]:
    types = ("application/pdf", *HTML_TYPES)
    fixed = partial(Request, content_types=types, accepted_statuses=THERE_OR_GONE, is_large=True)
    for entry in arxiv.feed(page)[0]:
        if _CLASSES.intersection(arxiv.categories(page, entry).split()):
            paper_id = arxiv.identifier(page, entry)
            yield fixed(url=f"{_PDF}/{paper_id}", about=(("paper", paper_id),))


def _kept(page: Page) -> Page:
    """Return in place of a paper which frameworks it names, read in a process of its own; its file is dropped."""
    if not isinstance(page.content, Path):
        return page
    (file,) = frameworks_in_tree(page.content, workers_count=1)
    page.content.unlink()
    found, plain = file.inspection, ("mention", "body", "plain")
    named = {each.framework for each in found.detections if (each.tier, each.section, each.negation) == plain}
    is_read = (found.file_type, found.outcome) == ("pdf", "read")
    fault = None if is_read else f"the paper cannot be read as a PDF: {found.reason or found.file_type}"
    reading = {"paper_id": f"arxiv:{page.request.detail('paper')}", "named": sorted(named), "fault": fault}
    content = json.dumps(reading | {"ruleset_id": todays_rules().ruleset_id}).encode()
    provenance = page.provenance.model_copy(update={"sha256": digest(content), "size_bytes": len(content)})
    return Page(provenance=provenance, content=content)


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.about:
        with page.open() as kept:
            reading = json.load(kept)
        yield from read_rows(page, NAME, [reading], partial(_labels, page), lambda each: str(each["paper_id"]))


def _labels(page: Page, reading: dict[str, Any]) -> Iterator[Record]:
    if reading["fault"]:
        raise ValueError(reading["fault"])
    paper_id, rules = reading["paper_id"], reading["ruleset_id"]
    paper = {"subject_id": paper_id, "paper_id": paper_id, "tier": "mention", "ruleset_id": rules}
    for framework in reading["named"] or ["none"]:
        yield PaperLabel.model_validate({**paper, "framework": framework, **page.stamp(NAME)})


SOURCE = Source(
    **entry_of(NAME, _QUERY, _PDF),
    records=(PaperLabel,),
    windows=day,
    starts=_starts,
    page_info=_page_info,
    details=_papers,
    kept=_kept,
    parse=_parse,
)
