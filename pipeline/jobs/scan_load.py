"""Scanning papers and repositories: units from paths, results into the warehouse, batch by batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.clock import now_utc
from pipeline.detect.files.inspection import Inspection
from pipeline.detect.files.scan import FileResult, Lookup, scan
from pipeline.detect.files.scan_units import ScanUnit, scan_units_of
from pipeline.detect.rules.ruleset import Ruleset, read_rules, read_rulesets
from pipeline.errors import BadInput
from pipeline.jobs.scan_addresses import is_address_list, scan_units_of_addresses
from pipeline.log import logger
from pipeline.records import Evidence, ScannedFile
from pipeline.settings import Settings
from pipeline.warehouse.connect import limited_memory
from pipeline.warehouse.load import SourceEntry, load_source_entries
from pipeline.warehouse.scanned import ScannedIndex, load_scanned, scanned_index

SOURCE_ID = "scan"
BATCH_RESULTS = 500
"""Files whose results are written at once; what is not written yet is scanned again after a kill."""
WAREHOUSE_MEBIBYTES = 256
"""What the warehouse may hold in memory while files are scanned, whatever their number."""
LISTED_COUNT = 1000
"""Files that were not read are listed in the summary up to this many; all of them are in the view scanned_files."""
_LOG = logger("scan")

Scanner = Callable[[Iterable[ScanUnit], Ruleset, Lookup], Iterable[FileResult]]


@dataclass(kw_only=True)
class ScanSummary:
    """What one scan did."""

    ruleset_ids: list[str]
    scanned_at: datetime
    """The moment that all rows of this scan carry as `seen_at`."""
    outcomes: Counter[str] = field(default_factory=Counter)
    known_count: int = 0
    """Files whose content had been scanned before."""
    unread: list[FileResult] = field(default_factory=list)
    pdf_seconds: float = 0.0
    pdf_extraction_seconds: float = 0.0

    @property
    def files_count(self) -> int:
        """All files that were come across."""
        return self.outcomes.total()

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.outcomes[result.inspection.outcome] += 1
        self.known_count += result.is_known
        if result.inspection.outcome != "read" and len(self.unread) < LISTED_COUNT:
            self.unread.append(result)
        if result.reading == "pdf":
            self.pdf_seconds += result.inspection.seconds
            self.pdf_extraction_seconds += result.inspection.extraction_seconds


def chosen_rulesets(reference_folder: Path, choice: str) -> list[Ruleset]:
    """Return today's rules (`today`), every frozen and today's (`all`), or those of one id.

    Raises:
        BadInput: no ruleset has that id.
    """
    if choice == "today":
        return [read_rules(reference_folder)]
    rulesets = read_rulesets(reference_folder)
    if choice == "all":
        return list(rulesets.values())
    if choice not in rulesets:
        raise BadInput(f"No ruleset is called {choice}; there are today, all, {', '.join(rulesets)}.")
    return [rulesets[choice]]


def scan_units_of_paths(settings: Settings, paths: Sequence[Path], subject_id: str | None) -> Iterator[ScanUnit]:
    """Yield the units of all paths, lists of addresses included; paths of one name are told apart by their folders.

    Raises:
        BadInput: nothing is at a path, or one name is given for several.
    """
    if subject_id and len(paths) > 1:
        raise BadInput("One subject has one path; leave --subject out, or give one path.")
    names = Counter(path.resolve().name for path in paths)
    for path in paths:
        if not subject_id and is_address_list(path):
            yield from scan_units_of_addresses(settings, path)
            continue
        is_alone = names[path.resolve().name] == 1
        yield from scan_units_of(path, subject_id, None if is_alone else path.resolve().as_posix().lstrip("/"))


def local_scanner(workers_count: int, file_seconds: float) -> Scanner:
    """Return what scans in processes on this machine."""
    return partial(scan, workers_count=workers_count, file_seconds=file_seconds)


def scan_into(
    connection: DuckDBPyConnection,
    units: Callable[[], Iterable[ScanUnit]],
    rulesets: Sequence[Ruleset],
    scanner: Scanner,
    observed_on: date | None = None,
) -> ScanSummary:
    """Scan the units under each ruleset and load what they gave; scanning the same content again changes no row.

    `observed_on` is the day as of which the subjects are seen, today where it is null.
    """
    now = now_utc()
    day = observed_on or now.date()
    load_source_entries(connection, [_source_entry(now)])
    summary = ScanSummary(ruleset_ids=[ruleset.ruleset_id for ruleset in rulesets], scanned_at=now)
    for ruleset in rulesets:
        with (
            limited_memory(connection, WAREHOUSE_MEBIBYTES),
            scanned_index(connection, ruleset.ruleset_id, day) as index,
        ):
            results = counted(scanner(units(), ruleset, known_content(index)), summary)
            while batch := list(islice(results, BATCH_RESULTS)):
                _load(connection, index, batch, now)
                _LOG.info("%s files", summary.files_count)
    return summary


def counted(results: Iterable[FileResult], summary: ScanSummary) -> Iterator[FileResult]:
    """Yield the results as they come, each counted in the summary."""
    for result in results:
        summary.add(result)
        yield result


def known_content(index: ScannedIndex) -> Lookup:
    """Return what tells whether a content was scanned under the index's ruleset."""

    def look_up(sha256: str, reading: str) -> Inspection | None:
        if found := index.outcome_of(sha256, reading):
            outcome, reason, detections_count = found
            return Inspection(None, outcome, reason, detections_count=detections_count)
        return None

    return look_up


def _load(connection: DuckDBPyConnection, index: ScannedIndex, batch: Sequence[FileResult], now: datetime) -> None:
    load_scanned(
        connection,
        index,
        [item for result in batch for item in _evidence(result, index.ruleset_id, now)],
        [_scanned(result, index.ruleset_id, index.observed_on, now) for result in batch],
    )


def _evidence(result: FileResult, ruleset_id: str, now: datetime) -> Iterator[Evidence]:
    content: dict[str, Any] = {"page_sha256": result.sha256, "reading": result.reading, "ruleset_id": ruleset_id}
    for detection in result.inspection.detections:
        columns = {**content, **asdict(detection)}
        yield Evidence(source_id=SOURCE_ID, seen_at=now, stance=columns.pop("negation"), **columns)


def _scanned(result: FileResult, ruleset_id: str, observed_on: date, now: datetime) -> ScannedFile:
    return ScannedFile(
        source_id=SOURCE_ID,
        page_sha256=result.sha256,
        seen_at=now,
        subject_id=result.subject_id,
        observed_on=observed_on,
        path=result.path[-1000:],
        ruleset_id=ruleset_id,
        reading=result.reading,
        size_bytes=result.size_bytes,
        outcome=result.inspection.outcome,
        reason=result.inspection.reason,
        findings_count=result.inspection.detections_count,
    )


def _source_entry(now: datetime) -> SourceEntry:
    return SourceEntry(
        source_id=SOURCE_ID,
        title="Papers and repositories scanned on this machine",
        public_address="this machine",
        licence="that of each scanned file; only framework names and the words that show them are kept",
        attribution="observatory scan",
        as_of=now.date(),
    )
