"""`observatory audit`: how right the detector is, and what that does to the shares."""

from pathlib import Path

from flows.cli.terminal import say, shown_progress
from pipeline.settings import Settings


def audit(*labels: Path, quiet: bool = False) -> None:
    """Compare detectors with labelled papers and texts, correct the shares that rest on them, and publish both.

    The views detector_scores and detector_corrected_shares hold the results.

    Args:
        labels: Files of labelled texts (JSON Lines); the project's own snippets if none is given.
        quiet: Show no progress.
    """
    from pipeline.jobs.audit import audit_and_publish

    with shown_progress(is_quiet=quiet):
        sentences = audit_and_publish(Settings(), labels)
    say(*sentences)
