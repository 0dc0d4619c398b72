"""`observatory audit` from its labels to a published release, and what it says at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive.manifest import read_manifest
from pipeline.detect.rules.ruleset import read_rules
from pipeline.errors import BadInput
from pipeline.jobs.context import JobContext
from pipeline.jobs.detector_audit import audit_detectors
from pipeline.jobs.load import load_archived
from pipeline.jobs.publish import published_job
from pipeline.settings import PROJECT_ROOT, Settings

SNIPPETS = PROJECT_ROOT / "tests" / "detector_snippets"
"""The project's own labelled texts; a project without its tests is audited on the shipped labels alone."""
_LABEL_TABLE = "core.detector_label"

Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """What the audit found: rows of scores and of corrected shares."""

    sentence: str
    scores: Sequence[Row]
    shares: Sequence[Row]


def audit_in(job: JobContext, label_files: Sequence[Path] = ()) -> str:
    """Audit within a run; return one sentence about it.

    Raises:
        BadInput: a file of labels is missing or odd.
    """
    files = list(label_files) or sorted(SNIPPETS.glob("*.jsonl"))
    return audit_detectors(job.connection, read_rules(job.settings.reference_folder), files)


def audit_and_publish(settings: Settings, label_files: Sequence[Path]) -> AuditReport:
    """Load the shipped labels, audit, check and publish.

    Raises:
        BadInput: a file of labels is missing or odd.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    for path in label_files:
        if not path.is_file():
            raise BadInput(f"{path} is no file; give files of labelled texts, one JSON object per line.")
    with published_job(settings, "audit") as job:
        for source in read_manifest(settings.archive_folder).source:
            if any(file.table == _LABEL_TABLE for file in source.file):
                load_archived(job, source)
        return AuditReport(
            sentence=audit_in(job, label_files),
            scores=job.connection.execute(_SCORES).fetchall(),
            shares=job.connection.execute(_SHARES).fetchall(),
        )


def sentences_of(report: AuditReport) -> Iterator[str]:
    """Yield the audit for people, one line per score and per share."""
    yield f"{report.sentence}."
    for label_set, tier, framework, count, precision, recall in report.scores:
        yield f"{label_set}, {tier}, {framework} ({count} labels): precision {precision}, recall {recall}"
    for label_set, framework, estimand, method, raw, corrected in report.shares:
        yield f"{label_set}, {framework}, {estimand}: raw {raw}, corrected by {method} {corrected}"


_SCORES = """
select label_set, tier, framework, labels_count,
       coalesce(format('{:.3f} [{:.3f}, {:.3f}]', precision_share, precision_low, precision_high), 'unknown'),
       coalesce(format('{:.3f} [{:.3f}, {:.3f}]', recall_share, recall_low, recall_high), 'unknown')
from main.detector_scores
where subject_year is null
order by all
"""
_SHARES = """
select label_set, framework, estimand, method,
       format('{:.3f} [{:.3f}, {:.3f}]', raw_share, raw_low, raw_high),
       format('{:.3f} [{:.3f}, {:.3f}]', corrected_share, corrected_low, corrected_high)
from main.detector_corrected_shares
order by all
"""
