"""From a public view to a frame; the meaning of every view and column; and the releases that are kept, one of a day.

Everything a chart, a claim or the report shows comes through here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from threading import Lock
from typing import NamedTuple

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, Busy
from pipeline.warehouse.connect import CONFIG
from pipeline.warehouse.publish import kept_publications, restored
from pipeline.warehouse.staging import names_list

# A reader can touch nothing but the file it was given: no other file, no network, no extension.
# Its bar of progress would stand between the rows.
_SHUT = ("set enable_progress_bar = false", "set enable_external_access = false", "set lock_configuration = true")
_OPENING = Lock()
"""The connections of one process to one file share their settings: one looks whether they are locked and locks them
before the next one looks."""
_COLUMNS = "select column_name, column_type from main.dictionary where view_name = ? order by column_position"
_DTYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), "Int64"),
    **dict.fromkeys(("DATE", "TIMESTAMP"), "datetime64[us]"),
    "BOOLEAN": "boolean",
    "DOUBLE": "float64",
}


@contextmanager
def open_published(published_file: Path, *, written_file: Path | None = None) -> Iterator[DuckDBPyConnection]:
    """Open the published database for reading only, locked: no file, network, extension or setting is within reach.

    `written_file` is the one file that `copy … to` may write all the same. The connection keeps showing the release it
    was opened on, also when a newer one is published meanwhile. One process may open it several times at once.

    Raises:
        BadInput: nothing was published yet, or the file is damaged.
        Busy: somebody has opened the file for writing.
    """
    if not published_file.is_file():
        raise BadInput(f"nothing is published at {published_file}; run `observatory run` first.")
    try:
        with _OPENING:
            connection = _opened(published_file, written_file)
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        if "lock on file" in first_line:
            raise Busy(f"{published_file} is open for writing elsewhere; close it there and try again.") from error
        raise BadInput(
            f"{published_file} is no readable database ({first_line}); run `observatory run` to publish it anew."
        ) from error
    try:
        yield connection
    finally:
        connection.close()


def _opened(published_file: Path, written_file: Path | None) -> DuckDBPyConnection:
    connection = duckdb.connect(str(published_file.resolve()), read_only=True, config={**CONFIG, "memory_limit": "2GB"})
    if written_file:
        connection.execute("set allowed_paths = [?]", [str(written_file)])
    (is_locked,) = connection.execute("select current_setting('lock_configuration')").fetchall()[0]
    for statement in () if is_locked else _SHUT:
        connection.execute(statement)
    return connection


def read_view(
    published_file: Path, view: str, where: Mapping[str, object] | None = None, order_by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of a public view, all its columns, in an order that is always the same.

    A view of the schema metric is named with it: `metric.survey_kaggle`.
    `where` maps columns to their value; None means null, and a list, tuple or set means any of its members.
    Rows are ordered by the columns of `order_by`, then by all others. Whole numbers come as `Int64`, truth values as
    `boolean`, dates and moments as `datetime64[us]`, fractions as `float64`, everything else as
    objects; nulls stay nulls.

    Raises:
        BadInput: there is no such view or column, or nothing was published yet.
    """
    wanted = dict(where or {})
    with open_published(published_file) as connection:
        columns = dict(connection.execute(_COLUMNS, [view]).fetchall())
        if not columns:
            names = connection.execute("select distinct view_name from main.dictionary order by view_name").fetchall()
            raise BadInput(f"there is no view {view}; there are {', '.join(row[0] for row in names)}.")
        for name in [*wanted, *order_by]:
            if name not in columns:
                raise BadInput(f"view {view} has no column {name}; it has {', '.join(columns)}.")
        terms = [_term(name, value) for name, value in wanted.items()]
        condition = " and ".join(sql for sql, _ in terms) or "true"
        order = dict.fromkeys([*order_by, *columns])
        quoted_view = ".".join(f'"{part}"' for part in view.split("."))
        rows = connection.execute(
            f"select {names_list(columns)} from {quoted_view} where {condition} order by {names_list(order)}",
            [value for _, values in terms for value in values],
        ).fetchall()
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    typed = zip(columns.items(), cells, strict=True)
    return pd.DataFrame(
        {name: pd.Series(list(values), dtype=_DTYPES.get(kind, "object")) for (name, kind), values in typed}
    )


def _term(name: str, value: object) -> tuple[str, list[object]]:
    """Return one condition and the values that it takes."""
    if value is None:
        return f'"{name}" is null', []
    if isinstance(value, list | tuple | set | frozenset):
        members = sorted(value, key=str)
        return f'"{name}" in ({", ".join("?" * len(members))})' if members else "false", members
    return f'"{name}" = ?', [value]


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


def view_page(published_file: Path, name: str = "") -> list[str]:
    """Return what a view and its columns mean, as a manual page; without a name, each view with its first sentence.

    Raises:
        BadInput: there is no such view, nothing was published yet, or the file is damaged.
    """
    views = {view.name: view for view in read_dictionary(published_file)}
    if not name:
        width = max(map(len, views))
        return [f"{each.name:{width}}  {each.comment.split('. ')[0].rstrip('.')}." for each in views.values()]
    if name not in views:
        near = get_close_matches(name, views, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise BadInput(f"there is no view {name}. {hint}`observatory describe` lists all.")
    page = [name, "", *_folded(views[name].comment, 2), "", "Columns", ""]
    for column in views[name].columns:
        page += [f"  {column.name}  {column.type}", *_folded(column.comment, 6), ""]
    return [*page, f'Ask: observatory query "from {name} limit 5"']


def _folded(text: str, indent: int) -> list[str]:
    return wrap(text, _PAGE_WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)


_STAMP = "%Y%m%dT%H%M%SZ"
_STAMP_LENGTH = len("20260101T000000Z")


class Release(NamedTuple):
    """One published database."""

    published_at: datetime
    """When its run began, UTC."""
    name: str
    database: Path
    is_shown: bool
    """Whether `published` leads to it."""


def kept_releases(data_folder: Path) -> list[Release]:
    """Return the releases below the data folder, the oldest first."""
    found = []
    shown = (data_folder / "published").resolve()
    for database in data_folder.glob("releases/*/observatory.duckdb"):
        name, is_shown = database.parent.name, database.parent.resolve() == shown
        if published_at := _moment_of(name):
            found.append(Release(published_at=published_at, name=name, database=database, is_shown=is_shown))
    return sorted(found)


def _moment_of(name: str) -> datetime | None:
    """Return when the run of a release of that name began, UTC; None where the name is of another kind."""
    with suppress(ValueError):
        return datetime.strptime(name[:_STAMP_LENGTH], _STAMP)  # noqa: DTZ007 — the name says Z, all are UTC
    return None


def published_as_of(data_folder: Path, day: date) -> Path:
    """Return a database of what was published last on that day (UTC) or before it.

    It is the release itself, or, where that was pruned, the views that were kept of it.

    Raises:
        BadInput: none that old is kept, or what was kept is damaged.
    """
    releases = {release.name: release.database for release in kept_releases(data_folder)}
    names = sorted({*releases, *filter(_moment_of, kept_publications(data_folder))})
    older = [name for name in names if (moment := _moment_of(name)) and moment.date() <= day]
    if older:
        return releases.get(older[-1]) or restored(data_folder, older[-1])
    first = f"the oldest that is kept is of {_moment_of(names[0]):%Y-%m-%d}" if names else "none is kept"
    raise BadInput(f"there is no release of {day} or before; {first}.")
