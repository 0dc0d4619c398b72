"""`observatory audit`: how right the detector is, and what that does to the shares."""

from pathlib import Path

from flows.cli.terminal import say, shown_progress
from pipeline.settings import Settings


def audit(*labels: Path, corpus: list[Path] | None = None, subjects: Path | None = None, quiet: bool = False) -> None:
    """Compare detectors with labelled papers and texts, correct the shares that rest on them, and publish both.

    The views detector_scores, label_balance and detector_corrected_shares hold the results.

    Args:
        labels: Files of labelled texts, or of labelled subjects as `observatory label` makes them (JSON Lines); the
            project's own snippets if none is given.
        corpus: The papers and repositories that the labelled subjects belong to, those without a label included.
        subjects: CSV file that says what the subjects of the corpus are, as for `observatory scan`.
        quiet: Show no progress.
    """
    from pipeline.jobs.audit import audit_and_publish
    from pipeline.jobs.scan import local_scanner
    from pipeline.jobs.scan_subjects import WhatToScan

    what = WhatToScan(paths=tuple(corpus or ()), subjects_file=subjects) if corpus or subjects else None
    with shown_progress(is_quiet=quiet):
        sentences = audit_and_publish(Settings(), labels, what, local_scanner())
    say(*sentences)
