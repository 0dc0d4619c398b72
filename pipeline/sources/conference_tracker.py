"""The conference tracker's table as it stands in its repository today, beside the twenty versions that are shipped.

State of late 2026: nothing was committed since October 2021; should the tracker be taken up again, its new version
comes in as a further vintage, under rules that are marked as unread.
"""

import csv
from collections.abc import Iterator
from datetime import datetime

from pipeline.errors import LayoutChanged
from pipeline.fetch.page import TEXT_TYPES, Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.layouts.conference_tracker import cell_of, counts_of, each_edition_once
from pipeline.records import PaperCount, Record
from pipeline.records.collected import Reject, Window
from pipeline.sources.source import Source, present_month

NAME = "conference_tracker"
_REPOSITORY = "Chillee/pytorch-vs-tensorflow"
_FILE = "data_analysis/data.csv"
_COMMITS = f"https://api.github.com/repos/{_REPOSITORY}/commits"
_RAW = f"https://raw.githubusercontent.com/{_REPOSITORY}"


class _Committer(Wire):
    date: str


class _Facts(Wire):
    committer: _Committer


class _Commit(Wire):
    sha: str
    commit: _Facts


def _starts(_window: Window, _has_key: bool) -> Iterator[Request]:
    yield Request(
        url=_COMMITS,
        params=(("path", _FILE), ("per_page", "1")),
        headers=(("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")),
        about=(("what", "newest version"),),
    )


def _table(page: Page) -> Iterator[Request]:
    """Yield the request for the table in its newest version.

    Raises:
        LayoutChanged: the repository tells of no version.
    """
    commits = json_of(page, list[_Commit])
    if not commits:
        raise LayoutChanged(f"{page.address}: {_FILE} has no version; look where the tracker keeps its table now.")
    newest = commits[0]
    yield Request(
        url=f"{_RAW}/{newest.sha}/{_FILE}",
        content_types=TEXT_TYPES,
        about=(("what", "table"), ("commit", newest.sha), ("published_at", newest.commit.committer.date)),
    )


def _parse(page: Page) -> Iterator[Record | Reject]:
    if page.request.detail("what") != "table":
        return
    published_at = datetime.fromisoformat(page.request.detail("published_at"))
    rows = [row for row in csv.reader(page.text().splitlines()) if row]
    for cell in sorted(each_edition_once(page.address, [cell_of(page.address, row) for row in rows])):
        for fields in counts_of(cell, page.request.detail("commit"), published_at):
            yield PaperCount.model_validate({**fields, **page.stamp(NAME)})


SOURCE = Source(
    name=NAME,
    title="The State of Machine Learning Frameworks: conference tracker",
    series=("papers.conference_mentions",),
    records=(PaperCount,),
    addresses=(_COMMITS, _RAW),
    terms_url="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service#h-api-terms",
    licence="none stated; only counts, identifiers and labels are carried",
    attribution="Horace He, The State of Machine Learning Frameworks in 2019 (The Gradient) and its repository",
    seconds_between_requests=1,
    windows=present_month,
    starts=_starts,
    details=_table,
    parse=_parse,
    is_snapshot=True,
    # The page that names the version yields no row.
    empty_is_normal=True,
)
