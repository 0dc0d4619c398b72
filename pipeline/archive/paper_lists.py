"""Paper Copilot's lists of conference papers: who gives a usable code link, and which abstracts name a framework."""

import re
from collections.abc import Iterator
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, meaning_of, repository_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import CodeAvailability, PaperLabel
from pipeline.reference import known_frameworks
from pipeline.sources.venues import venue_of

IMPORTER = Importer("paper_lists", folder="paperlists")
_FILES = "files.csv"
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


@IMPORTER.file("code_availability.csv", CodeAvailability, "papers.parquet")
def _availability(path: Path) -> Iterator[Fields]:
    """Yield one row per venue and edition, over its accepted papers, each title counted once.

    An edition without a single usable link is one whose links nobody collected; guessed ones prove nothing.
    """
    is_newest = _is_newest_by_edition(path.with_name(_FILES))
    for (venue, year), links in _accepted_links(path).items():
        if (venue, year) not in is_newest:
            raise BadInput(f"{path.with_name(_FILES)} lacks the list of {venue} {year}; get both files again.")
        found = list(links.values())
        yield {
            "venue": venue,
            "edition_year": year,
            "paper_scope": "accepted",
            "papers_count": len(found),
            "usable_count": found.count(_Link.USABLE),
            "junk_count": found.count(_Link.REFUSED),
            "is_collected": _Link.USABLE in found,
            "is_newest_list": is_newest[venue, year],
        }


@IMPORTER.file("abstract_labels.csv", PaperLabel, "framework_mentions.parquet")
def _labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each name found in a paper's title, abstract, keywords or summary."""
    frameworks = known_frameworks().labels_of("paper_lists")
    for paper_id, venue, year, names in mentioning_papers(path):
        for name in names:
            yield {
                "subject_id": paper_id,
                "paper_id": paper_id,
                "venue": venue,
                "subject_year": year,
                "tier": "mention",
                "framework": meaning_of(path, "name of a framework", frameworks, name),
                "ruleset_id": "abstract-regex",
            }


def mentioning_papers(path: Path) -> Iterator[tuple[str, str, int, set[str]]]:
    """Yield each paper that names a framework with its venue, its year and the names.

    Raises:
        BadInput: the file is missing or odd.
        LayoutChanged: a venue is not known.
    """
    for code, year, paper, title, mentions in text_rows(path, ("conf", "year", "id", "title", "mentions")):
        # Some lists give no identifiers; then twelve digits of the title's checksum stand for the paper.
        venue, identifier = venue_of(path, code), paper or sha256(title.encode()).hexdigest()[:12]
        yield f"{venue}-{year}/{identifier}", venue, count_of(path, "year", year), set(mentions.split("|"))


def _accepted_links(path: Path) -> dict[tuple[str, int], dict[str, _Link]]:
    """Return the best link of each accepted title, by venue and edition."""
    editions: dict[tuple[str, int], dict[str, _Link]] = {}
    for code, year, title, status, address in text_rows(path, ("conf", "year", "title", "status", "github")):
        if status not in _ACCEPTED | _NOT_ACCEPTED:
            raise BadInput(f"{path}: the status {status!r} is new; say in the importer whether it means accepted.")
        if status in _ACCEPTED:
            links = editions.setdefault((venue_of(path, code), count_of(path, "year", year)), {})
            link = _Link.USABLE if repository_of(address) else _Link.REFUSED if address.strip() else _Link.ABSENT
            links[title] = max(links.get(title, _Link.ABSENT), link)
    return editions


def _is_newest_by_edition(path: Path) -> dict[tuple[str, int], bool]:
    """Return for each list whether the newest version was read (some were too large, an older one stands in)."""
    editions: dict[tuple[str, int], bool] = {}
    for name, is_head in text_rows(path, ("path", "is_head")):
        match = _LIST_NAME.fullmatch(name)
        if match is None:
            raise BadInput(f"{path}: {name!r} is no name of a list; get the raw file again.")
        editions[venue_of(path, match["code"]), int(match["year"])] = is_head.lower() == "true"
    return editions
