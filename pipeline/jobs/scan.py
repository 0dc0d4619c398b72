"""`observatory scan`: units from paths, results and what code is written in to the warehouse, a release, a summary."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, Literal, TextIO

from duckdb import DuckDBPyConnection

from pipeline.clock import now_utc
from pipeline.detect.code.own_framework import FileUse, own_frameworks, uses_of_file
from pipeline.detect.code.own_framework import OwnFramework as Own
from pipeline.detect.files.file_types import FileOutcome
from pipeline.detect.files.inspection import Detection, Inspection
from pipeline.detect.files.scan import ScanControl, Scanner, scan
from pipeline.detect.files.scan_units import FileResult, ScanUnit
from pipeline.detect.files.subjects import Subject
from pipeline.detect.rules.ruleset import Ruleset, read_rules, read_rulesets
from pipeline.errors import BadInput, Interrupted
from pipeline.jobs.context import introduce_own, open_job, set_by_interrupt
from pipeline.jobs.publish import release
from pipeline.jobs.run_log import kept_log
from pipeline.jobs.scan_history import Clones, Commit, changes_of, units_of_commits
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.log import logger
from pipeline.records import Evidence, OwnFramework, ScannedFile, ScannedSubject
from pipeline.settings import Settings
from pipeline.warehouse.connect import limited_memory
from pipeline.warehouse.load import load_records
from pipeline.warehouse.scanned import NO_CONTENT, ScannedIndex, load_scanned, scanned_index
from pipeline.warehouse.staging import rows_in_turn

SOURCE_ID = "scan"
BATCH_RESULTS = 500
"""Files whose results are written at once; what is not written yet is scanned again after a kill."""
WAREHOUSE_MEBIBYTES = 256
"""Memory of the warehouse while files are scanned, whatever their number."""
RELEASE_MEBIBYTES = 512
"""Memory of the warehouse while all that was ever scanned is joined, sorted and published."""
_GROUPED = frozenset({"read", "empty", "passed-over"})
"""Outcomes that the summary counts without naming the files."""
SHOWN_COUNT = 20
"""Unread files that the summary lists by name; all of them are in the view scanned_files."""
_COLUMNS = (
    *("subject_id", "path", "tier", "framework", "span", "place", "position", "section", "stance", "is_counted"),
    *("backend", "rule_id", "ruleset_id"),
)
_EVIDENCE = f"""
    select {", ".join(_COLUMNS)} from evidence_found_in($rulesets, $scanned_at)
    order by subject_id, path, tier, position, framework, rule_id
"""
_SUBJECTS_COUNT = "select count(*) from subjects_scanned_in($rulesets, $scanned_at)"
_FOUND = "from frameworks_found_in_words($rulesets, $scanned_at)"
SHARE_NUMERIC_COLUMNS = ("year", "share", "95 %", "corrected", "n of base", "bounds", "silent", "unread")
SHARE_COLUMNS = ("population", "tier", "role", "framework", *SHARE_NUMERIC_COLUMNS)
_SHARES = "from scanned_shares_shown($scanned_at, $rulesets)"
_LOG = logger("scan")


@dataclass(frozen=True, kw_only=True)
class ScanTerms:
    """How the paths are scanned, whatever they are."""

    observed_on: date | None = None
    """The day as of which the subjects are seen, today where it is null."""
    rehash: bool = False
    """Whether every file is opened, even where its size and times of change tell that it is the same."""
    stop: Event = field(default_factory=Event)
    """Once set, what was scanned so far is loaded, and the next scan goes on from there."""


@dataclass(frozen=True, kw_only=True)
class ScanRequest(ScanTerms):
    """The choices of one scan."""

    what: WhatToScan
    ruleset: str = "today"
    history: Literal["yearly"] | None = None
    """Whether the last commit of each year of a clone is scanned too."""
    with_shares: bool = False


@dataclass(kw_only=True)
class ScanSummary:
    """The counts of one scan."""

    ruleset_ids: list[str]
    scanned_at: datetime
    """The moment that all rows of this scan carry as `seen_at`."""
    outcomes: Counter[str] = field(default_factory=Counter)
    known_count: int = 0
    """Of those, the ones whose content had been scanned before."""
    unread: list[FileResult] = field(default_factory=list)
    """The first `SHOWN_COUNT` files that were not read."""
    is_stopped: bool = False
    """Whether a person ended the scan early."""
    pdf_seconds: float = 0.0
    pdf_extraction_seconds: float = 0.0

    @property
    def files_count(self) -> int:
        """All files that were come across, but for those that hold neither text nor code."""
        return self.outcomes.total() - self.outcomes["passed-over"]

    @property
    def values(self) -> dict[str, object]:
        """Values that select the rows of this scan."""
        return {"rulesets": self.ruleset_ids, "scanned_at": self.scanned_at.replace(tzinfo=None)}

    def count(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Yield the results as they come, each counted."""
        for result in results:
            self.outcomes[result.inspection.outcome] += 1
            self.known_count += result.is_known and result.inspection.outcome != "passed-over"
            if result.inspection.outcome not in _GROUPED and len(self.unread) < SHOWN_COUNT:
                self.unread.append(result)
            if result.reading == "pdf":
                self.pdf_seconds += result.inspection.seconds
                self.pdf_extraction_seconds += result.inspection.extraction_seconds
            yield result


def scan_and_publish(
    settings: Settings, request: ScanRequest, scanner: Scanner, evidence_to: tuple[TextIO, str] | None = None
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Scan, load, check and publish; return the summary for people, in sentences, and rows of `SHARE_COLUMNS`.

    The evidence of this scan is written to `evidence_to`, a stream and `csv` or `jsonl`, with a few rows at a time in
    memory.

    Raises:
        BadInput: a path or a ruleset does not exist.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; what was scanned until then is published.
    """
    rulesets = chosen_rulesets(settings.reference_folder, request.ruleset)
    clones = Clones()
    with kept_log(settings), open_job(settings, "scan") as job:
        with set_by_interrupt() as stop:
            units = partial(request.what.units, settings)
            terms = replace(request, stop=stop)
            summary = scan_into(job.connection, lambda: clones.noted(units()), rulesets, scanner, terms)
            if request.history:
                today = request.observed_on or summary.scanned_at.date()
                _scan_past(job.connection, clones.yearly_commits(today), rulesets, scanner, stop)
            summary.is_stopped = stop.is_set()
        with limited_memory(job.connection, RELEASE_MEBIBYTES):
            sentences = list(_sentences(job.connection, summary))
            if request.history:
                sentences += changes_of(job.connection, clones, summary.ruleset_ids)
            shares = job.connection.execute(_SHARES, summary.values).fetchall() if request.with_shares else []
            release(job)
            if evidence_to:
                _write_evidence(job.connection, summary, *evidence_to)
    if summary.is_stopped:
        raise Interrupted(f"Stopped early. {sentences[0]} The same command goes on from there.")
    return sentences, shares


def _scan_past(
    connection: DuckDBPyConnection,
    commits_of_day: Mapping[date, Sequence[Commit]],
    rulesets: Sequence[Ruleset],
    scanner: Scanner,
    stop: Event,
) -> None:
    """Scan the last commit of every year of every clone, one year after the other."""
    for day, commits in commits_of_day.items():
        if stop.is_set():
            return
        _LOG.info("%s clones as of %s", len(commits), day)
        with TemporaryDirectory(prefix="observatory-history-") as folder:
            terms = ScanTerms(observed_on=day, stop=stop)
            scan_into(connection, partial(units_of_commits, commits, Path(folder)), rulesets, scanner, terms)


def _sentences(connection: DuckDBPyConnection, summary: ScanSummary) -> Iterator[str]:
    """Yield what was scanned, what was found, and what could not be read."""
    ((subjects_count,),) = connection.execute(_SUBJECTS_COUNT, summary.values).fetchall()
    read = summary.outcomes["read"]
    yield (
        f"Scanned under {', '.join(summary.ruleset_ids)}: subjects {subjects_count}, files {summary.files_count} "
        f"(read {read}, not read {summary.files_count - read}, known from before {summary.known_count})."
    )
    if summary.pdf_seconds > 0:
        share = summary.pdf_extraction_seconds / summary.pdf_seconds
        yield f"Getting the text out of PDF files took {share:.0%} of their {summary.pdf_seconds:.1f} s."
    yield from (line for (line,) in connection.execute(_FOUND, summary.values).fetchall())
    if empty := summary.outcomes["empty"]:
        yield f"not read (empty): {empty} files, which hold nothing"
    if passed := summary.outcomes["passed-over"]:
        yield f"passed over: {passed} files and folders that are neither text nor code; scanned_files lists them."
    for result in summary.unread:
        yield f"not read ({result.inspection.outcome}): {result.subject_id} {result.path}: {result.inspection.reason}"
    if (unread := summary.files_count - read - empty) > SHOWN_COUNT:
        yield f"… and {unread - SHOWN_COUNT} more; `observatory query` on scanned_files lists them all."


def _write_evidence(connection: DuckDBPyConnection, summary: ScanSummary, target: TextIO, form: str) -> None:
    rows = rows_in_turn(connection, _EVIDENCE, summary.values)
    if form == "csv":
        csv.writer(target, lineterminator="\n").writerows(chain([_COLUMNS], rows))
    else:
        named = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
        target.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in named)


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


def local_scanner(workers_count: int | None = None, file_seconds: float = 60) -> Scanner:
    """Return what scans in processes on this machine, as many as it has cores if not given."""
    return partial(scan, workers_count=workers_count or os.cpu_count() or 1, file_seconds=file_seconds)


def scan_into(
    connection: DuckDBPyConnection,
    units: Callable[[], Iterable[ScanUnit]],
    rulesets: Sequence[Ruleset],
    scanner: Scanner,
    terms: ScanTerms | None = None,
) -> ScanSummary:
    """Scan the units under each ruleset and load what they gave; scanning the same content again changes no row.

    Files whose size and times of change are those of the scan before are not opened.
    """
    terms = terms or ScanTerms()
    now = now_utc()
    day = terms.observed_on or now.date()
    introduce_own(connection, SOURCE_ID, now.date())
    of_day: dict[str, Any] = {"source_id": SOURCE_ID, "page_sha256": NO_CONTENT, "seen_at": now, "observed_on": day}
    summary = ScanSummary(ruleset_ids=[ruleset.ruleset_id for ruleset in rulesets], scanned_at=now)
    for ruleset in rulesets:
        with (
            limited_memory(connection, WAREHOUSE_MEBIBYTES),
            scanned_index(connection, ruleset.ruleset_id, day) as index,
        ):
            results = summary.count(scanner(units(), ruleset, _control(index, terms)))
            while batch := list(islice(results, BATCH_RESULTS)):
                evidence = [item for result in batch for item in _evidence(result, index.ruleset_id, now)]
                files = [_scanned(result, index, now) for result in batch]
                subjects = [ScannedSubject(**of_day, **asdict(result.subject)) for result in batch]
                load_scanned(connection, index, evidence, files, subjects)
                _LOG.info("%s files", summary.files_count)
            load_own_frameworks(connection, ruleset, day, now)
        if terms.stop.is_set():
            break
    summary.is_stopped = terms.stop.is_set()
    return summary


def _control(index: ScannedIndex, terms: ScanTerms) -> ScanControl:
    """What the index tells of contents and of files as the scan before saw them, under its ruleset."""

    def look_up(sha256: str, reading: str) -> Inspection | None:
        found = index.outcome_of(sha256, reading)
        return _inspection(*found) if found else None

    def held(subject: Subject, paths: Sequence[str] | None) -> list[FileResult]:
        found = [] if terms.rehash else index.files_of(subject.subject_id, paths)
        return [
            FileResult(subject, path, size_bytes, sha256, reading, _inspection(*facts), is_known=True, stamp=stamp)
            for path, stamp, size_bytes, sha256, reading, *facts in found
        ]

    return ScanControl(look_up=look_up, held=held, stop=terms.stop)


def _inspection(
    outcome: FileOutcome, reason: str | None, count: int, year: int | None, links: str | None
) -> Inspection:
    kept = tuple(links.split()) if links else ()
    return Inspection(None, outcome, reason, detections_count=count, year=year, links=kept)


def _evidence(result: FileResult, ruleset_id: str, now: datetime) -> Iterator[Evidence]:
    content: dict[str, Any] = {"page_sha256": result.sha256, "reading": result.reading, "ruleset_id": ruleset_id}
    for detection in result.inspection.detections:
        columns = {**content, **asdict(detection)}
        yield Evidence(source_id=SOURCE_ID, seen_at=now, stance=columns.pop("negation"), **columns)


def _scanned(result: FileResult, index: ScannedIndex, now: datetime) -> ScannedFile:
    return ScannedFile(
        source_id=SOURCE_ID,
        page_sha256=result.sha256,
        seen_at=now,
        subject_id=result.subject_id,
        observed_on=index.observed_on,
        path=result.path[-1000:],
        ruleset_id=index.ruleset_id,
        reading=result.reading,
        size_bytes=result.size_bytes,
        outcome=result.inspection.outcome,
        reason=result.inspection.reason,
        findings_count=result.inspection.detections_count,
        stamp=result.stamp or None,
        document_year=result.inspection.year,
        repository_links=list(result.inspection.links) or None,
    )


_READ_THEN = "ruleset_id = $ruleset_id and observed_on = $observed_on and seen_at = $seen_at and outcome = 'read'"
_CODE_USES = """
    from code_uses_in($ruleset_id, $observed_on, $seen_at) order by subject_id, path, framework, tier desc, rule_id
"""


def load_own_frameworks(connection: DuckDBPyConnection, ruleset: Ruleset, observed_on: date, seen_at: datetime) -> None:
    """Tell and load the own frameworks of the subjects with code that one scan came across, in place of older answers.

    Under rules that were frozen before own frameworks were told, nothing is loaded.
    """
    if ruleset.own_code is None:
        return
    values = {"ruleset_id": ruleset.ruleset_id, "observed_on": observed_on, "seen_at": seen_at.replace(tzinfo=None)}
    subjects = f"subject_id in (select subject_id from core.scanned_file where {_READ_THEN})"
    of_day = "ruleset_id = $ruleset_id and observed_on = $observed_on"
    connection.execute(f"delete from core.own_framework where {of_day} and {subjects}", values)
    records = (
        record
        for subject_id, of_subject in groupby(rows_in_turn(connection, _CODE_USES, values), key=itemgetter(0))
        for record in _own_records(
            list(of_subject), ruleset, {"seen_at": seen_at, "subject_id": subject_id, "observed_on": observed_on}
        )
    )
    while batch := list(islice(records, BATCH_RESULTS)):
        load_records(connection, OwnFramework, batch)


def _own_records(rows: Sequence[tuple[Any, ...]], ruleset: Ruleset, common: dict[str, Any]) -> Iterator[OwnFramework]:
    """One record for each framework of a subject's answer; where it is none, one that says so."""
    uses: list[FileUse] = []
    for (path, *content), of_file in groupby(rows, key=itemgetter(1, 2, 3)):
        found = [Detection(*row[4:]) for row in of_file if row[4]]
        uses += uses_of_file(path, found, *content)
    answer = own_frameworks(uses, ruleset)
    nothing = FileUse(rows[0][1], "none", "incidental", "none", "line 1", content_sha256=rows[0][2])
    for item in answer.frameworks or (Own("none", 0.0, 0, (nothing,)),):
        use = item.uses[0]
        yield OwnFramework(
            source_id="scan",
            page_sha256=use.content_sha256,
            **common,
            ruleset_id=ruleset.ruleset_id,
            framework=item.framework,
            state=answer.state,
            share_fraction=item.share_fraction,
            files_count=item.files_count,
            path=use.path,
            rule_id=f"{item.framework}/own/{use.role}" if item.files_count else "none/own",
            span=use.span,
            position=use.position,
            place=use.place,
        )
