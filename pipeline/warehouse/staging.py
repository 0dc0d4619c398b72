"""Python values into a temporary table with declared types: the one bulk path into the warehouse."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import duckdb
import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken

BATCH = "temp.batch"
_ARRAY_TYPES = {
    "INTEGER": "Int64",
    "BIGINT": "Int64",
    "BOOLEAN": "boolean",
    "DOUBLE": "Float64",
    "VARCHAR": "object",
    "VARCHAR[]": "object",
    "JSON": "object",
}


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


def stage_rows(connection: DuckDBPyConnection, types: Mapping[str, str], values: Sequence[Sequence[object]]) -> None:
    """Fill the temporary table `batch` anew: one sequence of values per column, typed as `types` declares.

    Moments must be aware and are stored in UTC. The types never depend on the values: a column of nulls keeps its type.
    """
    frame = pd.DataFrame({name: _array(types[name], column) for name, column in zip(types, values, strict=True)})
    declared = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"create or replace temp table {BATCH} ({declared})")
    connection.register("batch_frame", frame)
    try:
        connection.execute(f"insert into {BATCH} by name select {names_list(list(types))} from batch_frame")
    finally:
        connection.unregister("batch_frame")


def names_list(columns: Sequence[str], prefix: str = "") -> str:
    """Return quoted column names for a select list."""
    return ", ".join(f'{prefix}"{name}"' for name in columns)


def count_rows(connection: DuckDBPyConnection, sql: str, values: object = None) -> int:
    """Run a statement whose one value is a number of rows: a count, or a delete."""
    return int(connection.execute(sql, values).fetchall()[0][0])


def _array(kind: str, values: Sequence[object]) -> object:
    if kind in {"DATE", "TIMESTAMP"}:
        return np.array([_naive(value) for value in values], dtype="datetime64[us]")
    if kind not in _ARRAY_TYPES:
        raise ContractBroken(f"the loader knows no column type {kind}; add it to staging.py.")
    return pd.Series(list(values), dtype=_ARRAY_TYPES[kind])


def _naive(value: object) -> datetime | date | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value if isinstance(value, date) else None
