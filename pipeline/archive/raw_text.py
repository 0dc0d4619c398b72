"""Reading raw files: every cell as text, every surprise a `BadInput` that names the file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from pipeline.errors import BadInput

Value = TypeVar("Value")
Word = TypeVar("Word")

_CSV_OPTIONS = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"'"


def text_rows(path: Path, columns: Sequence[str], among: Collection[str] | None = None) -> list[tuple[str, ...]]:
    """Return the named columns of a CSV (plain or gzip) or Parquet file as text, one tuple per row; null is "".

    Of a large file only those rows may be taken whose first column is `among` some values.

    Raises:
        BadInput: the file is missing, unreadable, or lacks a column.
    """
    if not path.is_file():
        raise BadInput(f"{path} is missing; put the raw file there.")
    table = "read_parquet($path)" if path.suffix == ".parquet" else f"read_csv($path, {_CSV_OPTIONS})"
    cells = ", ".join(f"""coalesce(cast("{column}" as varchar), '')""" for column in columns)
    values: dict[str, object] = {"path": str(path)}
    condition = "true"
    if among is not None:
        condition, values["among"] = f'list_contains($among, "{columns[0]}")', list(among)
    try:
        with duckdb.connect() as connection:
            return connection.execute(f"select {cells} from {table} where {condition}", values).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path} cannot be read as expected ({reason}); get the raw file again.") from error


def _value(kind: Callable[[str], Value], in_words: str, path: Path, what: str, text: str) -> Value:
    try:
        return kind(text)
    except (ValueError, InvalidOperation) as error:
        raise BadInput(f"{path}: {what} is {text!r}, not {in_words}; get the raw file again.") from error


# Each takes a path, what it is and its text, and raises `BadInput` where the text is none. A day is its midnight.
count_of = partial(_value, int, "a whole number")
decimal_of = partial(_value, Decimal, "a number")
moment_of = partial(_value, datetime.fromisoformat, "a day or moment")


def meaning_of(path: Path, what: str, meanings: Mapping[Word, Value], word: Word) -> Value:
    """Return what a word of the file stands for.

    Raises:
        BadInput: that is not known.
    """
    if word not in meanings:
        raise BadInput(f"{path}: {word!r} is no known {what}; decide what it stands for and add it.")
    return meanings[word]
