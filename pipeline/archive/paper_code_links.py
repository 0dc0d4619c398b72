"""Papers with Code: the framework of the repositories that papers link to, as labelled there."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.archive.code_address import repository_of
from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import count_of, record_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import PaperLabel
from pipeline.reference import known_frameworks
from pipeline.sources.pwc_archive import label_fields

_LINKS = "pwc_links_slice.csv.gz"
_COLUMNS = ("paper_url", "paper_arxiv_id", "repo_url", "is_official", "framework", "arxiv_month")
_IS_OFFICIAL = {"true": True, "false": False}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def read_labels(folder: Path, stamp: Stamp) -> Iterator[PaperLabel]:
    """Yield one label per link, a link being a paper and a repository; `none` is a label like the others.

    The year is that of the paper's arXiv month, null where the paper has none.

    Raises:
        BadInput: the file is missing or a row is not what a link looks like.
    """
    path, frameworks = folder / _LINKS, known_frameworks().labels_of("papers_with_code")
    for row in text_rows(path, _COLUMNS):
        if row != _COLUMNS:  # the published file repeats its header in the middle
            yield _label(path, row, stamp, frameworks)


def _label(path: Path, row: tuple[str, ...], stamp: Stamp, frameworks: Mapping[str, str]) -> PaperLabel:
    paper_url, arxiv_id, repo_url, is_official, framework, arxiv_month = row
    if framework not in frameworks or is_official not in _IS_OFFICIAL:
        raise BadInput(f"{path}: {framework!r}, official {is_official!r} is no label of a framework; add it there.")
    repository = repository_of(repo_url)
    if repository is None:
        raise BadInput(f"{path}: {repo_url!r} names no repository; get the raw file again.")
    fields = label_fields(paper_url, arxiv_id, repository, frameworks[framework])
    own = {"subject_year": _year(path, arxiv_month), "is_official": _IS_OFFICIAL[is_official]}
    return record_of(PaperLabel, path, {**stamp, **fields, **own})


def _year(path: Path, arxiv_month: str) -> int | None:
    if not arxiv_month:
        return None
    if not _MONTH.fullmatch(arxiv_month):
        raise BadInput(f"{path}: arxiv_month is {arxiv_month!r}, no month; get the raw file again.")
    return count_of(path, "arxiv_month", arxiv_month[:4])


IMPORTER = Importer(
    source_id="paper_code_links",
    raw_folder="papers_with_code_slice",
    files=(ArchiveFile(name="paper_code_links.csv", record=PaperLabel, read=read_labels),),
)
