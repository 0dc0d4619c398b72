"""`observatory report`: write the page anew."""

from datetime import date

from flows.cli.terminal import say
from pipeline.settings import Settings


def report(*, as_of: date | None = None) -> None:
    """Write reports/index.html anew from the published figures, and beside it what changed with each refresh.

    Args:
        as_of: Write the page of what was published last on that day or before it, to reports/as-of-DAY; also where
            its release was pruned.
    """
    from pipeline.jobs.releases import write_report

    say(write_report(Settings(), as_of=as_of))
