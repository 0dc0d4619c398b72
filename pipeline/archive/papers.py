"""Published lists about papers: who names a framework, who links code, what that code is written in, and the truth.

The conference tracker of Horace He, in every published version; the links of Papers with Code; Paper Copilot's lists of
conference papers; repositories drawn at random and read. The last two sets are the labels that detectors are audited
with: of ICML 2019 it is known which papers' released code uses PyTorch or TensorFlow, and which papers' text names
them; of abstracts in which a search expression found a framework, the authors' reading says whether they name it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.archive.importer import Fields, Importer, count_of, meaning_of, moment_of, repository_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import CodeAvailability, DetectorLabel, PaperCount, PaperLabel, SampledRepository, SamplingFrame
from pipeline.reference import known_frameworks
from pipeline.reference.toml_file import read_toml
from pipeline.settings import SHIPPED_FOLDER
from pipeline.sources.conference_tracker import Cell, cell_of, counts_of, each_edition_once
from pipeline.sources.pwc_archive import label_fields
from pipeline.sources.venues import venue_of

_TOLD: dict[str, Any] = read_toml(Path(__file__).with_suffix(".toml"))
"""What the words of the lists mean."""
TRACKER_IMPORTER = Importer("conference_tracker", folder="chillee_conferences")
_FINAL_TABLE = "conference_counts.csv"


@TRACKER_IMPORTER.file("conference_counts.csv", PaperCount, "conference_counts_vintages.csv.gz")
def _tracked_counts(path: Path) -> Iterator[Fields]:
    """Yield two counts (PyTorch only, TensorFlow only) for each cell of each published table."""
    final_path, tables = path.with_name(_FINAL_TABLE), _tables(path)
    columns = ("conference", "month_year", "pytorch_only", "tensorflow_only", "total_papers")
    final = each_edition_once(final_path, [cell_of(final_path, row) for row in text_rows(final_path, columns)])
    newest = max(tables, key=lambda version: version[1])
    if tables[newest] != final:
        raise BadInput(f"{path}: the newest version ({newest[0]}) is not {_FINAL_TABLE}; get both files again.")
    for version, cells in tables.items():
        for cell in cells:
            yield from counts_of(cell, *version)


def _tables(path: Path) -> dict[tuple[str, datetime], frozenset[Cell]]:
    """Return the cells of each committed version of the table, by its commit and moment."""
    columns = ("commit", "commit_date", "conference", "month_year", "pytorch", "tensorflow", "total_papers")
    rows: dict[tuple[str, datetime], list[Cell]] = {}
    for commit, text, *cell in text_rows(path, columns):
        moment = moment_of(path, "commit_date", text)
        if moment.tzinfo is None:
            raise BadInput(f"{path}: commit_date {text!r} has no time zone; get the raw file again.")
        rows.setdefault((commit, moment.astimezone(UTC)), []).append(cell_of(path, cell))
    if not rows:
        raise BadInput(f"{path} holds no rows; get the raw file again.")
    return {version: each_edition_once(path, cells) for version, cells in rows.items()}


@TRACKER_IMPORTER.file("conference_labels.csv", PaperLabel, "papers.parquet")
def _tracked_labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each framework that the tracker's word list of a paper names.

    A paper without words, or with words that name no framework, yields nothing: for editions whose word lists were
    never filled in, that is unknown and not "no framework".
    """
    registry = known_frameworks()
    text_words, code_words = registry.labels_of("conference_tracker"), registry.labels_of("conference_tracker_code")
    for code, year, paper, words, extra in text_rows(path, ("conference", "year", "id", "words", "extra")):
        found = set(words.split("|")) - {""}
        if unknown := found - text_words.keys() - code_words.keys() - {*_TOLD["other_words"]}:
            raise BadInput(f"{path}: the word {min(unknown)!r} is new; add it to the labels of its framework.")
        try:
            facts = json.loads(extra or "{}")
        except json.JSONDecodeError as error:
            raise BadInput(f"{path}: extra holds {extra[:60]!r}, which is no JSON; get the raw file again.") from error
        address = str(facts.get("code", "")) if isinstance(facts, dict) else ""
        venue, repository = venue_of(path, code), repository_of(address)
        paper_id = f"{venue}-{year}/{paper}"
        about = {"paper_id": paper_id, "venue": venue, "subject_year": count_of(path, "year", year)}
        mention = {"subject_id": paper_id, "tier": "mention", "ruleset_id": "conference-tracker-words"}
        # What the tracker found by searching the code that a paper's proceedings page links to.
        code_label = {
            "subject_id": f"{paper_id}|{repository}" if repository else paper_id,
            "repository": repository,
            "is_official": True,
            "tier": "code_label",
            "ruleset_id": "conference-tracker-code-search",
        }
        for meanings, label in ((text_words, mention), (code_words, code_label)):
            for framework in {meanings[word] for word in found & meanings.keys()}:
                yield {**about, **label, "framework": framework}


LINKS_IMPORTER = Importer("paper_code_links", folder="papers_with_code_slice")
_LINK_COLUMNS = ("paper_url", "paper_arxiv_id", "repo_url", "is_official", "framework", "arxiv_month")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])|")


@LINKS_IMPORTER.file("paper_code_links.csv", PaperLabel, "pwc_links_slice.csv.gz")
def _linked_labels(path: Path) -> Iterator[Fields]:
    """Yield one label per link, a link being a paper and a repository; `none` is a label like the others.

    The year is that of the paper's arXiv month, null where the paper has none.
    """
    frameworks = known_frameworks().labels_of("papers_with_code")
    for row in text_rows(path, _LINK_COLUMNS):
        if row == _LINK_COLUMNS:  # the published file repeats its header in the middle
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


LISTS_IMPORTER = Importer("paper_lists", folder="paperlists")
_LISTS_READ = "files.csv"
_LIST_NAME = re.compile(r".*/(?P<code>\w+?)(?P<year>(19|20)\d\d)\.json")


class _Link(IntEnum):
    """The content of a paper's link field, the better the higher."""

    ABSENT = 0
    REFUSED = 1
    USABLE = 2


@LISTS_IMPORTER.file("code_availability.csv", CodeAvailability, "papers.parquet")
def _availability(path: Path) -> Iterator[Fields]:
    """Yield one row per venue and edition, over its accepted papers, each title counted once.

    An edition without a single usable link is one whose links nobody collected; guessed ones prove nothing.
    """
    is_newest = _is_newest_by_edition(path.with_name(_LISTS_READ))
    for (venue, year), links in _accepted_links(path).items():
        if (venue, year) not in is_newest:
            raise BadInput(f"{path.with_name(_LISTS_READ)} lacks the list of {venue} {year}; get both files again.")
        found = list(links.values())
        yield {
            "venue": venue, "edition_year": year, "paper_scope": "accepted", "papers_count": len(found),
            "usable_count": found.count(_Link.USABLE), "junk_count": found.count(_Link.REFUSED),
            "is_collected": _Link.USABLE in found, "is_newest_list": is_newest[venue, year],
        }  # fmt: skip


@LISTS_IMPORTER.file("abstract_labels.csv", PaperLabel, "framework_mentions.parquet")
def _listed_labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each name found in a paper's title, abstract, keywords or summary."""
    frameworks = known_frameworks().labels_of("paper_lists")
    for paper_id, venue, year, names in mentioning_papers(path):
        for name in names:
            yield {
                "subject_id": paper_id, "paper_id": paper_id, "venue": venue, "subject_year": year, "tier": "mention",
                "framework": meaning_of(path, "name of a framework", frameworks, name), "ruleset_id": "abstract-regex",
            }  # fmt: skip


def mentioning_papers(path: Path) -> Iterator[tuple[str, str, int, set[str]]]:
    """Yield each paper that names a framework with its venue, its year and the names.

    Raises:
        BadInput: the file is missing or odd.
        LayoutChanged: a venue is not known.
    """
    venues, years = cache(partial(venue_of, path)), cache(partial(count_of, path, "year"))
    for code, year, paper, title, mentions in text_rows(path, ("conf", "year", "id", "title", "mentions")):
        # Some lists give no identifiers; then twelve digits of the title's checksum stand for the paper.
        venue, identifier = venues(code), paper or sha256(title.encode()).hexdigest()[:12]
        yield f"{venue}-{year}/{identifier}", venue, years(year), set(mentions.split("|"))


def _accepted_links(path: Path) -> dict[tuple[str, int], dict[str, _Link]]:
    """Return the best link of each accepted title, by venue and edition."""
    editions: dict[tuple[str, int], dict[str, _Link]] = {}
    accepted = {*_TOLD["accepted"]}
    known = accepted.union(_TOLD["not_accepted"])
    for code, year, title, status, address in text_rows(path, ("conf", "year", "title", "status", "github")):
        if status not in known:
            raise BadInput(f"{path}: the status {status!r} is new; say in papers.toml whether it means accepted.")
        if status in accepted:
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


REPOSITORIES_IMPORTER = Importer("paper_repositories")
_SAMPLE, _FRAME = "sampled_repositories.csv", "sampling_order.csv"
_LABELS: dict[str, str] = _TOLD["sampled_columns"]
_OUTCOMES = {("1", "0"): "with code", ("1", "1"): "no code", ("0", ""): "not obtained", ("0", "0"): "not obtained"}
_FACTS = ("year", "conf", "repo", "obtained", "readme_only", "reason", "snapshot_date", "snapshot_commit")


@REPOSITORIES_IMPORTER.file("sampled_repositories.csv", SampledRepository, _SAMPLE)
def _sample(path: Path) -> Iterator[Fields]:
    """Yield each link that was drawn, whatever came of it."""
    order, columns = path.with_name(_FRAME), (*_FACTS, *_LABELS.values())
    listed = {(year, place): repo for year, place, repo in text_rows(order, ("year", "position", "repo"))}
    known, reached = known_frameworks(), Counter[int]()
    for year_text, code, repository, obtained, is_readme, reason, day, commit, *labels in text_rows(path, columns):
        year = count_of(path, "year", year_text)
        reached[year] += 1
        # The full stop of a sentence is taken off in the sample.
        if listed.get((year_text, str(reached[year])), "").rstrip(".") != repository.rstrip("."):
            raise BadInput(f"{path}: {repository} is not number {reached[year]} of {year} in {order.name}; get both.")
        sets = {name: set(filter(None, text.split(";"))) - {"none"} for name, text in zip(_LABELS, labels, strict=True)}
        if unknown := {label for labels_found in sets.values() for label in labels_found if label not in known}:
            raise BadInput(f"{path}: {min(unknown)} is no framework of data/reference/frameworks; describe it there.")
        yield {
            "edition_year": year,
            "position": reached[year],
            "venue": venue_of(path, code),
            "repository": repository,
            "outcome": meaning_of(path, "outcome", _OUTCOMES, (obtained, is_readme)),
            "reason": reason or None,
            "snapshot_on": moment_of(path, "snapshot_date", day).date() if day else None,
            "snapshot_commit": commit or None,
            **{name: "|".join(sorted(found)) for name, found in sets.items()},
            "labelled_by": "reading" if commit else None,
        }


@REPOSITORIES_IMPORTER.file("sampling_frame.csv", SamplingFrame, _FRAME)
def _frame(path: Path) -> Iterator[Fields]:
    """Yield the number of links of each venue and edition."""
    rows = text_rows(path, ("year", "conf"))
    entries = Counter((count_of(path, "year", year), venue_of(path, code)) for year, code in rows)
    for (year, venue), entries_count in entries.items():
        field = _TOLD["research_field"].get(venue, "other")
        yield {"edition_year": year, "venue": venue, "research_field": field, "entries_count": entries_count}


ICML_IMPORTER = Importer("icml_2019_labels", folder="chillee_conferences")
ABSTRACT_IMPORTER = Importer("abstract_truth", folder="paperlists")
ICML_SET = "ICML 2019 papers"
ABSTRACT_SET = "conference abstracts"
_REFERENCE = SHIPPED_FOLDER / "reference"


@ICML_IMPORTER.file("icml_2019_detector_labels.csv", DetectorLabel, "papers.parquet")
def _icml_labels(path: Path) -> Iterator[Fields]:
    """Yield two labels per paper of ICML 2019: whether its text names the framework, and whether its code uses it.

    The truth is null for papers that link no code. A paper that links code in which nothing was found counts as not
    using either, though its code may not have been searched.
    """
    listed = _REFERENCE / "icml_2019_mentions.toml"
    code_words = known_frameworks().labels_of("conference_tracker_code")
    mentions = _names(listed, *code_words.values())
    rows = [row for row in text_rows(path, ("file", "id", "pdf_link", "words", "extra")) if row[0] == "icml_2019.json"]
    papers = {_proceedings_name(path, link): (paper, words, extra) for _, paper, link, words, extra in rows}
    if lost := set().union(*mentions.values()) - papers.keys():
        raise BadInput(f"{listed.name} names {min(lost)}, which is no paper of {path}; restore both files.")
    for name, (paper, words, extra) in papers.items():
        has_code = "code" in json.loads(extra or "{}")
        for word, framework in code_words.items():
            yield {
                "label_set": ICML_SET, "subject_id": f"ICML-2019/{paper}", "subject_year": 2019,
                "framework": framework, "tier": "mention", "ruleset_id": "conference-tracker-2019-06",
                "is_true": word in words.split("|") if has_code else None, "is_detected": name in mentions[framework],
            }  # fmt: skip


@ABSTRACT_IMPORTER.file("abstract_detector_labels.csv", DetectorLabel, "framework_mentions.parquet")
def _abstract_labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each paper and framework that its abstract names or the expression found."""
    truth, known = _names(_REFERENCE / "abstract_truth.toml"), known_frameworks()
    labels = {word: name for word, name in known.labels_of("paper_lists").items() if known[name].kind != "hub"}
    for subject, _, year, words in mentioning_papers(path):
        if subject not in truth:
            continue
        found = {labels[word] for word in words if word in labels}
        for framework in sorted(truth[subject] | found):
            yield {
                "label_set": ABSTRACT_SET, "subject_id": subject, "subject_year": year, "framework": framework,
                "tier": "mention", "ruleset_id": "abstract-regex", "is_true": framework in truth[subject],
                "is_detected": framework in found,
            }  # fmt: skip


def _names(path: Path, *keys: str) -> dict[str, set[str]]:
    """Return the lists of a reference file under these keys, or under all where none is given."""
    content, found = read_toml(path), dict[str, set[str]]()
    for key in keys or content:
        names = content.get(key)
        if not isinstance(names, list):
            raise BadInput(f"{path} has no list {key}; restore the file from git.")
        found[key] = set(map(str, names))
    return found


def _proceedings_name(path: Path, link: str) -> str:
    name = link.rpartition("/")[2].removesuffix(".pdf")
    if not name:
        raise BadInput(f"{path}: pdf_link {link!r} names no file; get the raw file again.")
    return name
