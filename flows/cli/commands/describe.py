"""`observatory describe`: the meaning of a view."""

from flows.cli.terminal import say
from pipeline.settings import Settings


def describe(view: str = "", /) -> None:
    """Say what a published view and each of its columns means; without a name, list the views.

    Args:
        view: The view, such as `adoption`.
    """
    from pipeline.metrics.dictionary import view_page, views_page

    file = Settings().published_file
    say(*(view_page(file, view) if view else views_page(file)))
