"""Subjects, the units of counting: what a paper or a repository is called, its year, and its repository's address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.detect.files.folders import shown_path

SubjectKind = Literal["paper", "repository", "folder"]
"""A `folder` is no unit of counting: it holds what lies beside papers and repositories and belongs to none."""
YearOrigin = Literal["metadata", "arxiv-id"]
_LONGEST_ID = 280
_ARXIV_NEW = re.compile(r"(?<!\d)(?<!\d\.)(\d{2})(0[1-9]|1[0-2])\.\d{4,5}(?:v\d+)?(?!\d)")
_ARXIV_OLD = re.compile(r"(?<![a-z])[a-z][a-z-]{1,15}(?:\.[A-Z]{2})?[/_]?(\d{2})(?:0[1-9]|1[0-2])\d{3}(?:v\d+)?(?!\d)")
_FIRST_NEW_ID = 7
"""2007: ids of the form 0704.0001 begin."""
_FIRST_OLD_ID = 91
_LINK = re.compile(
    rb"\b((?:github|gitlab|bitbucket)\.(?:com|org)|gitee\.com|codeberg\.org)[/:](\w[\w.-]*)/([\w.-]+)", re.ASCII
)
_LINK_ENDS = re.compile(r"(?:\.git)?[._\-]*$")
# Pages of the forges themselves that look like an owner.
_NO_OWNERS = {b"orgs", b"topics", b"features", b"marketplace", b"sponsors", b"about", b"blog", b"apps", b"collections"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper or a repository, why it is taken for one, and what is known of it before it is read."""

    subject_id: str
    kind: SubjectKind
    found_by: str
    year: int | None = None
    year_origin: YearOrigin | None = None
    venue: str | None = None
    repository: str | None = None
    """The address of the repository, of a paper's or its own: like github.com/owner/name."""


def new_subject(name: str, kind: SubjectKind, found_by: str, repository: str | None = None) -> Subject:
    """Return a subject of this name; an arXiv id in the last part of a paper's name gives the year."""
    subject_id = identifier_of(name)
    year = arxiv_year(subject_id.rpartition("/")[2]) if kind == "paper" else None
    return Subject(subject_id, kind, found_by, year, "arxiv-id" if year else None, None, repository)


def identifier_of(name: str) -> str:
    """Return a subject's name as it is stored: printable, without spaces around it, and its end where it is long."""
    shown = shown_path(name)
    return shown if len(shown) <= _LONGEST_ID else "…" + shown[-_LONGEST_ID:].lstrip()


def arxiv_year(name: str) -> int | None:
    """Return the year in which the paper of the arXiv id within a name was handed in; null where there is none."""
    if found := _ARXIV_NEW.search(name):
        return 2000 + int(found[1]) if int(found[1]) >= _FIRST_NEW_ID else None
    if found := _ARXIV_OLD.search(name):
        year = int(found[1])
        return 1900 + year if year >= _FIRST_OLD_ID else 2000 + year if year <= _FIRST_NEW_ID else None
    return None


def repository_link(address: str) -> str | None:
    """Return a forge's address as one comparable word, like github.com/owner/name; null for anything else."""
    return next(iter(repository_links([address.encode(errors="replace")])), None)


def repository_links(pieces: Iterable[bytes]) -> list[str]:
    """Return the repositories whose addresses stand in pieces of text, each once, in lower case and in their order.

    Folders below one, a closing `.git` and the sentence's own punctuation do not belong to the name; a forge's own
    pages, an owner alone and a project page (`….github.io`) are none.
    """
    found: dict[str, None] = {}
    for piece in pieces:
        for host, owner, name in _LINK.findall(piece.lower()):
            word = _LINK_ENDS.sub("", name.decode())
            if word and owner not in _NO_OWNERS:
                found.setdefault(f"{host.decode()}/{owner.decode()}/{word}")
    return list(found)
