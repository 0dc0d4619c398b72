"""Own labels of an own corpus: what the detector says of every paper and repository, beside what is known of some."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput
from pipeline.jobs.label_file import LabelledSubject, read_subjects
from pipeline.jobs.scan import ScanSummary
from pipeline.records import DetectorLabel, LabelDraw
from pipeline.records.evidence import EvidenceTier
from pipeline.reference import COMPARED, known_frameworks

SOURCE_ID = "detector_audit"
_SCANNED = """
    select subject_id, observed_on, path, ruleset_id, reading from core.scanned_file
    where ruleset_id in $rulesets and seen_at = $scanned_at and outcome = 'read'
"""
_LOOKED_AT = f"""
    select distinct asked.tier, scanned.subject_id from ({_SCANNED}) scanned
    join (select unnest($tiers) as tier) asked on is_looked_at(scanned.reading, asked.tier)
"""
_DETECTED = f"""
    select distinct tier, subject_id, framework
    from main.evidence join ({_SCANNED}) scanned using (subject_id, observed_on, path, ruleset_id)
    join ref.framework using (framework)
    where is_counted and is_deep_learning
"""
_YEARS = """
    select subject_id, year from main.scanned_subjects
    where list_contains($rulesets, ruleset_id) and year is not null
"""
_NAMED_COUNT = 3


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
        BadInput: the file is odd, names a framework or a subject that is not known, or only some have a probability.
    """
    subjects = read_subjects(path)
    read = _read_subjects(connection, summary)
    answered = {each.subject: each for each in subjects if not each.is_open and not each.is_unsure}
    _check(path, subjects, {subject for members in read.values() for subject in members}, _listed(connection, summary))
    label_set = f"{path.stem.replace('_', ' ')} corpus"
    common: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "page_sha256": sha256(path.read_bytes()).hexdigest(),
        "seen_at": now,
    }
    draws = [
        LabelDraw(**common, label_set=label_set, subject_id=each.subject, inclusion_fraction=each.probability)
        for each in subjects
        if each.probability is not None
    ]
    labels = list(_labels(connection, summary, read, answered, {**common, "label_set": label_set}))
    everyone = {label.subject_id for label in labels}
    sentence = (
        f"{label_set}: {len(answered.keys() & everyone)} labelled of {len(everyone)} subjects that could be read; "
        f"{sum(each.is_unsure for each in subjects)} unsure, {sum(each.is_open for each in subjects)} open, "
        f"{len(_listed(connection, summary)) - len(everyone)} could not be read."
    )
    return CorpusLabels(label_set=label_set, labels=labels, draws=draws, sentence=sentence)


def _labels(
    connection: DuckDBPyConnection,
    summary: ScanSummary,
    read: dict[EvidenceTier, set[str]],
    answered: dict[str, LabelledSubject],
    common: dict[str, Any],
) -> Iterator[DetectorLabel]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for tier, subject, framework in connection.execute(_DETECTED, summary.values).fetchall():
        found[tier][framework].add(subject)
    values = {"rulesets": summary.ruleset_ids}
    years: dict[str, int] = dict(connection.execute(_YEARS, values).fetchall())
    years |= {subject: each.year for subject, each in answered.items() if each.year}
    used = {framework for each in answered.values() for framework in each.uses or ()}
    for tier, members in read.items():
        for framework in sorted({*found[tier], *used, *COMPARED}) if found[tier] else ():
            for subject in sorted(members):
                label = answered.get(subject)
                yield DetectorLabel(
                    **common,
                    subject_id=subject,
                    subject_year=years.get(subject),
                    framework=framework,
                    tier=tier,
                    ruleset_id=summary.ruleset_ids[0],
                    is_true=framework in (label.uses or ()) if label else None,
                    is_detected=subject in found[tier][framework],
                )


def _read_subjects(connection: DuckDBPyConnection, summary: ScanSummary) -> dict[EvidenceTier, set[str]]:
    tiers = list(get_args(EvidenceTier))
    read: dict[EvidenceTier, set[str]] = {tier: set() for tier in tiers}
    for tier, subject in connection.execute(_LOOKED_AT, {**summary.values, "tiers": tiers}).fetchall():
        read[tier].add(subject)
    return read


def _listed(connection: DuckDBPyConnection, summary: ScanSummary) -> set[str]:
    """Return all subjects that were come across, read or not."""
    sql = "select distinct subject_id from core.scanned_file where ruleset_id in $rulesets and seen_at = $scanned_at"
    return {subject for (subject,) in connection.execute(sql, summary.values).fetchall()}


def _check(path: Path, subjects: Sequence[LabelledSubject], read: set[str], listed: set[str]) -> None:
    if lost := [each.subject for each in subjects if each.subject not in listed]:
        named = ", ".join(lost[:_NAMED_COUNT])
        raise BadInput(
            f"{path} names {len(lost)} subjects that the corpus does not have ({named}); give the same --corpus as the "
            "labels were made of."
        )
    known = known_frameworks()
    for each in subjects:
        if unknown := [name for name in each.uses or () if name not in known]:
            raise BadInput(f"{path}: {each.subject} uses {unknown[0]}, which is no framework that is known; mend it.")
    drawn = sum(each.probability is not None for each in subjects)
    if drawn not in {0, len(subjects)}:
        raise BadInput(f"{path}: {drawn} of {len(subjects)} subjects have a probability; give it for all or for none.")
    if not any(each.subject in read and not each.is_open for each in subjects):
        raise BadInput(f"{path} has no answer yet on a subject that could be read; label some first.")
