"""How right the detector is: labels against its word, shares corrected by what they show, and what to label.

Labels come from the shipped archive (a publisher's detector against the truth), from files of labelled texts, which
are read by our own detector here, and from labels of an own corpus: what the detector says of every paper and
repository, beside what is known of some. Scores are counted in SQL; only the corrected shares and the balance of the
labels are computed here. What to label of a corpus is drawn at random, what the rules are in doubt about more often,
each probability kept.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

from duckdb import DuckDBPyConnection
from pydantic import Field

from pipeline.bench.system_load import give_back_freed_memory
from pipeline.clock import now_utc
from pipeline.detect.files.inspection import Inspector
from pipeline.detect.files.scan import Scanner
from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.files.subjects import identifier_of
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.detect.text.mentions import finder_of
from pipeline.errors import BadInput
from pipeline.estimate.labelled import allocation
from pipeline.jobs.audit_shares import correct_shares
from pipeline.jobs.collect import archived_sources, load_archived
from pipeline.jobs.context import JobContext, introduce_own
from pipeline.jobs.label_file import Framework, LabelledSubject, is_of_subjects, read_labelled, read_subjects
from pipeline.jobs.publish import published_job
from pipeline.jobs.scan import ScanSummary, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.records import DetectorLabel, LabelDraw
from pipeline.records.evidence import EvidenceTier
from pipeline.records.record import Closed, Identifier, Year
from pipeline.reference import COMPARED
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import load_records

SOURCE_ID = "detector_audit"
_LISTED = "select distinct subject_id from core.scanned_file where ruleset_id in $rulesets and seen_at = $scanned_at"
_LOOKED_AT = "from subjects_looked_at_in($rulesets, $scanned_at, $tiers)"
_ANSWERS = "from corpus_answers_in($rulesets, $scanned_at, $tiers, $frameworks) order by all"
_NAMED_COUNT = 3
# The project's own texts, each read once under the same rules.
_HELD = "select histogram(page_sha256) from core.detector_label where (source_id, ruleset_id, seen_at) = (?, ?, ?)"


@dataclass(frozen=True, kw_only=True)
class CorpusLabels:
    """The rows that a file of labels and a corpus give, and what is to be said of them."""

    label_set: str
    labels: list[DetectorLabel]
    draws: list[LabelDraw]
    sentence: str


def corpus_labels(connection: DuckDBPyConnection, path: Path, summary: ScanSummary, now: datetime) -> CorpusLabels:
    """Return a row for every subject of the corpus, tier that looked at it, and framework found or known of any.

    The truth is that of the file: the frameworks that the subject uses; null for the subjects that it leaves open.

    Raises:
        BadInput: the file is odd, names a subject that is not known, or only some have a probability.
    """
    subjects = read_subjects(path)
    values = {**summary.values, "tiers": list(get_args(EvidenceTier))}
    listed = {subject for (subject,) in connection.execute(_LISTED, summary.values).fetchall()}
    _check(path, subjects, {subject for _, subject in connection.execute(_LOOKED_AT, values).fetchall()}, listed)
    answered = {each.subject: each for each in subjects if not each.is_open and not each.is_unsure}
    common: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "page_sha256": sha256(path.read_bytes()).hexdigest(),
        "seen_at": now,
        "label_set": identifier_of(f"{path.stem.replace('_', ' ')} corpus"),
    }
    draws = [
        LabelDraw(**common, subject_id=each.subject, inclusion_fraction=each.probability)
        for each in subjects
        if each.probability is not None
    ]
    used = {framework for each in answered.values() for framework in each.uses or ()}
    rows = connection.execute(_ANSWERS, {**values, "frameworks": [*used, *COMPARED]}).fetchall()
    labels: list[DetectorLabel] = []
    for tier, framework, subject, year, is_detected in rows:
        label = answered.get(subject)
        labels += [DetectorLabel(
            **common, subject_id=subject, subject_year=(label and label.year) or year, framework=framework, tier=tier,
            ruleset_id=summary.ruleset_ids[0], is_true=framework in (label.uses or ()) if label else None,
            is_detected=is_detected,
        )]  # fmt: skip
    everyone = {label.subject_id for label in labels}
    sentence = (
        f"{common['label_set']}: {len(answered.keys() & everyone)} labelled of {len(everyone)} subjects that could be "
        f"read; {sum(each.is_unsure for each in subjects)} unsure, {sum(each.is_open for each in subjects)} open, "
        f"{len(listed) - len(everyone)} could not be read."
    )
    return CorpusLabels(label_set=common["label_set"], labels=labels, draws=draws, sentence=sentence)


def _check(path: Path, subjects: Sequence[LabelledSubject], read: set[str], listed: set[str]) -> None:
    if lost := [each.subject for each in subjects if each.subject not in listed]:
        named = ", ".join(lost[:_NAMED_COUNT])
        raise BadInput(
            f"{path} names {len(lost)} subjects that the corpus does not have ({named}); give the same --corpus as the "
            "labels were made of."
        )
    drawn = sum(each.probability is not None for each in subjects)
    if drawn not in {0, len(subjects)}:
        raise BadInput(f"{path}: {drawn} of {len(subjects)} subjects have a probability; give it for all or for none.")
    if not any(each.subject in read and not each.is_open for each in subjects):
        raise BadInput(f"{path} has no answer yet on a subject that could be read; label some first.")


SNIPPETS = PROJECT_ROOT / "tests" / "detector_snippets"
"""The project's own labelled texts; a project without its tests is audited on the shipped labels alone."""
_LABEL_TABLE = "core.detector_label"
_TIERS: tuple[EvidenceTier, ...] = ("mention", "import", "dependency")
_IN_WORDS = ("detector_scores_in_words", "label_balance_in_words", "corrected_shares_in_words")
Role = Literal["named", "negated", "likeness", "cited"]


class LabelledText(Closed):
    """One line of a file of labels: a text, or a file's content under its name, and what it holds."""

    id: Identifier
    text: str
    labels: dict[Framework, Role] = Field(default_factory=dict)
    """Frameworks that the text names, and how."""
    path: str = "text.txt"
    imports: list[Framework] = Field(default_factory=list)
    dependencies: list[Framework] = Field(default_factory=list)
    year: Year | None = None

    @property
    def truth(self) -> Mapping[EvidenceTier, set[str]]:
        """The frameworks of each tier."""
        named = {framework for framework, role in self.labels.items() if role == "named"}
        return {"mention": named, "import": set(self.imports), "dependency": set(self.dependencies)}


def audit_and_publish(
    settings: Settings, label_files: Sequence[Path], corpus: WhatToScan | None = None, scanner: Scanner | None = None
) -> list[str]:
    """Load the shipped labels, audit, check and publish; return what the given labels, or else all, tell.

    `corpus` are the papers and repositories that labelled subjects belong to; the scanner goes through them.

    Raises:
        BadInput: a file of labels is missing or odd; other errors are those of `published_job`.
    """
    for path in label_files:
        if not path.is_file():
            raise BadInput(f"{path} is no file; give files of labels, one JSON object per line.")
    of_subjects = [path for path in label_files if is_of_subjects(path)]
    if of_subjects and not corpus:
        raise BadInput(f"{of_subjects[0]} labels subjects of a corpus; say which: --corpus PATH…")
    if corpus and not of_subjects:
        raise BadInput("--corpus goes with a file of labelled subjects, as `observatory label` makes it.")
    with published_job(settings, "audit") as job:
        for source in archived_sources(settings):
            if any(file.table == _LABEL_TABLE for file in source.file):
                load_archived(job, source)
        ruleset = read_rules(settings.reference_folder)
        of_corpus: list[CorpusLabels] = []
        if corpus and scanner:
            summary = scan_into(job.connection, lambda: corpus.counted_units(settings), [ruleset], scanner)
            now = _newest_label(job.connection)
            of_corpus = [corpus_labels(job.connection, path, summary, now) for path in of_subjects]
        texts = [path for path in label_files if path not in of_subjects]
        summary_of_all, reasons = audit_detectors(job.connection, ruleset, texts if label_files else None, of_corpus)
        lines = [line for told in _IN_WORDS for (line,) in job.connection.execute(f"from {told}()").fetchall()]
    given = {*(each.label_set for each in of_corpus), *map(_set_of_texts, texts)}
    said = [line for line in [*lines, *reasons] if line.partition(",")[0] in given] if given else lines
    return [f"{summary_of_all}.", *(each.sentence for each in of_corpus), *said]


def audit_in(job: JobContext) -> str:
    """Audit on the shipped labels and the project's own texts within a run; return one sentence about it.

    The memory that reading texts takes is given back: publishing, which comes next, needs as much.

    Raises:
        BadInput: a file of labels is missing or odd.
    """
    job.connection.execute("checkpoint")  # what was loaded is on the disk then, and no more in memory
    sentence, _ = audit_detectors(job.connection, read_rules(job.settings.reference_folder))
    if finder_of.cache_info().currsize:
        finder_of.cache_clear()
        gc.collect()
        give_back_freed_memory()
    return sentence


def audit_detectors(
    connection: DuckDBPyConnection,
    ruleset: Ruleset,
    label_files: Sequence[Path] | None = None,
    of_corpus: Sequence[CorpusLabels] = (),
) -> tuple[str, list[str]]:
    """Read labelled texts, the project's own unless given, with our detector; correct the shares of every label set.

    Return one sentence about it, and what could not be corrected.

    Raises:
        BadInput: a file of labels is missing or odd.
    """
    as_of = _newest_label(connection)
    introduce_own(connection, SOURCE_ID, as_of.date())
    paths = sorted(SNIPPETS.glob("*.jsonl")) if label_files is None else label_files
    ((held,),) = connection.execute(_HELD, [SOURCE_ID, ruleset.ruleset_id, as_of]).fetchall()
    held = {} if label_files or held is None else held
    pages = {path: sha256(path.read_bytes()).hexdigest() for path in paths}
    fresh = [path for path, page in pages.items() if page not in held]
    labels = [label for path in fresh for label in _labels_of(path, pages[path], ruleset, as_of)]
    for each in of_corpus:
        labels += each.labels
        # The corpus and its labels may have changed since an earlier audit.
        with transaction(connection):
            own_set = [SOURCE_ID, each.label_set]
            for table in (_LABEL_TABLE, LabelDraw.table):
                connection.execute(f"delete from {table} where source_id = ? and label_set = ?", own_set)
        load_records(connection, LabelDraw, each.draws)
    load_records(connection, DetectorLabel, labels)
    shares_count, reasons = correct_shares(connection, as_of)
    labels_count = len(labels) + sum(held.get(page, 0) for page in pages.values())
    return f"{labels_count} labels of our own detector, {shares_count} corrected shares", reasons


def _newest_label(connection: DuckDBPyConnection) -> datetime:
    """Return the moment that an audit's rows carry: that of the newest shipped label, or now where there is none.

    So auditing again, on another day or after a kill, changes nothing.
    """
    asked = "select max(seen_at) from core.detector_label where source_id <> ?"
    ((newest,),) = connection.execute(asked, [SOURCE_ID]).fetchall()
    return newest.replace(tzinfo=UTC) if newest else now_utc()


def detected_in(labelled: LabelledText, inspector: Inspector) -> Mapping[EvidenceTier, set[str]]:
    """Return the frameworks that our detector finds in the text, by tier; mentions only where they count."""
    content = labelled.text.encode("utf-8", errors="surrogatepass")
    found = inspector.inspect(labelled.path, len(content), lambda: BytesIO(content), is_asked=True).detections
    counted = [item for item in found if item.section == "body" and item.negation == "plain"]
    return {tier: {item.framework for item in counted if item.tier == tier} for tier in _TIERS}


def _set_of_texts(path: Path) -> str:
    return identifier_of(f"{path.stem.replace('_', ' ')} snippets")


def _labels_of(path: Path, page: str, ruleset: Ruleset, now: datetime) -> Iterator[DetectorLabel]:
    inspector, ruleset_id = Inspector(ruleset), ruleset.ruleset_id
    for labelled in read_labelled(path, LabelledText, "labelled text"):
        truth, detected = labelled.truth, detected_in(labelled, inspector)
        for tier in _TIERS:
            for framework in sorted(truth[tier] | detected[tier]):
                yield DetectorLabel(
                    source_id=SOURCE_ID, page_sha256=page, seen_at=now, label_set=_set_of_texts(path),
                    subject_id=labelled.id, subject_year=labelled.year, framework=framework, tier=tier,
                    ruleset_id=ruleset_id, is_true=framework in truth[tier], is_detected=framework in detected[tier],
                )  # fmt: skip


_SPREADS = {"in doubt": 0.5, "found": 0.3, "silent": 0.15}
"""How much the truth is thought to vary within a stratum, as a standard deviation; it decides sizes, not the result."""
_IN_TURN = "select subject_id, stratum, place from labelling_order($rulesets, $scanned_at, $seed) order by turn"
_HINTS = "from places_found_in($rulesets, $scanned_at, $subjects)"


def scan_and_draw(
    settings: Settings, corpus: WhatToScan, scanner: Scanner, count: int, seed: int
) -> tuple[list[LabelledSubject], list[str]]:
    """Scan the corpus, publish what that gave, and return what to label and how it was drawn, in sentences.

    The same corpus, count and seed draw the same subjects.

    Raises:
        BadInput: a path does not exist, or nothing of the corpus could be read.
    """
    places = dict[str, str]()

    def units() -> Iterator[ScanUnit]:
        for unit in corpus.counted_units(settings):
            places.setdefault(unit.subject.subject_id, str(unit.source.resolve()))
            yield unit

    with published_job(settings, "label") as job:
        rulesets = [read_rules(settings.reference_folder)]
        summary = scan_into(job.connection, units, rulesets, scanner)
        drawn, sizes = _draw(job.connection.execute(_IN_TURN, {**summary.values, "seed": str(seed)}).fetchall(), count)
        values = {**summary.values, "subjects": [each.subject for each in drawn]}
        hints = dict(job.connection.execute(_HINTS, values).fetchall())
    known = ({"at": places.get(each.subject), "hints": hints.get(each.subject, [])} for each in drawn)
    subjects = [each.model_copy(update=facts) for each, facts in zip(drawn, known, strict=True)]
    counts = Counter(each.stratum for each in drawn)
    of_each = ", ".join(f"{counts[name]} of {size} {name}" for name, size in sizes.items())
    return subjects, [f"{len(drawn)} of {sum(sizes.values())} subjects drawn: {of_each}."]


def _draw(in_turn: Sequence[tuple[str, str, int]], count: int) -> tuple[list[LabelledSubject], Mapping[str, int]]:
    """The drawn subjects in the order in which to ask, and how many the corpus has of each stratum."""
    if not in_turn:
        raise BadInput("No file of the corpus could be read, so there is nothing to label; give other paths.")
    sizes = dict(sorted(Counter(stratum for _, stratum, _ in in_turn).items()))
    counts = allocation(sizes, _SPREADS, count)
    drawn = [
        LabelledSubject(subject=subject, stratum=stratum, probability=counts[stratum] / sizes[stratum])
        for subject, stratum, place in in_turn
        if place <= counts[stratum]
    ]
    return drawn, sizes
