"""How right the detector is: labels against its word, and shares corrected by what they show.

Labels come from the shipped archive (a publisher's detector against the truth), from files of labelled texts, which
are read by our own detector here, and from labels of an own corpus. Scores are counted in SQL; only the corrected
shares and the balance of the labels are computed here.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal

from duckdb import DuckDBPyConnection
from pydantic import Field

from pipeline.clock import now_utc
from pipeline.detect.files.inspection import Inspector
from pipeline.detect.files.scan import Scanner
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.errors import BadInput
from pipeline.jobs.audit_corpus import SOURCE_ID, CorpusLabels, corpus_labels
from pipeline.jobs.audit_shares import correct_shares
from pipeline.jobs.context import JobContext
from pipeline.jobs.label_file import is_of_subjects, read_labelled
from pipeline.jobs.load import archived_sources, load_archived
from pipeline.jobs.publish import published_job
from pipeline.jobs.scan import scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.records import DetectorLabel, LabelDraw
from pipeline.records.evidence import EvidenceTier
from pipeline.records.record import Closed
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries

SNIPPETS = PROJECT_ROOT / "tests" / "detector_snippets"
"""The project's own labelled texts; a project without its tests is audited on the shipped labels alone."""
_LABEL_TABLE = "core.detector_label"
_TIERS: tuple[EvidenceTier, ...] = ("mention", "import", "dependency")
_SCORES = """
    select format('{}, {}, {} ({} labels): precision {}, recall {}', label_set, tier, framework, labels_count,
        coalesce(format('{:.3f} [{:.3f}, {:.3f}]', precision_share, precision_low, precision_high), 'unknown'),
        coalesce(format('{:.3f} [{:.3f}, {:.3f}]', recall_share, recall_low, recall_high), 'unknown'))
    from main.detector_scores
    where subject_year is null
    order by label_set, tier, framework
"""
_SHARES = """
    select format('{}, {}, {}: raw {:.3f} [{:.3f}, {:.3f}], corrected by {} {:.3f} [{:.3f}, {:.3f}]',
        label_set, framework, estimand, raw_share, raw_low, raw_high,
        method, corrected_share, corrected_low, corrected_high)
    from main.detector_corrected_shares
    order by label_set, framework, estimand, method
"""

_BALANCE = """
    select format('{}, {}: labelled and unlabelled alike? {}', label_set, tier, case
        when bool_or(is_different) then 'no: ' || string_agg(
            format('{} {:.3f} against {:.3f}', trait, labelled_share, compared_share), '; ' order by adjusted_p_value
        ) filter (where is_different)
        else format('no difference shown in {} traits (smallest adjusted p {:.2f})', count(*), min(adjusted_p_value))
        end)
    from main.label_balance
    group by label_set, tier, ruleset_id
    order by label_set, tier
"""

Role = Literal["named", "negated", "likeness", "cited"]


class LabelledText(Closed):
    """One line of a file of labels: a text, or a file's content under its name, and what it holds."""

    id: Annotated[str, Field(min_length=1)]
    text: str
    labels: dict[str, Role] = Field(default_factory=dict)
    """Frameworks that the text names, and how."""
    path: str = "text.txt"
    imports: list[str] = Field(default_factory=list)
    dependencies: list[str] = Field(default_factory=list)
    year: int | None = None

    @property
    def truth(self) -> Mapping[EvidenceTier, set[str]]:
        """The frameworks of each tier."""
        named = {framework for framework, role in self.labels.items() if role == "named"}
        return {"mention": named, "import": set(self.imports), "dependency": set(self.dependencies)}


def audit_and_publish(
    settings: Settings, label_files: Sequence[Path], corpus: WhatToScan | None = None, scanner: Scanner | None = None
) -> list[str]:
    """Load the shipped labels, audit, check and publish; return the scores and corrected shares in sentences.

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
        chosen = texts if label_files else None
        summary_of_all, reasons = audit_detectors(job.connection, ruleset, chosen, of_corpus)
        lines = [line for sql in (_SCORES, _BALANCE, _SHARES) for (line,) in job.connection.execute(sql).fetchall()]
    own = {each.label_set for each in of_corpus}
    said = [reason for reason in reasons if reason.partition(",")[0] in own]
    return [f"{summary_of_all}.", *(each.sentence for each in of_corpus), *lines, *said]


def audit_in(job: JobContext) -> str:
    """Audit on the shipped labels and the project's own texts within a run; return one sentence about it.

    Raises:
        BadInput: a file of labels is missing or odd.
    """
    return audit_detectors(job.connection, read_rules(job.settings.reference_folder))[0]


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
    own = SourceEntry(
        source_id=SOURCE_ID,
        title="Audit of the detector on labelled texts and papers",
        public_address="this project",
        licence="that of the project",
        attribution="observatory audit",
        as_of=as_of.date(),
    )
    load_source_entries(connection, [own])
    inspector = Inspector(ruleset)
    paths = sorted(SNIPPETS.glob("*.jsonl")) if label_files is None else label_files
    labels = [label for path in paths for label in _labels_of(path, inspector, ruleset.ruleset_id, as_of)]
    for each in of_corpus:
        labels += each.labels
        # The corpus and its labels may have changed since an earlier audit.
        with transaction(connection):
            for table in (_LABEL_TABLE, LabelDraw.table):
                connection.execute(
                    f"delete from {table} where source_id = ? and label_set = ?", [SOURCE_ID, each.label_set]
                )
        load_records(connection, LabelDraw, each.draws)
    load_records(connection, DetectorLabel, labels)
    shares_count, reasons = correct_shares(connection, as_of)
    return f"{len(labels)} labels of our own detector, {shares_count} corrected shares", reasons


def _newest_label(connection: DuckDBPyConnection) -> datetime:
    """Return the moment that an audit's rows carry: that of the newest shipped label, or now where there is none.

    So auditing again, on another day or after a kill, changes nothing.
    """
    newest = connection.execute(
        "select max(seen_at) from core.detector_label where source_id <> ?", [SOURCE_ID]
    ).fetchall()[0][0]
    return newest.replace(tzinfo=UTC) if newest else now_utc()


def detected_in(labelled: LabelledText, inspector: Inspector) -> Mapping[EvidenceTier, set[str]]:
    """Return the frameworks that our detector finds in the text, by tier; mentions only where they count."""
    content = labelled.text.encode("utf-8", errors="surrogatepass")
    found = inspector.inspect(labelled.path, len(content), lambda: BytesIO(content), is_asked=True).detections
    counted = [item for item in found if item.section == "body" and item.negation == "plain"]
    return {tier: {item.framework for item in counted if item.tier == tier} for tier in _TIERS}


def _labels_of(path: Path, inspector: Inspector, ruleset_id: str, now: datetime) -> Iterator[DetectorLabel]:
    texts = read_labelled(path, LabelledText, "labelled text")
    page = sha256(path.read_bytes()).hexdigest()
    for labelled in texts:
        truth, detected = labelled.truth, detected_in(labelled, inspector)
        for tier in _TIERS:
            for framework in sorted(truth[tier] | detected[tier]):
                yield DetectorLabel(
                    source_id=SOURCE_ID,
                    page_sha256=page,
                    seen_at=now,
                    label_set=f"{path.stem.replace('_', ' ')} snippets",
                    subject_id=labelled.id,
                    subject_year=labelled.year,
                    framework=framework,
                    tier=tier,
                    ruleset_id=ruleset_id,
                    is_true=framework in truth[tier],
                    is_detected=framework in detected[tier],
                )
