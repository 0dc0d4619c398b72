"""The parsers over answers that the services really sent; the folder of recordings is not part of the project."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sample_source import page_of

from pipeline.errors import Refused
from pipeline.fetch.page import Page, Request
from pipeline.records import Paper, Record
from pipeline.records.collected import Reject
from pipeline.sources import arxiv


@pytest.fixture(scope="module")
def recordings() -> Path:
    folder = os.environ.get("OBSERVATORY_RECORDINGS")
    if not folder:
        pytest.skip("set OBSERVATORY_RECORDINGS to the folder of recorded answers to run this")
    return Path(folder)


def recorded(file: Path, *, about: dict[str, str], content_type: str = "application/json") -> Page:
    """A recorded body as the page of the request that it answered."""
    meta_file = file.with_suffix(".meta.json")
    url = json.loads(meta_file.read_text())["url"] if meta_file.exists() else "https://service.example/"
    request = Request(
        url=url.partition("?")[0],
        params=tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        about=tuple(about.items()),
    )
    return page_of(file.read_bytes(), request, content_type=content_type)


def rows_of(source, pages: Iterator[Page] | list[Page]) -> tuple[list[Record], list[Reject]]:
    rows = [row for page in pages for row in source.parse(page)]
    return [row for row in rows if isinstance(row, Record)], [row for row in rows if isinstance(row, Reject)]


ARXIV = {"purpose": "mentions", "from": "2026-01-01", "to": "2026-01-31"}


def test_arxiv_feeds_are_read_without_a_reject(recordings) -> None:
    files = sorted(file for file in recordings.glob("arxiv/*.xml") if "id_abc" not in file.name)
    assert files
    pages = [recorded(file, about=ARXIV, content_type="application/atom+xml") for file in files]
    records, rejects = rows_of(arxiv.SOURCE, pages)
    assert rejects == []
    listed = {key for page in pages for key in arxiv.SOURCE.tally(page).keys}
    papers = {record.paper_id for record in records if isinstance(record, Paper)}
    assert len(papers) == len({key.rpartition("v")[0] for key in listed})
    assert all(record.abstract for record in records if isinstance(record, Paper))


def test_an_arxiv_error_entry_is_a_refusal(recordings) -> None:
    (file,) = recordings.glob("arxiv/id_abc*.xml")
    with pytest.raises(Refused, match="incorrect id format"):
        list(arxiv.SOURCE.parse(recorded(file, about=ARXIV, content_type="application/atom+xml")))
