"""The labels that detectors are audited with: what is known of single papers, and what a detector said of them.

Two sets. Of ICML 2019 it is known which papers' released code uses PyTorch or TensorFlow, and which papers' text names
them. Of abstracts in which a search expression found a framework, the authors' reading says whether they name it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, text_rows
from pipeline.archive.paper_lists import mentioning_papers
from pipeline.errors import BadInput
from pipeline.records import DetectorLabel
from pipeline.reference import known_frameworks
from pipeline.reference.toml_file import read_toml
from pipeline.settings import SHIPPED_FOLDER

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
                "label_set": ICML_SET,
                "subject_id": f"ICML-2019/{paper}",
                "subject_year": 2019,
                "framework": framework,
                "tier": "mention",
                "ruleset_id": "conference-tracker-2019-06",
                "is_true": word in words.split("|") if has_code else None,
                "is_detected": name in mentions[framework],
            }


@ABSTRACT_IMPORTER.file("abstract_detector_labels.csv", DetectorLabel, "framework_mentions.parquet")
def _abstract_labels(path: Path) -> Iterator[Fields]:
    """Yield one label for each paper and framework that its abstract names or the expression found."""
    truth, frameworks = _names(_REFERENCE / "abstract_truth.toml"), known_frameworks()
    labels = {
        word: name for word, name in frameworks.labels_of("paper_lists").items() if frameworks[name].kind != "hub"
    }
    for subject, _, year, words in mentioning_papers(path):
        if subject not in truth:
            continue
        found = {labels[word] for word in words if word in labels}
        for framework in sorted(truth[subject] | found):
            yield {
                "label_set": ABSTRACT_SET,
                "subject_id": subject,
                "subject_year": year,
                "framework": framework,
                "tier": "mention",
                "ruleset_id": "abstract-regex",
                "is_true": framework in truth[subject],
                "is_detected": framework in found,
            }


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
