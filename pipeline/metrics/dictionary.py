"""The meaning of every public view and column, from the comments in the database itself."""

from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from pipeline.errors import BadInput
from pipeline.metrics.read import open_published

_PAGE_WIDTH = 78


class ColumnEntry(NamedTuple):
    """One column of a public view."""

    name: str
    type: str
    comment: str


class ViewEntry(NamedTuple):
    """One public view with its columns in their order."""

    name: str
    comment: str
    columns: tuple[ColumnEntry, ...]


def read_dictionary(published_file: Path) -> list[ViewEntry]:
    """Return every public view in alphabetical order.

    Raises:
        BadInput: nothing was published yet, or the file is damaged.
    """
    with open_published(published_file) as connection:
        rows = connection.execute(
            "select view_name, view_comment, column_name, column_type, column_comment from main.dictionary "
            "order by view_name, column_position"
        ).fetchall()
    return [
        ViewEntry(name, comment, tuple(ColumnEntry(*row[2:]) for row in columns))
        for (name, comment), columns in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def views_page(published_file: Path) -> list[str]:
    """Return the names of the views with the first sentence of each, as lines.

    Raises:
        BadInput: nothing was published yet, or the file is damaged.
    """
    views = read_dictionary(published_file)
    width = max(len(view.name) for view in views)
    return [f"{view.name:{width}}  {view.comment.split('. ')[0].rstrip('.')}." for view in views]


def view_page(published_file: Path, name: str) -> list[str]:
    """Return what a view and its columns mean, as the lines of a manual page.

    Raises:
        BadInput: there is no such view, nothing was published yet, or the file is damaged.
    """
    views = {view.name: view for view in read_dictionary(published_file)}
    if name not in views:
        near = get_close_matches(name, views, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise BadInput(f"there is no view {name}. {hint}`observatory describe` lists all.")
    view = views[name]
    columns = [
        line for column in view.columns for line in (f"  {column.name}  {column.type}", *_folded(column.comment, 6), "")
    ]
    return [
        name,
        "",
        *_folded(view.comment, 2),
        "",
        "Columns",
        "",
        *columns,
        f'Ask: observatory query "from {name} limit 5"',
    ]


def _folded(text: str, indent: int) -> list[str]:
    return wrap(text, _PAGE_WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)
