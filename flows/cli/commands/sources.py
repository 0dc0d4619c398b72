"""`observatory sources`: where the figures come from and how each source stands."""

from typing import Annotated

from cyclopts import Parameter

from flows.cli.terminal import say, show_table
from pipeline.settings import Settings


def sources(
    *,
    headlines: Annotated[bool, Parameter(negative="")] = False,
    pair: Annotated[tuple[str, str] | None, Parameter(consume_multiple=True)] = None,
) -> None:
    """List the sources with their state, age, rows, and what can be done about those that failed.

    Args:
        headlines: List the topics of the page instead: which series speaks for each, how old it is, what it says.
        pair: Two frameworks to set against each other in the headlines, instead of all.
    """
    from pipeline.jobs import sources as listed

    settings = Settings()
    if headlines or pair is not None:
        said = listed.headlines(settings.published_file, settings.reference_folder, pair)
        show_table(listed.HEADLINE_COLUMNS, listed.rows_of_headlines(said), listed.NUMERIC)
        say(listed.ages_in_words(said))
    elif settings.published_file.exists():
        show_table(listed.COLUMNS, listed.rows_of_health(settings.published_file), listed.NUMERIC)
    else:
        show_table(listed.COLUMNS, listed.rows_of_archive(settings.archive_folder), listed.NUMERIC)
        say("Nothing is loaded yet; `observatory run` does that.")
