"""GitHub's archives of repositories: the code that sampled papers link to, at its newest commit.

An archive is asked for by `owner/name` and sent as it is made, without its size; a repository that was renamed is led
to its new name, one that is gone or holds no commit is a 404, one that was taken down for the law a 451. The archive's
own comment is the commit. Which repositories are drawn and what becomes of their code stands in `jobs/paper_code.py`.
"""

from pipeline.fetch.page import HTML_TYPES, JSON_TYPES, TEXT_TYPES, Request
from pipeline.sources.source import Service, entry_of

_ADDRESS = "https://codeload.github.com"
_PACKED_TYPES = ("application/zip", "application/x-zip-compressed", "application/gzip", "application/x-gzip")
GONE = {404: "there is no such repository, or it holds no commit", 410: "it is gone", 451: "it was taken down"}
"""Answers that say for good that there is nothing to be had, in words."""

SERVICE = Service(**entry_of("paper_code", _ADDRESS))


def archive_request(repository: str) -> Request:
    """Return the question for a repository's archive."""
    return Request(
        url=f"{_ADDRESS}/{repository}/zip/HEAD",
        # A refusal is a page.
        content_types=(*_PACKED_TYPES, *TEXT_TYPES, *HTML_TYPES, *JSON_TYPES),
        accepted_statuses=(200, *GONE),
        is_large=True,
    )
