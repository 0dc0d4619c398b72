"""How right the detector is: labels against its word, and shares corrected by what they show.

Labels come from the shipped archive (a publisher's detector against the truth) and from files of labelled texts, which
are read by our own detector here. Scores are counted in SQL; only the corrected shares are computed here.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.errors import BadInput
from pipeline.estimate.detector import (
    Correction,
    Flags,
    prediction_powered_share,
    prediction_powered_share_of_two,
    rogan_gladen_share,
)
from pipeline.log import logger
from pipeline.records import CorrectedShare, DetectorLabel
from pipeline.records.evidence import EvidenceTier
from pipeline.reference import COMPARED
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries

SOURCE_ID = "detector_audit"
_LOG = logger("audit")
_PPI, _ROGAN_GLADEN = "PPI++", "Rogan–Gladen"
_NO_PAGE = "0" * 64
_TIERS: tuple[EvidenceTier, ...] = ("mention", "import", "dependency")

Role = Literal["named", "negated", "likeness", "cited"]


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


@dataclass(frozen=True, slots=True)
class _Population:
    """All subjects of one label set under one detector: truths (null: unknown) and detections of each framework."""

    common: Mapping[str, Any]
    """Columns of its corrected shares."""
    truth: pd.DataFrame
    detected: pd.DataFrame

    def split(self, framework: str) -> tuple[Flags, Flags, Flags]:
        """Return truth and detection of the labelled subjects, and detection of the others."""
        truth, detected = self.truth[framework], self.detected[framework].to_numpy(dtype=np.bool_)
        is_known = truth.notna().to_numpy()
        return truth[is_known].to_numpy(dtype=np.bool_), detected[is_known], detected[~is_known]


def audit_detectors(connection: DuckDBPyConnection, ruleset: Ruleset, label_files: Sequence[Path]) -> str:
    """Read the labelled texts with our detector, and correct the shares of every label set; return one sentence.

    Raises:
        BadInput: a file of labels is missing or odd.
    """
    as_of = _newest_label(connection)
    load_source_entries(connection, [_source_entry(as_of)])
    inspector = Inspector(ruleset)
    labels = [label for path in label_files for label in _labels_of(path, inspector, ruleset.ruleset_id, as_of)]
    load_records(connection, DetectorLabel, labels)
    shares = [share for population in _populations(connection, as_of) for share in _corrected(population)]
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


def _populations(connection: DuckDBPyConnection, now: datetime) -> Iterator[_Population]:
    """Label sets that say of every subject whether it was detected; sets of hits alone have no share to correct."""
    labels = connection.execute("select * from core.detector_label").df()
    keys = ["label_set", "tier", "ruleset_id"]
    for values, rows in labels.groupby(["source_id", *keys]):
        table = partial(rows.pivot_table, index="subject_id", columns="framework", aggfunc="first", dropna=False)
        detected = table(values="is_detected")
        if len(detected.columns) < len(COMPARED) or detected.isna().any(axis=None):
            continue
        years = rows["subject_year"].unique()
        year = int(years[0]) if len(years) == 1 and pd.notna(years[0]) else None
        fixed = {"source_id": SOURCE_ID, "page_sha256": _NO_PAGE, "seen_at": now, "subject_year": year}
        yield _Population({**fixed, **dict(zip(keys, values[1:], strict=True))}, table(values="is_true"), detected)


def _corrected(population: _Population) -> Iterator[CorrectedShare]:
    for framework in population.truth.columns:
        split = population.split(framework)
        labelled_share = float(split[0].mean()) if split[0].size else 0.0
        for method, correct in ((_PPI, prediction_powered_share), (_ROGAN_GLADEN, rogan_gladen_share)):
            share = {"framework": framework, "estimand": "use among subjects", "method": method}
            yield from _attempt(population, {**share, "labelled_share": labelled_share}, partial(correct, *split))
    if {*COMPARED} <= {*population.truth.columns}:
        first, second = (population.split(framework) for framework in COMPARED)
        share = {"framework": COMPARED[0], "estimand": "share of two", "method": _PPI}
        labelled_share = _share_of_two(first[0], second[0])
        correct_two = partial(prediction_powered_share_of_two, *zip(first, second, strict=True))
        yield from _attempt(population, {**share, "labelled_share": labelled_share}, correct_two)


def _attempt(
    population: _Population, share: Mapping[str, Any], correct: Callable[[], Correction]
) -> Iterator[CorrectedShare]:
    """The corrected share, or nothing where the labels cannot carry one."""
    try:
        correction = correct()
    except ValueError as reason:
        where = population.common["label_set"], share["framework"], share["method"]
        _LOG.info("%s, %s, %s: not corrected, %s", *where, reason)
        return
    truth = population.truth[share["framework"]]
    yield CorrectedShare(
        **population.common,
        **share,
        labelled_count=int(truth.notna().sum()),
        unlabelled_count=int(truth.isna().sum()),
        raw_share=correction.raw.share,
        raw_low=correction.raw.low,
        raw_high=correction.raw.high,
        corrected_share=correction.corrected.share,
        corrected_low=correction.corrected.low,
        corrected_high=correction.corrected.high,
    )


def _share_of_two(first: Flags, second: Flags) -> float:
    exactly_one = int((first ^ second).sum())
    return float((first & ~second).sum() / exactly_one) if exactly_one else 0.0


def _source_entry(now: datetime) -> SourceEntry:
    return SourceEntry(
        source_id=SOURCE_ID,
        title="Audit of the detector on labelled texts and papers",
        public_address="this project",
        licence="that of the project",
        attribution="observatory audit",
        as_of=now.date(),
    )
