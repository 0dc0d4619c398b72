"""`observatory audit`: how right the detector is, and what that does to the shares."""

from pathlib import Path


def audit(*labels: Path, quiet: bool = False) -> None:
    """Compare detectors with labelled papers and texts, correct the shares that rest on them, and publish both.

    The views detector_scores and detector_corrected_shares hold the results.

    Args:
        labels: Files of labelled texts (JSON Lines); the project's own snippets if none is given.
        quiet: Show no progress.
    """
    from flows.importing import imports_that_stay

    with imports_that_stay():
        from pipeline.jobs.audit import audit_and_publish, sentences_of
    from flows.cli.terminal import say, shown_progress
    from pipeline.settings import Settings

    with shown_progress(is_quiet=quiet):
        report = audit_and_publish(Settings(), labels)
    for sentence in sentences_of(report):
        say(sentence)
