"""`observatory scan`: which frameworks papers and repositories name, import and declare."""

from datetime import date
from pathlib import Path
from typing import Literal


def scan(
    *paths: Path,
    subject: str | None = None,
    as_of: date | None = None,
    ruleset: str = "today",
    workers: int | None = None,
    time_limit: float = 60,
    cluster: str | None = None,
    freeze: bool = False,
    format: Literal["summary", "csv", "jsonl"] = "summary",  # noqa: A002 — the option's name
    quiet: bool = False,
) -> None:
    """Scan papers (PDF, HTML, LaTeX, text) and repositories (folders, archives) and keep the evidence with its place.

    Content that was scanned before under the same rules is not read again. Whatever cannot be read is listed and the
    rest goes on. `observatory query "from evidence"` shows every place; `from scanned_files` every file.

    Args:
        paths: Files, folders, zip or tar archives, or text files of nothing but web addresses, one a line.
        subject: Take the one path as one subject of this name, e.g. owner/name, so that later scans tell what changed.
        as_of: Day as of which the subjects are seen, e.g. a checkout's; today if not given.
        ruleset: Rules to scan under: today, all (every frozen one and today's), or one by its id.
        workers: Processes; as many as the machine has cores if not given.
        time_limit: Seconds that one file may take.
        cluster: Address of a Dask scheduler whose workers see the same paths; the rows are the same.
        freeze: Keep today's rules in data/reference/rulesets, so that history can be scanned under them later.
        format: summary for people, or every piece of evidence of this scan as csv or jsonl.
        quiet: Show no progress.
    """
    import os
    import sys

    from flows.evidence import local_scanner
    from flows.scanning import ScanRequest, scan_and_release, sentences_of, to_csv, to_json_lines
    from flows.terminal import say, shown_progress
    from pipeline.errors import BadInput
    from pipeline.normalise.ruleset import freeze as freeze_rules
    from pipeline.normalise.ruleset import read_rules
    from pipeline.settings import Settings

    settings = Settings()
    if freeze:
        say(f"Frozen in {freeze_rules(read_rules(settings.reference_folder), settings.reference_folder)}")
    if not paths:
        if freeze:
            return
        raise BadInput("Give something to scan: files, folders, archives, or a list of addresses.")
    workers_count = workers or os.cpu_count() or 1
    scanner = local_scanner(workers_count, time_limit)
    if cluster:
        from flows.cluster import cluster_scanner

        scanner = cluster_scanner(settings, cluster, time_limit)
    request = ScanRequest(paths=paths, subject_id=subject, ruleset=ruleset, observed_on=as_of)
    with shown_progress(is_quiet=quiet):
        report = scan_and_release(settings, request, scanner, with_rows=format != "summary")
    if format == "summary":
        for sentence in sentences_of(report):
            say(sentence)
    else:
        sys.stdout.write(to_csv(report) if format == "csv" else to_json_lines(report))
