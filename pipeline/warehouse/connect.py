"""Opening the working database: one writer at a time, and every failure with its remedy."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, Busy
from pipeline.storage import storing

# Nothing is ever fetched to run a query: the four extensions that are used are built in.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@contextmanager
def open_warehouse(path: Path | None, template: Path | None = None) -> Iterator[DuckDBPyConnection]:
    """Open the working database for writing and close it afterwards; None gives an empty one in memory.

    A missing file is made, with its folder, as a copy of the template where that exists. While it is open no other
    process can open it, not even for reading.
    Sessions run in UTC and print nothing. Everything committed survives a killed process.

    Raises:
        Busy: another process has the file open.
        BadInput: the file is damaged or no database, or its folder cannot be written.
    """
    if path:
        with storing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _create(path, template)
    connection = _connect(path) if path else duckdb.connect(":memory:", config=CONFIG)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")  # it is written to standard output
        yield connection
    finally:
        connection.close()


@contextmanager
def limited_memory(connection: DuckDBPyConnection, mebibytes: int) -> Iterator[None]:
    """Let the database hold so much at most within the block, which is not nested.

    A query that needs more spills to a file beside the database. Indexes and some operators cannot: they end in
    duckdb.OutOfMemoryException.
    """
    connection.execute(f"set memory_limit = '{mebibytes}MiB'")
    try:
        yield
    finally:
        connection.execute("reset memory_limit")


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """Commit the block as a whole, or after any exception nothing of it.

    Raises:
        BadInput: the disk is full or fails.
    """
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException as error:
        # A failed commit has rolled back already, and a damaged file refuses; the first error is the one to report.
        with suppress(duckdb.Error):
            connection.rollback()
        is_full = isinstance(error, duckdb.Error) and "Could not write" in str(error)
        if is_full or isinstance(error, duckdb.IOException):
            raise BadInput(
                f"the warehouse could not be written ({str(error).splitlines()[0]}); free some space there or set "
                "OBSERVATORY_HOME to another folder. What was stored before is unchanged."
            ) from error
        raise


def _create(path: Path, template: Path | None) -> None:
    """Make a database at `path`, whole or not at all: a copy of the template, or an empty one.

    DuckDB writes a new file's headers one after the other, and a process killed between them leaves a file that never
    opens again. So the file is made under another name and then linked to its own, which fails, as it should, when
    another process was faster.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)
    if template and template.exists():
        shutil.copyfile(template, unfinished)
    _connect(unfinished).close()
    try:
        os.link(unfinished, path)
    except OSError:
        # Another process was faster, or this file system has no links.
        if not path.exists():
            unfinished.replace(path)
    for leftover in path.parent.glob(f"{path.name}.*.new"):
        leftover.unlink(missing_ok=True)


def _connect(path: Path) -> DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), config=CONFIG)
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        if "lock on file" in first_line:
            raise Busy(f"{path} is in use by another run; wait until it has ended, then run again.") from error
        if "Cannot open file" in first_line:
            raise BadInput(
                f"{path} cannot be opened for writing ({first_line}); set OBSERVATORY_HOME to a folder that can."
            ) from error
        raise BadInput(
            f"{path} is no readable database ({first_line}); move it away and run `observatory run`, "
            "which fills a new one from the shipped figures; `observatory rollback --rebuild` fills it from a release."
        ) from error
