"""`observatory report`: write the page anew."""


def report() -> None:
    """Write reports/index.html anew from the published figures."""
    from flows.cli.terminal import say
    from pipeline.jobs.report import write_report
    from pipeline.settings import Settings

    say(write_report(Settings()))
