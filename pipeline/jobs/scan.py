"""`observatory scan` from its options to a published release, and what it says at the end."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

from duckdb import DuckDBPyConnection

from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.jobs.run_log import kept_log
from pipeline.jobs.scan_load import Scanner, ScanSummary, chosen_rulesets, scan_into, scan_units_of_paths
from pipeline.settings import Settings
from pipeline.warehouse.connect import limited_memory

RELEASE_MEBIBYTES = 512
"""What the warehouse may hold in memory while all that was ever scanned is joined, sorted and published."""
SHOWN_COUNT = 20
"""Unread files that the summary lists by name."""
_COLUMNS = (
    *("subject_id", "path", "tier", "framework", "span", "place", "position", "section", "stance", "is_counted"),
    *("backend", "rule_id", "ruleset_id"),
)
_FETCHED_ROWS = 10_000
_THIS_SCAN = "ruleset_id in ? and seen_at = ?"
_FILES = f"(select subject_id, observed_on, path, ruleset_id from core.scanned_file where {_THIS_SCAN}) scanned"


@dataclass(frozen=True, kw_only=True)
class ScanRequest:
    """What one call of the command asks for."""

    paths: tuple[Path, ...]
    subject_id: str | None = None
    ruleset: str = "today"
    observed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """What a scan did, and how many subjects it found each framework in: tier, framework, subjects."""

    summary: ScanSummary
    subjects_count: int
    found: tuple[tuple[str, str, int], ...]


Rows = Iterable[tuple[object, ...]]


def scan_and_publish(
    settings: Settings, request: ScanRequest, scanner: Scanner, write: Callable[[Rows], None] | None = None
) -> ScanReport:
    """Scan, load, check and publish; then give `write` the evidence of this scan, a few rows at a time in memory.

    Raises:
        BadInput: a path or a ruleset does not exist.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    rulesets = chosen_rulesets(settings.reference_folder, request.ruleset)
    with kept_log(settings), open_job(settings, "scan") as job:
        summary = scan_into(
            job.connection,
            lambda: scan_units_of_paths(settings, request.paths, request.subject_id),
            rulesets,
            scanner,
            request.observed_on,
        )
        with limited_memory(job.connection, RELEASE_MEBIBYTES):
            report = _report(job.connection, summary)
            release(job)
            if write:
                write(_rows(job.connection, summary))
    return report


def sentences_of(report: ScanReport) -> Iterator[str]:
    """Yield the summary for people: what was scanned, what was found, what could not be read."""
    summary = report.summary
    read = summary.outcomes["read"]
    yield (
        f"{summary.files_count} files of {report.subjects_count} subjects under {', '.join(summary.ruleset_ids)}: "
        f"{read} read, {summary.files_count - read} not; {summary.known_count} were known from before."
    )
    if summary.pdf_seconds > 0:
        share = summary.pdf_extraction_seconds / summary.pdf_seconds
        yield f"Getting the text out of PDF files took {share:.0%} of their {summary.pdf_seconds:.1f} s."
    for tier, framework, subjects_count in report.found:
        yield f"{tier}: {framework} in {subjects_count}"
    for result in summary.unread[:SHOWN_COUNT]:
        yield f"not read ({result.inspection.outcome}): {result.subject_id} {result.path}: {result.inspection.reason}"
    if (unread := summary.files_count - read) > SHOWN_COUNT:
        yield f"… and {unread - SHOWN_COUNT} more; `observatory query` on scanned_files lists them all."


def write_csv(target: TextIO, rows: Rows) -> None:
    """Write evidence as CSV."""
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)


def write_json_lines(target: TextIO, rows: Rows) -> None:
    """Write evidence as JSON, one row per line."""
    target.writelines(json.dumps(dict(zip(_COLUMNS, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


def _report(connection: DuckDBPyConnection, summary: ScanSummary) -> ScanReport:
    subjects = connection.execute(
        f"select count(distinct subject_id) from core.scanned_file where {_THIS_SCAN}", _values(summary)
    ).fetchall()
    found = connection.execute(
        "select tier, framework, count(distinct subject_id) as subjects_count from main.evidence "
        f"join {_FILES} using (subject_id, observed_on, path, ruleset_id) where is_counted "
        "group by tier, framework order by tier, subjects_count desc, framework",
        _values(summary),
    ).fetchall()
    return ScanReport(
        summary=summary,
        subjects_count=int(subjects[0][0]),
        found=tuple((str(tier), str(framework), int(count)) for tier, framework, count in found),
    )


def _rows(connection: DuckDBPyConnection, summary: ScanSummary) -> Iterator[tuple[object, ...]]:
    found = connection.execute(
        f"select {', '.join(_COLUMNS)} from main.evidence "
        f"join {_FILES} using (subject_id, observed_on, path, ruleset_id) "
        "order by subject_id, path, tier, position, framework, rule_id",
        _values(summary),
    )
    while rows := found.fetchmany(_FETCHED_ROWS):
        yield from rows


def _values(summary: ScanSummary) -> list[object]:
    return [summary.ruleset_ids, summary.scanned_at.replace(tzinfo=None)]
