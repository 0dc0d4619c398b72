"""`observatory sources`: where the figures come from and how each source stands."""


def sources() -> None:
    """List the sources with their state, age, rows, and what can be done about those that failed."""
    from flows.cli.terminal import say, show_table
    from pipeline.jobs.sources import COLUMNS, NUMERIC, rows_of_archive, rows_of_health
    from pipeline.settings import Settings

    settings = Settings()
    if settings.published_file.exists():
        show_table(COLUMNS, rows_of_health(settings.published_file), NUMERIC)
        return
    show_table(COLUMNS, rows_of_archive(settings.archive_folder), NUMERIC)
    say("Nothing is loaded yet; `observatory run` does that.")
