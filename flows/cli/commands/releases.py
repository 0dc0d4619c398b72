"""`observatory releases`: which published releases are kept."""

from flows.cli.terminal import show_table
from pipeline.settings import Settings


def releases() -> None:
    """List the releases that are kept, the newest first, and which is shown."""
    from pipeline.jobs.releases import COLUMNS, rows_of_releases

    show_table(COLUMNS, rows_of_releases(Settings().data_folder), COLUMNS[2:])
