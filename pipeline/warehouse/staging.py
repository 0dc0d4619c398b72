"""Python values into a temporary table with declared types: the one bulk path into the warehouse."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.records.record import Row

AnyRow = TypeVar("AnyRow", bound=Row)
BATCH = "temp.batch"
_FETCHED_ROWS, _STAGED_ROWS = 10_000, 20_000
_ARRAY_TYPES = {"INTEGER": "Int64", "BIGINT": "Int64", "BOOLEAN": "boolean", "DOUBLE": "Float64"}
_ARRAY_TYPES |= dict.fromkeys(("VARCHAR", "VARCHAR[]", "JSON"), "object")


def column_types(connection: DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the declared type of each column of `schema.table`, in their order.

    Raises:
        ContractBroken: there is no such table.
    """
    try:
        rows = connection.execute("select name, type from pragma_table_info(?)", [table]).fetchall()
    except duckdb.CatalogException as error:
        raise ContractBroken(f"there is no table {table}; add a migration that makes it.") from error
    return dict(rows)


def stage(connection: DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Fill the temporary table `batch` anew with rows for `table` and return its columns, which each row must hold.

    Moments must be aware and are stored in UTC. The types are those that the table declares and never depend on the
    values: a column of nulls keeps its type.

    Raises:
        ContractBroken: there is no such table.
    """
    types, waiting = column_types(connection, table), iter(rows)
    declared = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"create or replace temp table {BATCH} ({declared})")
    while held := list(islice(waiting, _STAGED_ROWS)):
        frame = pd.DataFrame({name: _array(kind, list(map(itemgetter(name), held))) for name, kind in types.items()})
        connection.register("batch_frame", frame)
        try:
            connection.execute(f"insert into {BATCH} by name from batch_frame")
        finally:
            connection.unregister("batch_frame")
    return list(types)


def stage_kind(connection: DuckDBPyConnection, kind: type[Row], rows: Iterable[Row]) -> list[str]:
    """Fill the temporary table `batch` anew with rows of one kind, and return their columns.

    Raises:
        ContractBroken: the table's columns are not the kind's fields.
    """
    if set(column_types(connection, kind.table)) != set(kind.model_fields):
        raise ContractBroken(
            f"{kind.table} and {kind.__name__} have different columns; add a migration or correct the record."
        )
    return stage(connection, kind.table, map(vars, rows))


def put(connection: DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert the rows; one whose key is there already is replaced.

    Raises:
        ContractBroken: there is no such table.
    """
    stage(connection, table, rows)
    connection.execute(f"insert or replace into {table} by name from {BATCH}")


def read_rows(connection: DuckDBPyConnection, sql: str, values: object = None) -> list[dict[str, Any]]:
    """Return the rows of a query by column; moments are aware, as they were when they were stored."""
    cursor = connection.execute(sql, values)
    columns = [name for name, *_ in cursor.description or []]
    return [
        {name: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for name, v in zip(columns, row, strict=True)}
        for row in cursor.fetchall()
    ]


def rows_in_turn(connection: DuckDBPyConnection, sql: str, values: object = None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query a few at a time, beside the connection's other queries."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_FETCHED_ROWS):
            yield from rows


def names_list(columns: Iterable[str], prefix: str = "") -> str:
    """Return quoted column names for a select list."""
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def literal(text: object) -> str:
    """Return a text as it stands in SQL where no parameter may stand."""
    return "'" + str(text).replace("'", "''") + "'"


def count_rows(connection: DuckDBPyConnection, sql: str, values: object = None) -> int:
    """Run a statement whose one value is a number of rows: a count, or a delete."""
    return int(connection.execute(sql, values).fetchall()[0][0])


def by_type(rows: Iterable[AnyRow]) -> dict[type[AnyRow], list[AnyRow]]:
    """Return the rows by their kind."""
    grouped: dict[type[AnyRow], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[type(row)].append(row)
    return grouped


def utc_naive(moment: datetime) -> datetime:
    """Return an aware moment as the warehouse stores it: in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _array(kind: str, values: list[object]) -> object:
    if kind in {"DATE", "TIMESTAMP"}:
        places, distinct = pd.factorize(np.array(values, dtype=object))  # whole loads were seen at one moment
        days = [utc_naive(value) if isinstance(value, datetime) else value for value in distinct]
        return np.array([*days, None], dtype="datetime64[us]")[places]
    if kind not in _ARRAY_TYPES:
        raise ContractBroken(f"the loader knows no column type {kind}; add it to staging.py.")
    # Most columns of words hold one word throughout a batch: it is handed over once.
    if kind == "VARCHAR" and type(values[0]) is str and values.count(values[0]) == len(values):
        return pd.Categorical.from_codes(np.zeros(len(values), dtype="int8"), pd.Index(values[:1], dtype="object"))
    return pd.Series(values, dtype=_ARRAY_TYPES[kind])
