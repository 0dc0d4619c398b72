"""`observatory describe`: the meaning of a view."""

from flows.cli.terminal import say
from pipeline.settings import Settings


def describe(view: str = "", /) -> None:
    """Say what a published view and each of its columns means; without a name, list the views.

    Args:
        view: The view, such as `adoption`.
    """
    from pipeline.metrics.read import view_page

    say(*view_page(Settings().published_file, view))
