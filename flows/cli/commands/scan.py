"""`observatory scan`: which frameworks papers and repositories name, import and declare."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flows.cli.terminal import say, show_table, shown_progress
from pipeline.errors import BadInput
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.detect.files.scan import Scanner
    from pipeline.detect.files.scan_units import ScanUnit


def scan(
    *paths: Path,
    subject: str | None = None,
    subjects: Path | None = None,
    dry_run: bool = False,
    as_of: date | None = None,
    ruleset: str = "today",
    workers: int | None = None,
    time_limit: float = 60,
    cluster: str | None = None,
    history: Literal["yearly"] | None = None,
    share: bool = False,
    rehash: bool = False,
    freeze: bool = False,
    format: Literal["summary", "csv", "jsonl"] = "summary",  # noqa: A002 — the option's name
    quiet: bool = False,
) -> None:
    """Scan papers (PDF, HTML, LaTeX, text) and repositories (folders, archives) and keep the evidence with its place.

    What did not change since the last scan under the same rules is not opened, and known content not read again. Ctrl-C
    keeps what was scanned; the same command goes on from there. Whatever cannot be read is listed and the
    rest goes on. `observatory query "from evidence"` shows every place; `from scanned_files` every file.

    Args:
        paths: Files, folders, zip or tar archives, or text files of nothing but web addresses, one a line.
        subject: Take the one path as one subject of this name, e.g. owner/name, so that later scans tell what changed.
        subjects: CSV file that gives the units of counting, with the columns path (or pattern, with * and **), subject,
            year, venue and repository (its address); each may be empty. Paths are below PATHS or beside the file, or
            addresses; a repository alone is fetched, and what cannot be had is counted as not read. What it does not
            name is found as without it.
        dry_run: Only show the subjects: what would be counted, why each is taken for one, and its year.
        as_of: Day as of which the subjects are seen, e.g. a checkout's; today if not given.
        ruleset: Rules to scan under: today, all (every frozen one and today's), or one by its id.
        workers: Processes; as many as the machine has cores if not given.
        time_limit: Seconds that one file may take.
        cluster: Address of a Dask scheduler whose workers see the same paths; the rows are the same.
        history: yearly scans also what clones were at the end of each year before, from their git log, and so fills the
            view migrations.
        share: Show the shares by year of the five frameworks that each tier finds most often, raw and, where an own
            audit knows precision and recall, corrected, with intervals and bounds for silent and unread subjects; the
            view scanned_shares has every framework and all ever scanned.
        rehash: Open every file, even where its size and times of change say that it is the one scanned before.
        freeze: Keep today's rules in data/reference/rulesets, once for each release, so that history can be scanned
            under them later.
        format: summary for people, or every piece of evidence of this scan as csv or jsonl.
        quiet: Show no progress.
    """
    from pipeline.jobs.scan import SHARE_COLUMNS, SHARE_NUMERIC_COLUMNS, ScanRequest, scan_and_publish
    from pipeline.jobs.scan_subjects import WhatToScan

    settings = Settings()
    if freeze:
        _freeze(settings.reference_folder)
    what = WhatToScan(paths=paths, subject_id=subject, subjects_file=subjects)
    if freeze and not (paths or subjects):
        return
    if not (paths or subjects):
        raise BadInput("Give something to scan: files, folders, archives, a list of addresses, or --subjects FILE.")
    if dry_run:
        _show_subjects(what.units(settings, is_dry=True))
        return
    job = ScanRequest(what=what, rehash=rehash, ruleset=ruleset, observed_on=as_of, history=history, with_shares=share)
    target = None if format == "summary" else (sys.stdout, format)  # as it is now: a spinner puts its own in that place
    with shown_progress(is_quiet=quiet), _scanner(settings, workers, time_limit, cluster, history) as scanner:
        sentences, shares = scan_and_publish(settings, job, scanner, target)
    if target is None:
        say(*sentences)
        if share:
            show_table(SHARE_COLUMNS, shares, numeric=SHARE_NUMERIC_COLUMNS)


def _freeze(reference_folder: Path) -> None:
    from pipeline.detect.rules import ruleset as rules

    say(f"Frozen in {rules.freeze(rules.read_rules(reference_folder), reference_folder)}")


def _show_subjects(units: "Iterator[ScanUnit]") -> None:
    """Show every subject that would be scanned, and how many files or archives it has; none of them is read."""
    found = [
        (subject, sum(1 if unit.members is None else len(unit.members) for unit in of_subject))
        for subject, of_subject in groupby(units, key=lambda unit: unit.subject)
    ]
    counted = [(subject, count) for subject, count in found if subject.kind != "folder"]
    columns = ("subject", "kind", "files", "year", "year from", "venue", "repository", "found by")
    facts = (
        (each.subject_id, each.kind, count, each.year, each.year_origin, each.venue, each.repository, each.found_by)
        for each, count in counted
    )
    rows = (["" if fact is None else str(fact) for fact in row] for row in facts)
    show_table(columns, rows, numeric=("files", "year"))
    kinds = Counter(subject.kind for subject, _ in counted)
    beside = sum(count for subject, count in found if subject.kind == "folder")
    say(
        f"Subjects: {len(counted)} (papers {kinds['paper']}, repositories {kinds['repository']}); files beside them: "
        f"{beside}. A PDF without a year takes that of its date. --subjects gives what is found otherwise here."
    )


def _scanner(
    settings: Settings, workers: int | None, time_limit: float, cluster: str | None, history: str | None
) -> "AbstractContextManager[Scanner]":
    if history and cluster:
        raise BadInput("The past of clones is read on this machine; leave --cluster out, or --history.")
    if not time_limit > 0:  # written this way round, what is not a number is refused too
        raise BadInput(f"--time-limit {time_limit:g} leaves no time to read a file; give seconds above 0.")
    if cluster:
        from flows.dask import cluster_scanner

        return cluster_scanner(settings, cluster, time_limit)
    from pipeline.jobs.scan import local_scanner

    return nullcontext(local_scanner(workers, time_limit))
