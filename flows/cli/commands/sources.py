"""`observatory sources`: where the figures come from and how each source stands."""

from flows.cli.terminal import say, show_table
from pipeline.settings import Settings


def sources() -> None:
    """List the sources with their state, age, rows, and what can be done about those that failed."""
    from pipeline.jobs.sources import COLUMNS, NUMERIC, rows_of_archive, rows_of_health

    settings = Settings()
    if settings.published_file.exists():
        show_table(COLUMNS, rows_of_health(settings.published_file), NUMERIC)
        return
    show_table(COLUMNS, rows_of_archive(settings.archive_folder), NUMERIC)
    say("Nothing is loaded yet; `observatory run` does that.")
