"""How right the detector is: labels against its word, and shares corrected by what they show.

Labels come from the shipped archive (a publisher's detector against the truth) and from files of labelled texts, which
are read by our own detector here. Scores are counted in SQL; only the corrected shares are computed here.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.clock import now_utc
from pipeline.detect.files.inspection import Inspector
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.errors import BadInput
from pipeline.estimate.detector import (
    Correction,
    Flags,
    prediction_powered_share,
    prediction_powered_share_of_two,
    rogan_gladen_share,
)
from pipeline.jobs.context import JobContext
from pipeline.jobs.load import archived_sources, load_archived
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.records import CorrectedShare, DetectorLabel
from pipeline.records.evidence import EvidenceTier
from pipeline.reference import COMPARED
from pipeline.settings import PROJECT_ROOT, Settings
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries

SNIPPETS = PROJECT_ROOT / "tests" / "detector_snippets"
"""The project's own labelled texts; a project without its tests is audited on the shipped labels alone."""
SOURCE_ID = "detector_audit"
_LABEL_TABLE = "core.detector_label"
_LOG = logger("audit")
_PPI, _ROGAN_GLADEN = "PPI++", "Rogan–Gladen"
_NO_PAGE = "0" * 64
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

Role = Literal["named", "negated", "likeness", "cited"]
Estimand = Literal["use among subjects", "share of two"]
Split = tuple[Flags, Flags, Flags]
"""Of one framework: truth and detection of the labelled subjects, and detection of the others."""


class LabelledText(BaseModel):
    """One line of a file of labels: a text, or a file's content under its name, and what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1)]
    text: str
    labels: dict[str, Role] = {}
    """Frameworks that the text names, and how."""
    path: str = "text.txt"
    imports: list[str] = []
    dependencies: list[str] = []
    year: int | None = None

    @property
    def truth(self) -> Mapping[EvidenceTier, set[str]]:
        """The frameworks of each tier."""
        named = {framework for framework, role in self.labels.items() if role == "named"}
        return {"mention": named, "import": set(self.imports), "dependency": set(self.dependencies)}


def audit_and_publish(settings: Settings, label_files: Sequence[Path]) -> list[str]:
    """Load the shipped labels, audit, check and publish; return the scores and corrected shares in sentences.

    Raises:
        BadInput: a file of labels is missing or odd; other errors are those of `published_job`.
    """
    for path in label_files:
        if not path.is_file():
            raise BadInput(f"{path} is no file; give files of labelled texts, one JSON object per line.")
    with published_job(settings, "audit") as job:
        for source in archived_sources(settings):
            if any(file.table == _LABEL_TABLE for file in source.file):
                load_archived(job, source)
        summary = audit_in(job, label_files)
        lines = [line for sql in (_SCORES, _SHARES) for (line,) in job.connection.execute(sql).fetchall()]
    return [f"{summary}.", *lines]


def audit_in(job: JobContext, label_files: Sequence[Path] = ()) -> str:
    """Audit within a run; return one sentence about it, and fail as `audit_detectors` does."""
    files = list(label_files) or sorted(SNIPPETS.glob("*.jsonl"))
    return audit_detectors(job.connection, read_rules(job.settings.reference_folder), files)


def audit_detectors(connection: DuckDBPyConnection, ruleset: Ruleset, label_files: Sequence[Path]) -> str:
    """Read the labelled texts with our detector, and correct the shares of every label set; return one sentence.

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
    labels = [label for path in label_files for label in _labels_of(path, inspector, ruleset.ruleset_id, as_of)]
    load_records(connection, DetectorLabel, labels)
    shares = [share for common, splits in _populations(connection, as_of) for share in _corrected(common, splits)]
    load_records(connection, CorrectedShare, shares)
    return f"{len(labels)} labels of our own detector, {len(shares)} corrected shares"


def _newest_label(connection: DuckDBPyConnection) -> datetime:
    """Return the moment that an audit's rows carry: that of the newest shipped label, or now where there is none.

    So auditing again, on another day or after a kill, changes nothing.
    """
    newest = connection.execute(
        "select max(seen_at) from core.detector_label where source_id <> ?", [SOURCE_ID]
    ).fetchall()[0][0]
    return newest.replace(tzinfo=UTC) if newest else now_utc()


def read_labels(path: Path) -> list[LabelledText]:
    """Return the labelled texts of a JSON Lines file.

    Raises:
        BadInput: the file is missing, or a line is not what it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}); give a file of labelled texts.") from error
    return [_labelled(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def detected_in(labelled: LabelledText, inspector: Inspector) -> Mapping[EvidenceTier, set[str]]:
    """Return the frameworks that our detector finds in the text, by tier; mentions only where they count."""
    content = labelled.text.encode("utf-8", errors="surrogatepass")
    found = inspector.inspect(labelled.path, len(content), lambda: BytesIO(content), is_asked=True).detections
    counted = [item for item in found if item.section == "body" and item.negation == "plain"]
    return {tier: {item.framework for item in counted if item.tier == tier} for tier in _TIERS}


def _labelled(path: Path, number: int, line: str) -> LabelledText:
    try:
        return LabelledText.model_validate(json.loads(line))
    except (json.JSONDecodeError, ValidationError) as error:
        raise BadInput(f"{path} line {number} is no labelled text ({type(error).__name__}); mend the line.") from error


def _labels_of(path: Path, inspector: Inspector, ruleset_id: str, now: datetime) -> Iterator[DetectorLabel]:
    texts = read_labels(path)
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


def _populations(
    connection: DuckDBPyConnection, now: datetime
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Split]]]:
    """Yield each label set under one detector, as columns that its corrected shares have in common and its splits.

    It is one that says of every subject whether it was detected; sets of hits alone have no share to correct.
    """
    keys = ["label_set", "tier", "ruleset_id"]
    for values, rows in connection.execute(f"from {_LABEL_TABLE}").df().groupby(["source_id", *keys]):
        table = partial(rows.pivot_table, index="subject_id", columns="framework", aggfunc="first", dropna=False)
        truth, detected = table(values="is_true"), table(values="is_detected")
        if len(detected.columns) < len(COMPARED) or detected.isna().any(axis=None):
            continue
        years = rows["subject_year"].unique()
        year = int(years[0]) if len(years) == 1 and pd.notna(years[0]) else None
        fixed = {"source_id": SOURCE_ID, "page_sha256": _NO_PAGE, "seen_at": now, "subject_year": year}
        splits = {framework: _split(truth[framework], detected[framework]) for framework in truth.columns}
        yield {**fixed, **dict(zip(keys, values[1:], strict=True))}, splits


def _split(truth: "pd.Series[Any]", detected: "pd.Series[Any]") -> Split:
    flags, is_known = detected.to_numpy(dtype=np.bool_), truth.notna().to_numpy()
    return truth[is_known].to_numpy(dtype=np.bool_), flags[is_known], flags[~is_known]


def _corrected(common: Mapping[str, Any], splits: Mapping[str, Split]) -> Iterator[CorrectedShare]:
    """Yield the corrected shares that the labels of a set can carry."""
    methods = ((_PPI, prediction_powered_share), (_ROGAN_GLADEN, rogan_gladen_share))
    attempts: list[tuple[str, Estimand, str, Flags, Callable[[], Correction]]] = [
        (framework, "use among subjects", method, split[0], partial(correct, *split))
        for framework, split in splits.items()
        for method, correct in methods
    ]
    if {*COMPARED} <= splits.keys():
        first, second = (splits[framework] for framework in COMPARED)
        correct_two = partial(prediction_powered_share_of_two, *zip(first, second, strict=True))
        attempts.append((COMPARED[0], "share of two", _PPI, first[0][first[0] ^ second[0]], correct_two))
    for framework, estimand, method, labelled, correct in attempts:
        try:
            correction = correct()
        except ValueError as reason:
            _LOG.info("%s, %s, %s: not corrected, %s", common["label_set"], framework, method, reason)
            continue
        estimates = {"raw": correction.raw, "corrected": correction.corrected}
        yield CorrectedShare(
            **common,
            **{f"{kind}_{part}": value for kind, each in estimates.items() for part, value in asdict(each).items()},
            framework=framework,
            estimand=estimand,
            method=method,
            labelled_share=float(labelled.mean()) if labelled.size else 0.0,
            labelled_count=splits[framework][0].size,
            unlabelled_count=splits[framework][2].size,
        )
