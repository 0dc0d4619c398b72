"""`observatory scan`: which frameworks papers and repositories name, import and declare."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.jobs.scan import Rows
    from pipeline.jobs.scan_load import Scanner
    from pipeline.settings import Settings


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
        freeze: Keep today's rules in data/reference/rulesets, once for each release, so that history can be scanned
            under them later.
        format: summary for people, or every piece of evidence of this scan as csv or jsonl.
        quiet: Show no progress.
    """
    from flows.importing import imports_that_stay

    with imports_that_stay():
        from pipeline.jobs.scan import ScanRequest, scan_and_publish, sentences_of
    from flows.cli.terminal import say, shown_progress
    from pipeline.errors import BadInput
    from pipeline.settings import Settings

    settings = Settings()
    if freeze:
        _freeze(settings)
    if not paths:
        if freeze:
            return
        raise BadInput("Give something to scan: files, folders, archives, or a list of addresses.")
    scanner = _scanner(settings, workers, time_limit, cluster)
    request = ScanRequest(paths=paths, subject_id=subject, ruleset=ruleset, observed_on=as_of)
    write = _writer(format)
    with shown_progress(is_quiet=quiet):
        report = scan_and_publish(settings, request, scanner, write)
    if format == "summary":
        for sentence in sentences_of(report):
            say(sentence)


def _freeze(settings: "Settings") -> None:
    from flows.cli.terminal import say
    from pipeline.detect.rules.ruleset import freeze, read_rules

    say(f"Frozen in {freeze(read_rules(settings.reference_folder), settings.reference_folder)}")


def _scanner(settings: "Settings", workers: int | None, time_limit: float, cluster: str | None) -> "Scanner":
    import os

    if cluster:
        from flows.dask import cluster_scanner

        return cluster_scanner(settings, cluster, time_limit)
    from pipeline.jobs.scan_load import local_scanner

    return local_scanner(workers or os.cpu_count() or 1, time_limit)


def _writer(form: str) -> "Callable[[Rows], None] | None":
    """What writes to the standard output as it is now: a spinner puts its own in that place."""
    import sys
    from functools import partial

    from pipeline.jobs.scan import write_csv, write_json_lines

    known = {"csv": write_csv, "jsonl": write_json_lines}
    return partial(known[form], sys.stdout) if form in known else None
