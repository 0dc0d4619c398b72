"""`observatory describe`: the meaning of a view."""

from flows.cli.terminal import say, show_table
from pipeline.settings import Settings


def describe(view: str = "", /) -> None:
    """Say what a published view and each of its columns means; without a name, list the views.

    Args:
        view: The view, such as `adoption`.
    """
    from pipeline.metrics.read import view_page

    page = view_page(Settings().published_file, view)
    if view:
        say(*page)
    else:
        show_table(("view", "what it holds"), (line.split(maxsplit=1) for line in page))
