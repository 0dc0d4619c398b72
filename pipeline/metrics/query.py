"""One question in SQL to the published figures: answered batch by batch, and ended by time, Ctrl-C or memory."""

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection, StatementType

from pipeline.clock import perf_counter
from pipeline.errors import BadInput
from pipeline.metrics.read import open_published
from pipeline.warehouse.staging import literal

_HINT = '`observatory query "from dictionary"` lists every view and column.'
_BATCH_ROWS = 5_000
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
    """Columns, their DuckDB types, and the rows in the order of the query, each of which can be had once."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterable[tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class QueryResult(Answer):
    """An answer whose rows are all there."""

    rows: tuple[tuple[object, ...], ...]
    is_truncated: bool
    """True where more rows were found than were asked for."""


@dataclass(frozen=True)
class _Bounded:
    """A connection whose calls can be ended: by Ctrl-C, and when the time is over."""

    connection: DuckDBPyConnection
    timeout_seconds: float | None
    began_at: float
    thread: ThreadPoolExecutor

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
    with open_published(published_file) as connection, _bounded(connection, timeout_seconds) as bounded:
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
) -> QueryResult:
    """Answer one query as `open_answer` does and return at most `max_rows` rows at once; None returns all.

    Raises:
        BadInput: it is not one query, DuckDB refuses it, its time is over, or nothing was published yet.
    """
    with open_answer(published_file, sql, timeout_seconds=timeout_seconds) as answer:
        rows = tuple(answer.rows if max_rows is None else islice(answer.rows, max_rows + 1))
    return QueryResult(
        columns=answer.columns,
        types=answer.types,
        rows=rows[:max_rows],
        is_truncated=max_rows is not None and len(rows) > max_rows,
    )


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
        copied = (
            f"copy (\n{statement.query.rstrip().rstrip(';')}\n) to {literal(target)} (format parquet, compression zstd)"
        )
        with _bounded(connection, timeout_seconds) as bounded:
            rows = bounded.call(lambda: connection.execute(copied).fetchall())
    return int(rows[0][0])


def reason_for_nothing(published_file: Path, sql: str) -> str | None:
    """Return why a query that names views has no rows where one of them has none at all, and what would fill it."""
    # A release of an older version does not know.
    with open_published(published_file) as connection, suppress(duckdb.CatalogException):
        views = dict(
            connection.execute("select view[6:], sql from settled.definition where view[:5] = 'main.'").fetchall()
        )
        for name in dict.fromkeys(re.findall(r"\w+", sql)):
            if name in views and not connection.execute(f'select 1 from main."{name}" limit 1').fetchall():
                return f"{name} holds no rows here{_what_fills(views, name)}."
    return None


@contextmanager
def _bounded(connection: DuckDBPyConnection, timeout_seconds: float | None) -> Iterator[_Bounded]:
    with ThreadPoolExecutor(1) as thread:
        yield _Bounded(connection, timeout_seconds, perf_counter(), thread)


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
