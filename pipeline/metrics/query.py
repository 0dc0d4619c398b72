"""One question in SQL to the published figures, ended by time, Ctrl-C or memory; and its answer in every form.

It is answered batch by batch, as a table, CSV, JSON or Markdown.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection, StatementType
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.clock import perf_counter
from pipeline.errors import BadInput
from pipeline.metrics.read import open_published
from pipeline.warehouse.staging import literal

_HINT = '`observatory query "from dictionary"` lists every view and column.'
_BATCH_ROWS = 500
_DEFINED = "select view[6:], sql from settled.definition where view[:5] = 'main.'"
_T = TypeVar("_T")
# A pivot is several statements in one: DuckDB collects the columns first.
_ANSWERED = {StatementType.SELECT, StatementType.EXPLAIN, StatementType.MULTI}
_FILLED_BY = (
    (r"core\.(bench|derived_(performance|self))", "`observatory bench` measures here"),
    (r"core\.(scanned|evidence)", "`observatory scan FOLDER` reads papers and repositories"),
    (r"core\.repository_state|ops\.", "`observatory run` collects it where a network is"),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Columns, their DuckDB types, and the rows in the order of the query, which can be had once."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterable[tuple[object, ...]]
    is_truncated: bool = False
    """True where more rows were found than were asked for."""


@dataclass(frozen=True)
class _Bounded:
    """A connection whose calls can be ended: by Ctrl-C, and when the time is over."""

    connection: DuckDBPyConnection
    timeout_seconds: float | None
    thread: ThreadPoolExecutor
    began_at: float = field(default_factory=perf_counter)

    def call(self, work: Callable[[], _T]) -> _T:
        """Return what `work` returns; while DuckDB works in a thread, this one hears Ctrl-C.

        Raises:
            BadInput: the time is over, DuckDB refuses the query, or it needs more memory than there is.
        """
        future = self.thread.submit(work)
        try:
            limit = self.timeout_seconds
            return future.result(timeout=None if limit is None else limit - (perf_counter() - self.began_at))
        except TimeoutError as error:
            raise BadInput(
                f"the query was stopped after {self.timeout_seconds:g} s; ask for less, or give more time (--timeout)."
            ) from error
        except (MemoryError, duckdb.OutOfMemoryException) as error:
            raise BadInput("the answer does not fit in memory; ask for fewer rows or narrower columns.") from error
        except duckdb.Error as error:
            raise _refusal(error) from error
        finally:
            if not future.done():
                self.connection.interrupt()


@contextmanager
def open_answer(published_file: Path, sql: str, *, timeout_seconds: float | None = None) -> Iterator[Answer]:
    """Answer one query from the published database, which it can neither change nor leave.

    Rows come in batches, so that an answer of any length takes little memory. After `timeout_seconds` from now the
    query is stopped, also between two rows.

    Raises:
        BadInput: it is not one query, DuckDB refuses it, its time is over, or nothing was published yet.
    """
    with open_published(published_file) as connection, ThreadPoolExecutor(1) as thread:
        bounded = _Bounded(connection, timeout_seconds, thread)
        statement = _only_statement(sql)
        cursor = bounded.call(lambda: connection.execute(statement))
        described = cursor.description or []
        batches = iter(lambda: bounded.call(lambda: cursor.fetchmany(_BATCH_ROWS)), [])
        yield Answer(
            columns=tuple(column[0] for column in described),
            types=tuple(str(column[1]) for column in described),
            rows=chain.from_iterable(batches),
        )


def run_query(
    published_file: Path, sql: str, max_rows: int | None = None, *, timeout_seconds: float | None = None
) -> Answer:
    """Answer one query as `open_answer` does and return at most `max_rows` rows at once; None returns all.

    Raises:
        BadInput: it is not one query, DuckDB refuses it, its time is over, or nothing was published yet.
    """
    with open_answer(published_file, sql, timeout_seconds=timeout_seconds) as answer:
        rows = tuple(answer.rows if max_rows is None else islice(answer.rows, max_rows + 1))
    return replace(answer, rows=rows[:max_rows], is_truncated=max_rows is not None and len(rows) > max_rows)


def write_parquet(published_file: Path, sql: str, file: Path, *, timeout_seconds: float | None = None) -> int:
    """Write the answer to a Parquet file, the one file that the query may write, and return the number of rows.

    Raises:
        BadInput: as `open_answer`, or the file cannot be written.
    """
    target = file.resolve()
    with open_published(published_file, written_file=target) as connection:
        statement = _only_statement(sql)
        if statement.type == StatementType.EXPLAIN:
            raise BadInput("a plan has no Parquet file; write it as CSV or JSON.")
        asked = statement.query.rstrip().rstrip(";")
        copied = f"copy (\n{asked}\n) to {literal(target)} (format parquet, compression zstd)"
        with ThreadPoolExecutor(1) as thread:
            rows = _Bounded(connection, timeout_seconds, thread).call(lambda: connection.execute(copied).fetchall())
    return int(rows[0][0])


def reason_for_nothing(published_file: Path, sql: str) -> str | None:
    """Return why a query that names views has no rows where one of them has none at all, and what would fill it."""
    # A release of an older version does not know.
    with open_published(published_file) as connection, suppress(duckdb.CatalogException):
        views = dict(connection.execute(_DEFINED).fetchall())
        for name in dict.fromkeys(re.findall(r"\w+", sql)):
            if name in views and not connection.execute(f'select 1 from main."{name}" limit 1').fetchall():
                return f"{name} holds no rows here{_what_fills(views, name)}."
    return None


def _only_statement(sql: str) -> duckdb.Statement:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise _refusal(error) from error
    except (UnicodeEncodeError, TypeError) as error:
        raise BadInput("the query holds characters that are no text; write it in UTF-8.") from error
    if len(statements) != 1:
        raise BadInput(f"give one query, not {len(statements)}. {_HINT}")
    if statements[0].type not in _ANSWERED:
        raise BadInput(f"only queries are answered, and the published figures never change. {_HINT}")
    return statements[0]


def _refusal(error: duckdb.Error) -> BadInput:
    """Return the error with DuckDB's own suggestions and the place of the mistake as its detail."""
    first_line, _, rest = str(error).strip().partition("\n")
    refusal = BadInput(f"{first_line} — {_HINT}")
    refusal.detail = rest.strip("\n") or None
    return refusal


def _what_fills(views: dict[str, str], name: str) -> str:
    """Return the command that fills a view, from the tables that it and the views below it read."""
    below, found = [name], {name}
    while below:
        text = views[below.pop()]
        for pattern, command in _FILLED_BY:
            if re.search(pattern, text):
                return f": {command}"
        fresh = {word for word in re.findall(r"\w+", text) if word in views} - found
        found |= fresh
        below += sorted(fresh)
    return ""


_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a cell for a formula (OWASP, CSV injection)."""
_WIDEST_CELL = 60
"""Characters that one column takes at most before its text is folded; longer ones are no reason to turn a table."""


def to_table(result: Answer, width: int | None = None) -> RenderableType:
    """Return the result for a terminal of so many characters; None is as wide as it takes.

    Null is shown dimmed and numbers stand to the right. What does not fit is turned: one block per row, one line per
    column. Control characters are shown, not sent.
    """
    lines = [tuple(map(_shown, row)) for row in result.rows]
    caption = f"the first {len(lines)} rows; there are more" if result.is_truncated else None
    cells: Iterable[tuple[Text, ...]] = zip(*lines, strict=True) if lines else [()] * len(result.columns)
    widths = [
        3 + max([len(name), *(min(len(text), _WIDEST_CELL) for text in column)])
        for name, column in zip(result.columns, cells, strict=True)
    ]
    if width is not None and 1 + sum(widths) > width:
        return _blocks(result, lines, caption)
    table = Table(caption=caption)
    for name, kind in zip(result.columns, result.types, strict=True):
        table.add_column(Text(name), justify="right" if _is_number(kind) else "left", overflow="fold")
    for line in lines:
        table.add_row(*line)
    return table


def csv_lines(answer: Answer, *, is_safe: bool = False) -> Iterator[str]:
    """Yield the answer as CSV (RFC 4180, Unix line ends), the header first.

    Null is an empty cell and empty text is `""`; dates are ISO 8601, decimals keep their digits. `is_safe` sets an
    apostrophe before text that a spreadsheet would take for a formula.
    """
    for row in chain([answer.columns], answer.rows):
        # A line of one null would be empty, and readers skip empty lines.
        yield (",".join(_csv_cell(value, is_safe=is_safe) for value in row) or '""') + "\n"


def json_pieces(answer: Answer) -> Iterator[str]:
    """Yield the answer as a JSON list, one object per row and line.

    Null is null, dates are ISO 8601, decimals keep their digits; NaN and infinity, which JSON does not have, are null.

    Raises:
        BadInput: two columns share a name.
    """
    repeated = [name for name, times in Counter(answer.columns).items() if times > 1]
    if repeated:
        raise BadInput(f"two columns are named {repeated[0]}; give one of them another name with `as`.")
    opening = "[\n"
    for row in answer.rows:
        yield opening + _json(dict(zip(answer.columns, row, strict=True)))
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def markdown_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer as a Markdown table; null is an empty cell."""
    yield _markdown_line(answer.columns)
    yield _markdown_line(["--:" if _is_number(kind) else "---" for kind in answer.types])
    yield from map(_markdown_line, answer.rows)


def _shown(value: object) -> Text:
    """Return a cell for a terminal, its control characters written out."""
    if value is None:
        return Text("null", style="dim")
    return Text("".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in _cell(value)))


def _blocks(result: Answer, lines: Iterable[Sequence[Text]], caption: str | None) -> Group:
    blocks: list[RenderableType] = []
    for number, line in enumerate(lines, 1):
        block = Table(box=None, pad_edge=False, show_header=False, title=f"row {number}", title_justify="left")
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for name, text in zip(result.columns, line, strict=True):
            block.add_row(Text(name), text)
        blocks += [block, Text()]
    turned = "turned: one block per row, as the columns do not fit side by side"
    return Group(*blocks, Text(caption or turned if blocks else ""))


def _markdown_line(row: Iterable[object]) -> str:
    cells = ("" if value is None else _cell(value).replace("|", "\\|").replace("\n", " ") for value in row)
    return f"| {' | '.join(cells)} |\n"


def _is_number(kind: str) -> bool:
    return any(word in kind for word in _NUMBERS) and not kind.endswith("]")


def _csv_cell(value: object, *, is_safe: bool) -> str:
    if value is None:
        return ""
    is_formula = is_safe and isinstance(value, str) and value.startswith(_FORMULA_MARKS)
    text = "'" * is_formula + _cell(value)
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
