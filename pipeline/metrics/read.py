"""From a public view to a frame. Everything a chart, a claim or the report shows comes through here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, Busy
from pipeline.warehouse.connect import CONFIG
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
    published_file: Path,
    view: str,
    where: Mapping[str, object] | None = None,
    order_by: Sequence[str] = (),
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
