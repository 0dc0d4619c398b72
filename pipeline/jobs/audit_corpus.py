"""Own labels of an own corpus: what the detector says of every paper and repository, beside what is known of some."""

from collections.abc import Sequence
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
_LISTED = "select distinct subject_id from core.scanned_file where ruleset_id in $rulesets and seen_at = $scanned_at"
_SCANNED = """
    select subject_id, observed_on, path, ruleset_id, reading from core.scanned_file
    where ruleset_id in $rulesets and seen_at = $scanned_at and outcome = 'read'
"""
_LOOKED_AT = f"""
    select distinct asked.tier, scanned.subject_id from ({_SCANNED}) scanned
    join (select unnest($tiers) as tier) asked on is_looked_at(scanned.reading, asked.tier)
"""
# Every subject that a tier looked at, with every framework that the tier found anywhere, or that is known of any.
_LABELS = f"""
    with looked as ({_LOOKED_AT}),
    found as (
        select distinct tier, subject_id, framework
        from main.evidence join ({_SCANNED}) scanned using (subject_id, observed_on, path, ruleset_id)
        join ref.framework using (framework)
        where is_counted and is_deep_learning
    ),
    asked as (
        select tier, framework from found
        union
        select tier, framework from (select distinct tier from found), (select unnest($frameworks) as framework)
    )
    select looked.tier, asked.framework, looked.subject_id, subject.year, found.framework is not null as is_detected
    from looked
    join asked using (tier)
    left join found using (tier, framework, subject_id)
    left join main.scanned_subjects subject on subject.subject_id = looked.subject_id
        and list_contains($rulesets, subject.ruleset_id) and subject.year is not null
    order by all
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
    values = {**summary.values, "tiers": list(get_args(EvidenceTier))}
    listed = {subject for (subject,) in connection.execute(_LISTED, summary.values).fetchall()}
    _check(path, subjects, {subject for _, subject in connection.execute(_LOOKED_AT, values).fetchall()}, listed)
    answered = {each.subject: each for each in subjects if not each.is_open and not each.is_unsure}
    common: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "page_sha256": sha256(path.read_bytes()).hexdigest(),
        "seen_at": now,
        "label_set": f"{path.stem.replace('_', ' ')} corpus",
    }
    draws = [
        LabelDraw(**common, subject_id=each.subject, inclusion_fraction=each.probability)
        for each in subjects
        if each.probability is not None
    ]
    used = {framework for each in answered.values() for framework in each.uses or ()}
    rows = connection.execute(_LABELS, {**values, "frameworks": [*used, *COMPARED]}).fetchall()
    labels = [
        DetectorLabel(
            **common,
            subject_id=subject,
            subject_year=(label and label.year) or year,
            framework=framework,
            tier=tier,
            ruleset_id=summary.ruleset_ids[0],
            is_true=framework in (label.uses or ()) if label else None,
            is_detected=is_detected,
        )
        for tier, framework, subject, year, is_detected in rows
        for label in [answered.get(subject)]
    ]
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
    known = known_frameworks()
    for each in subjects:
        if unknown := [name for name in each.uses or () if name not in known]:
            raise BadInput(f"{path}: {each.subject} uses {unknown[0]}, which is no framework that is known; mend it.")
    drawn = sum(each.probability is not None for each in subjects)
    if drawn not in {0, len(subjects)}:
        raise BadInput(f"{path}: {drawn} of {len(subjects)} subjects have a probability; give it for all or for none.")
    if not any(each.subject in read and not each.is_open for each in subjects):
        raise BadInput(f"{path} has no answer yet on a subject that could be read; label some first.")
