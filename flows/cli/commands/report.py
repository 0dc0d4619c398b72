"""`observatory report`: write the page anew."""

from flows.cli.terminal import say
from pipeline.settings import Settings


def report() -> None:
    """Write reports/index.html anew from the published figures."""
    from pipeline.jobs.releases import write_report

    say(write_report(Settings()))
