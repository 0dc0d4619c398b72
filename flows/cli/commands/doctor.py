"""`observatory doctor`: what could keep the job from running here."""

from flows.cli.terminal import show_table
from pipeline.settings import Settings


def doctor() -> int:
    """Check this machine and this folder, and say what to do about each thing that is missing."""
    from pipeline.jobs.doctor import examine

    findings = examine(Settings())
    show_table(["", "what", "found", "to do"], findings)
    return int(any(finding.level == "fail" for finding in findings))
