"""`observatory prune`: what lies on the disk, and what of it can go."""

from flows.cli.terminal import say, show_table
from pipeline.settings import Settings


def prune(*, yes: bool = False) -> None:
    """List what the data folder takes by kind, and what of it nothing relies on.

    Args:
        yes: Free that.
    """
    from pipeline.jobs import releases

    show_table(releases.USE_COLUMNS, releases.rows_of_use(Settings()), releases.USE_COLUMNS[1:])
    say(releases.prune(Settings()) if yes else "Nothing was freed; --yes does it.")
