"""Paper Copilot's lists of conference papers: who gives a usable code link, and which abstracts name a framework."""

import re
from collections.abc import Iterator
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

from pipeline.archive.code_address import repository_of
from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import count_of, meaning_of, record_of, text_rows, venue_in
from pipeline.errors import BadInput
from pipeline.records import CodeAvailability, PaperLabel
from pipeline.reference import known_frameworks

_PAPERS = "papers.parquet"
_FILES = "files.csv"
_MENTIONS = "framework_mentions.parquet"
_LIST_NAME = re.compile(r".*/(?P<code>\w+?)(?P<year>(19|20)\d\d)\.json")

# The vocabulary differs from venue to venue. The empty status stands for proceedings lists that state none (KDD, and
# single papers of CVPR, ICCV, ICML, NeurIPS): they hold accepted papers only.
_ACCEPTED = {
    "", "Findings", "Highlight", "Highlighted", "Industry", "Long", "Long Findings", "Long Main", "Main", "Oral",
    "Poster", "Short", "Short Findings", "Short Main", "Spotlight", "System Demonstrations", "TOG Paper", "Talk",
    "Technical", "Technical Paper", "Top-25%", "Top-5%",
}  # fmt: skip
_NOT_ACCEPTED = {"Active", "Desk Reject", "Oral Workshop", "Poster Workshop", "Reject", "Withdraw", "Workshop"}


class _Link(IntEnum):
    """The content of a paper's link field, the better the higher."""

    ABSENT = 0
    REFUSED = 1
    USABLE = 2


def read_availability(folder: Path, stamp: Stamp) -> Iterator[CodeAvailability]:
    """Yield one row per venue and edition, over its accepted papers, each title counted once.

    An edition without a single usable link is one whose links nobody collected; guessed ones prove nothing.

    Raises:
        BadInput: a file is missing, or holds a venue or a status that the importer does not know, or a paper's edition
            has no list.
    """
    is_newest = _is_newest_by_edition(folder / _FILES)
    for edition, links in _accepted_links(folder / _PAPERS).items():
        if edition not in is_newest:
            raise BadInput(f"{folder / _FILES} lacks the list of {edition[0]} {edition[1]}; get both files again.")
        venue, year = edition
        found = list(links.values())
        fields = {
            "venue": venue,
            "edition_year": year,
            "paper_scope": "accepted",
            "papers_count": len(found),
            "usable_count": found.count(_Link.USABLE),
            "junk_count": found.count(_Link.REFUSED),
            "is_collected": _Link.USABLE in found,
            "is_newest_list": is_newest[edition],
        }
        yield record_of(CodeAvailability, folder / _PAPERS, {**stamp, **fields})


def read_labels(folder: Path, stamp: Stamp) -> Iterator[PaperLabel]:
    """Yield one label for each name found in a paper's title, abstract, keywords or summary.

    Raises:
        BadInput: the file is missing, or holds a venue or a name that the importer does not know.
    """
    path, frameworks = folder / _MENTIONS, known_frameworks().labels_of("paper_lists")
    for code, year, paper, title, mentions in text_rows(path, ("conf", "year", "id", "title", "mentions")):
        # Some lists give no identifiers; then twelve digits of the title's checksum stand for the paper.
        venue = venue_in(path, code)
        paper_id = f"{venue}-{year}/{paper or sha256(title.encode()).hexdigest()[:12]}"
        for name in set(mentions.split("|")):
            fields = {
                "subject_id": paper_id,
                "paper_id": paper_id,
                "venue": venue,
                "subject_year": count_of(path, "year", year),
                "repository": None,
                "is_official": None,
                "tier": "mention",
                "framework": meaning_of(path, "name of a framework", frameworks, name),
                "ruleset_id": "abstract-regex",
            }
            yield record_of(PaperLabel, path, {**stamp, **fields})


def _accepted_links(path: Path) -> dict[tuple[str, int], dict[str, _Link]]:
    """Return the best link of each accepted title, by venue and edition."""
    editions: dict[tuple[str, int], dict[str, _Link]] = {}
    for code, year, title, status, address in text_rows(path, ("conf", "year", "title", "status", "github")):
        if _is_accepted(path, status):
            links = editions.setdefault((venue_in(path, code), count_of(path, "year", year)), {})
            links[title] = max(links.get(title, _Link.ABSENT), _link(address))
    return editions


def _is_newest_by_edition(path: Path) -> dict[tuple[str, int], bool]:
    """Return for each list whether the newest version was read (some were too large, an older one stands in)."""
    editions: dict[tuple[str, int], bool] = {}
    for name, is_head in text_rows(path, ("path", "is_head")):
        match = _LIST_NAME.fullmatch(name)
        if match is None:
            raise BadInput(f"{path}: {name!r} is no name of a list; get the raw file again.")
        editions[venue_in(path, match["code"]), int(match["year"])] = is_head.lower() == "true"
    return editions


def _is_accepted(path: Path, status: str) -> bool:
    if status not in _ACCEPTED and status not in _NOT_ACCEPTED:
        raise BadInput(f"{path}: the status {status!r} is new; say in the importer whether it means accepted.")
    return status in _ACCEPTED


def _link(address: str) -> _Link:
    if not address.strip():
        return _Link.ABSENT
    return _Link.USABLE if repository_of(address) else _Link.REFUSED


IMPORTER = Importer(
    source_id="paper_lists",
    raw_folder="paperlists",
    files=(
        ArchiveFile(name="code_availability.csv", record=CodeAvailability, read=read_availability),
        ArchiveFile(name="abstract_labels.csv", record=PaperLabel, read=read_labels),
    ),
)
