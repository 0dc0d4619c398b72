"""`observatory doctor`: what could keep the job from running here."""


def doctor() -> int:
    """Check this machine and this folder, and say what to do about each thing that is missing."""
    from flows.cli.terminal import show_table
    from pipeline.jobs.doctor import examine
    from pipeline.settings import Settings

    findings = examine(Settings())
    show_table(
        ["", "what", "found", "to do"],
        [[finding.level, finding.subject, finding.found, finding.remedy] for finding in findings],
    )
    return int(any(finding.level == "fail" for finding in findings))
