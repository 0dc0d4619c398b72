"""Horace He's conference tracker: papers whose text names PyTorch or TensorFlow, in every published version."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.archive.code_address import repository_of
from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import count_of, moment_of, read_like_its_source, record_of, text_rows, venue_in
from pipeline.errors import BadInput
from pipeline.records import PaperCount, PaperLabel
from pipeline.reference import known_frameworks
from pipeline.sources.conference_tracker import Cell, cell_of, counts_of, each_edition_once

_VINTAGES = "conference_counts_vintages.csv.gz"
_FINAL = "conference_counts.csv"
_PAPERS = "papers.parquet"
# OpenNMT alone does not say which of its three versions (Lua Torch, PyTorch, TensorFlow) is meant.
_OTHER_WORDS = {"google.com", "google brain", "fb.com", "opennmt"}
_COLUMNS = ("conference", "month_year", "pytorch_only", "tensorflow_only", "total_papers")


class _Table(NamedTuple):
    """One committed version of the published table, one cell per venue and edition."""

    commit: str
    published_at: datetime
    cells: frozenset[Cell]


def read_counts(folder: Path, stamp: Stamp) -> Iterator[PaperCount]:
    """Yield two counts (PyTorch only, TensorFlow only) for each cell of each published table.

    Raises:
        BadInput: a file is missing or odd, a table repeats a cell with other figures, or the newest version is not
            the published final table.
    """
    path, final_path = folder / _VINTAGES, folder / _FINAL
    with read_like_its_source():
        tables = _tables(path)
        final = each_edition_once(final_path, [cell_of(final_path, row) for row in text_rows(final_path, _COLUMNS)])
    newest = max(tables, key=lambda table: table.published_at)
    if newest.cells != final:
        raise BadInput(f"{path}: the newest version ({newest.commit}) is not {_FINAL}; get both files again.")
    for table in tables:
        for cell in table.cells:
            for fields in counts_of(cell, table.commit, table.published_at):
                yield record_of(PaperCount, path, {**stamp, **fields})


def read_labels(folder: Path, stamp: Stamp) -> Iterator[PaperLabel]:
    """Yield one label for each framework that the tracker's word list of a paper names.

    A paper without words, or with words that name no framework, yields nothing: for editions whose word lists were
    never filled in, that is unknown and not "no framework".

    Raises:
        BadInput: the file is missing, or holds a word that the importer does not know.
    """
    path = folder / _PAPERS
    registry = known_frameworks()
    text_words, code_words = registry.labels_of("conference_tracker"), registry.labels_of("conference_tracker_code")
    for code, year, paper, words, extra in text_rows(path, ("conference", "year", "id", "words", "extra")):
        found = set(words.split("|")) - {""}
        if unknown := found - text_words.keys() - code_words.keys() - _OTHER_WORDS:
            raise BadInput(f"{path}: the word {min(unknown)!r} is new; add it to the labels of its framework.")
        venue = venue_in(path, code)
        about: dict[str, object] = {
            **stamp,
            "paper_id": f"{venue}-{year}/{paper}",
            "venue": venue,
            "subject_year": count_of(path, "year", year),
        }
        repository = repository_of(_code_address(path, extra))
        for framework in {text_words[word] for word in found if word in text_words}:
            yield _label(path, about, framework, "mention")
        for framework in {code_words[word] for word in found if word in code_words}:
            # What the tracker found by searching the code that a paper's proceedings page links to.
            yield _label(path, about, framework, "code_label", repository)


def _label(
    path: Path, about: Mapping[str, object], framework: str, tier: str, repository: str | None = None
) -> PaperLabel:
    is_code = tier == "code_label"
    fields = {
        "subject_id": f"{about['paper_id']}|{repository}" if repository else about["paper_id"],
        "repository": repository,
        "is_official": True if is_code else None,
        "framework": framework,
        "tier": tier,
        "ruleset_id": "conference-tracker-code-search" if is_code else "conference-tracker-words",
    }
    return record_of(PaperLabel, path, {**about, **fields})


def _code_address(path: Path, extra: str) -> str:
    try:
        facts = json.loads(extra or "{}")
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}: extra holds {extra[:60]!r}, which is no JSON; get the raw file again.") from error
    return str(facts.get("code", "")) if isinstance(facts, dict) else ""


def _tables(path: Path) -> list[_Table]:
    columns = ("commit", "commit_date", "conference", "month_year", "pytorch", "tensorflow", "total_papers")
    rows: dict[tuple[str, datetime], list[Cell]] = {}
    for commit, moment, *cell in text_rows(path, columns):
        rows.setdefault((commit, _moment(path, moment)), []).append(cell_of(path, cell))
    if not rows:
        raise BadInput(f"{path} holds no rows; get the raw file again.")
    return [
        _Table(commit, published_at, each_edition_once(path, cells)) for (commit, published_at), cells in rows.items()
    ]


def _moment(path: Path, text: str) -> datetime:
    moment = moment_of(path, "commit_date", text)
    if moment.tzinfo is None:
        raise BadInput(f"{path}: commit_date {text!r} has no time zone; get the raw file again.")
    return moment.astimezone(UTC)


IMPORTER = Importer(
    source_id="conference_tracker",
    raw_folder="chillee_conferences",
    files=(
        ArchiveFile(name="conference_counts.csv", record=PaperCount, read=read_counts),
        ArchiveFile(name="conference_labels.csv", record=PaperLabel, read=read_labels),
    ),
)
