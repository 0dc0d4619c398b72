"""One question in SQL to the published figures, and its answer as a table, CSV or JSON."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection
from rich.table import Table
from rich.text import Text

from pipeline.errors import BadInput
from pipeline.metrics.read import open_published

_HINT = '`observatory query "from dictionary"` lists every view and column.'
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")


@dataclass(frozen=True, kw_only=True)
class QueryResult:
    """Columns, their DuckDB types, and the rows in the order of the query."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    is_truncated: bool
    """True where more rows were found than were asked for."""


def run_query(published_file: Path, sql: str, max_rows: int | None = None) -> QueryResult:
    """Answer one query from the published database, which it can neither change nor leave.

    At most `max_rows` rows are returned; None returns all.

    Raises:
        BadInput: it is not one query, DuckDB refuses it, or nothing was published yet.
    """
    with open_published(published_file) as connection:
        try:
            return _answer(connection, sql, max_rows)
        except duckdb.Error as error:
            first_line = str(error).splitlines()[0]
            raise BadInput(f"{first_line} — {_HINT}") from error


def to_table(result: QueryResult) -> Table:
    """Return the result as a table for a terminal; null is shown dimmed, numbers stand to the right."""
    table = Table()
    for name, kind in zip(result.columns, result.types, strict=True):
        table.add_column(Text(name), justify="right" if _is_number(kind) else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(Text("null", style="dim") if value is None else Text(_cell(value)) for value in row))
    if result.is_truncated:
        table.caption = f"the first {len(result.rows)} rows; there are more"
    return table


def to_csv(result: QueryResult) -> str:
    """Return the result as CSV (RFC 4180, Unix line ends) with a header.

    Null is an empty cell and empty text is `""`; dates are ISO 8601, decimals keep their digits.
    """
    lines = [_csv_line(result.columns), *map(_csv_line, result.rows)]
    return "\n".join(lines) + "\n"


def to_json(result: QueryResult) -> str:
    """Return the result as a JSON list, one object per row and line.

    Null is null, dates are ISO 8601, decimals keep their digits; NaN and infinity, which JSON does not have, are null.

    Raises:
        BadInput: two columns share a name.
    """
    repeated = [name for name, times in Counter(result.columns).items() if times > 1]
    if repeated:
        raise BadInput(f"two columns are named {repeated[0]}; give one of them another name with `as`.")
    lines = [_json(dict(zip(result.columns, row, strict=True))) for row in result.rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def _answer(connection: DuckDBPyConnection, sql: str, max_rows: int | None) -> QueryResult:
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise BadInput(f"give one query, not {len(statements)}. {_HINT}")
    if statements[0].type not in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        raise BadInput(f"only queries are answered, and the published figures never change. {_HINT}")
    cursor = connection.execute(statements[0])
    described = cursor.description or []
    rows = cursor.fetchall() if max_rows is None else cursor.fetchmany(max_rows + 1)
    return QueryResult(
        columns=tuple(column[0] for column in described),
        types=tuple(str(column[1]) for column in described),
        rows=tuple(rows if max_rows is None else rows[:max_rows]),
        is_truncated=max_rows is not None and len(rows) > max_rows,
    )


def _is_number(kind: str) -> bool:
    return any(word in kind for word in _NUMBERS) and not kind.endswith("]")


def _csv_line(row: Sequence[object]) -> str:
    # A line of one null would be empty, and readers skip empty lines.
    return ",".join(map(_csv_cell, row)) or '""'


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    text = _cell(value)
    needs_quotes = value == "" or any(mark in text for mark in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def _cell(value: object) -> str:
    if isinstance(value, list | tuple | dict):
        return _json(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(str(key))}: {_json(item)}" for key, item in value.items()) + "}"
    return json.dumps(_plain(value), ensure_ascii=False)
