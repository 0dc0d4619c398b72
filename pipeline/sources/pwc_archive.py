"""Papers with Code's last dump of links between papers and code, 300,161 rows of July 2025, as a Parquet file.

The site was closed in July 2025; the dump lies on the Hugging Face Hub and does not change. `framework` there is the
site's own label of the linked repository; `none` is a state. What the site's successor calls framework is something
else and not joined to it.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import duckdb

from pipeline.detect.files.subjects import repository_link
from pipeline.errors import LayoutChanged
from pipeline.fetch.page import Page, Request
from pipeline.records import CollectWindow, PaperLabel, Record, Reject
from pipeline.reference import known_frameworks
from pipeline.sources.source import Source, entry_of, read_rows

NAME = "pwc_archive"
_ADDRESS = "https://huggingface.co/datasets/pwc-archive/links-between-paper-and-code/resolve/main/data"
_FILE = f"{_ADDRESS}/train-00000-of-00001.parquet"
_PARQUET_TYPES = ("application/octet-stream", "binary/octet-stream", "application/vnd.apache.parquet")
_ALL = CollectWindow(window_id="all", starts_on=date(2012, 1, 1), ends_on=date(2025, 7, 25))
_COLUMNS = "paper_url, paper_arxiv_id, repo_url, is_official, framework"
_ROWS_AT_ONCE = 10_000
_Link = tuple[str, str | None, str, bool, str | None]


def _parse(page: Page) -> Iterator[Record | Reject]:
    seen: set[str] = set()
    frameworks = known_frameworks().labels_of("papers_with_code")

    def read(link: _Link) -> Iterator[Record]:
        label = _label(page, link, frameworks)
        # The dump repeats some links.
        if label.subject_id not in seen:
            seen.add(label.subject_id)
            yield label

    yield from read_rows(page, NAME, _links(page), read, name=lambda link: f"{link[0]} {link[2]}")


def _links(page: Page) -> Iterator[_Link]:
    """Yield the rows of the file, some thousands at a time."""
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"select {_COLUMNS} from read_parquet(?)", [str(page.content)])
            while rows := connection.fetchmany(_ROWS_AT_ONCE):
                yield from rows
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise LayoutChanged(f"{page.address}: {reason}; look at the file and report the change.") from error


def _label(page: Page, link: _Link, frameworks: Mapping[str, str]) -> PaperLabel:
    paper_url, arxiv_id, repo_url, is_official, framework = link
    word = framework or "none"
    if word not in frameworks:
        raise ValueError(f"{word!r} is no known label of a framework")
    _, _, repository = (repository_link(repo_url) or "").partition("/")
    if not repository:
        raise ValueError(f"{repo_url!r} names no repository")
    fields = label_fields(paper_url, arxiv_id, repository, frameworks[word])
    # An identifier like 1706.03762 begins with the year in which it was given; the older scheme is not read.
    digits = (arxiv_id or "")[:2]
    own = {"subject_year": 2000 + int(digits) if digits.isdecimal() else None, "is_official": is_official}
    return PaperLabel.model_validate({**fields, **own, **page.stamp(NAME)})


def label_fields(paper_url: str, arxiv_id: str | None, repository: str, framework: str) -> dict[str, object]:
    """Return the fields of a `PaperLabel` that a link of a paper to a repository gives."""
    paper_id = arxiv_id or paper_url.rstrip("/").rpartition("/")[2]
    return {
        "subject_id": f"{paper_id}|{repository}",
        "paper_id": paper_id,
        "repository": repository,
        "tier": "code_label",
        "framework": framework,
        "ruleset_id": "papers-with-code-label",
    }


SOURCE = Source(
    **entry_of(NAME, _ADDRESS),
    records=(PaperLabel,),
    windows=lambda _today: [_ALL],
    starts=lambda _window, _has_key: [Request(url=_FILE, content_types=_PARQUET_TYPES, is_large=True)],
    parse=_parse,
)
