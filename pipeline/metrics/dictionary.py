"""The meaning of every public view and column, from the comments in the database itself."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline.metrics.read import open_published


@dataclass(frozen=True, kw_only=True)
class ColumnEntry:
    """One column of a public view."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, kw_only=True)
class ViewEntry:
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
        ViewEntry(
            name=name,
            comment=comment,
            columns=tuple(ColumnEntry(name=row[2], type=row[3], comment=row[4]) for row in columns),
        )
        for (name, comment), columns in groupby(rows, key=lambda row: (row[0], row[1]))
    ]
