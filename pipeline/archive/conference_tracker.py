"""Horace He's conference tracker: papers whose text names PyTorch or TensorFlow, in every published version."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, moment_of, repository_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import PaperCount, PaperLabel
from pipeline.reference import known_frameworks
from pipeline.sources.conference_tracker import Cell, cell_of, counts_of, each_edition_once
from pipeline.sources.venues import venue_of

IMPORTER = Importer("conference_tracker", folder="chillee_conferences")
_FINAL = "conference_counts.csv"
# OpenNMT alone does not say which of its three versions (Lua Torch, PyTorch, TensorFlow) is meant.
_OTHER_WORDS = {"google.com", "google brain", "fb.com", "opennmt"}


@IMPORTER.file("conference_counts.csv", PaperCount, "conference_counts_vintages.csv.gz")
def _counts(path: Path) -> Iterator[Fields]:
    """Yield two counts (PyTorch only, TensorFlow only) for each cell of each published table."""
    final_path, tables = path.with_name(_FINAL), _tables(path)
    columns = ("conference", "month_year", "pytorch_only", "tensorflow_only", "total_papers")
    final = each_edition_once(final_path, [cell_of(final_path, row) for row in text_rows(final_path, columns)])
    newest = max(tables, key=lambda version: version[1])
    if tables[newest] != final:
        raise BadInput(f"{path}: the newest version ({newest[0]}) is not {_FINAL}; get both files again.")
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


@IMPORTER.file("conference_labels.csv", PaperLabel, "papers.parquet")
def _labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each framework that the tracker's word list of a paper names.

    A paper without words, or with words that name no framework, yields nothing: for editions whose word lists were
    never filled in, that is unknown and not "no framework".
    """
    registry = known_frameworks()
    text_words, code_words = registry.labels_of("conference_tracker"), registry.labels_of("conference_tracker_code")
    for code, year, paper, words, extra in text_rows(path, ("conference", "year", "id", "words", "extra")):
        found = set(words.split("|")) - {""}
        if unknown := found - text_words.keys() - code_words.keys() - _OTHER_WORDS:
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
