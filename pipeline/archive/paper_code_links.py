"""Papers with Code: the framework of the repositories that papers link to, as labelled there."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, repository_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import PaperLabel
from pipeline.reference import known_frameworks
from pipeline.sources.pwc_archive import label_fields

IMPORTER = Importer("paper_code_links", folder="papers_with_code_slice")
_COLUMNS = ("paper_url", "paper_arxiv_id", "repo_url", "is_official", "framework", "arxiv_month")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])|")


@IMPORTER.file("paper_code_links.csv", PaperLabel, "pwc_links_slice.csv.gz")
def _labels(path: Path) -> Iterator[Fields]:
    """Yield one label per link, a link being a paper and a repository; `none` is a label like the others.

    The year is that of the paper's arXiv month, null where the paper has none.
    """
    frameworks = known_frameworks().labels_of("papers_with_code")
    for row in text_rows(path, _COLUMNS):
        if row == _COLUMNS:  # the published file repeats its header in the middle
            continue
        paper_url, arxiv_id, repo_url, is_official, framework, month = row
        if framework not in frameworks or is_official not in {"true", "false"}:
            raise BadInput(f"{path}: {framework!r}, official {is_official!r} is no label of a framework; add it there.")
        repository = repository_of(repo_url)
        if repository is None:
            raise BadInput(f"{path}: {repo_url!r} names no repository; get the raw file again.")
        if not _MONTH.fullmatch(month):
            raise BadInput(f"{path}: arxiv_month is {month!r}, no month; get the raw file again.")
        own = {"subject_year": int(month[:4]) if month else None, "is_official": is_official == "true"}
        yield {**label_fields(paper_url, arxiv_id, repository, frameworks[framework]), **own}
