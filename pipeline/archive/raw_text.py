"""Reading raw files: every cell as text, every surprise a `BadInput` that names the file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import duckdb

from pipeline.errors import BadInput

Value = TypeVar("Value")
Word = TypeVar("Word")

_CSV_OPTIONS = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"'"


def text_rows(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the named columns of a CSV (plain or gzip) or Parquet file as text, one tuple per row; null is "".

    Raises:
        BadInput: the file is missing, unreadable, or lacks a column.
    """
    if not path.is_file():
        raise BadInput(f"{path} is missing; put the raw file there.")
    table = "read_parquet($path)" if path.suffix == ".parquet" else f"read_csv($path, {_CSV_OPTIONS})"
    cells = ", ".join(f"""coalesce(cast("{column}" as varchar), '')""" for column in columns)
    try:
        with duckdb.connect() as connection:
            return connection.execute(f"select {cells} from {table}", {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path} cannot be read as expected ({reason}); get the raw file again.") from error


def count_of(path: Path, what: str, text: str) -> int:
    """Return `text` as a whole number.

    Raises:
        BadInput: it is none.
    """
    return _converted(int, path, what, text, "a whole number")


def decimal_of(path: Path, what: str, text: str) -> Decimal:
    """Return `text` as a number.

    Raises:
        BadInput: it is none.
    """
    return _converted(Decimal, path, what, text, "a number")


def moment_of(path: Path, what: str, text: str) -> datetime:
    """Return `text` as a day or moment in ISO form; a day is its midnight.

    Raises:
        BadInput: it is none.
    """
    return _converted(datetime.fromisoformat, path, what, text, "a day or moment")


def _converted(convert: Callable[[str], Value], path: Path, what: str, text: str, kind: str) -> Value:
    try:
        return convert(text)
    except (ValueError, InvalidOperation) as error:
        raise BadInput(f"{path}: {what} is {text!r}, not {kind}; get the raw file again.") from error


def meaning_of(path: Path, what: str, meanings: Mapping[Word, Value], word: Word) -> Value:
    """Return what a word of the file stands for.

    Raises:
        BadInput: that is not known.
    """
    if word not in meanings:
        raise BadInput(f"{path}: {word!r} is no known {what}; decide what it stands for and add it.")
    return meanings[word]
