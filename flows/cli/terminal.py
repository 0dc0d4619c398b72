"""Output of the commands: tables and sentences on standard output, progress on standard error."""

import logging
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.status import Status
from rich.table import Table
from rich.text import Text

from pipeline.jobs.run_log import attached

_WIDE = 100_000
MOST_MEMORY_BYTES = 4 << 30
"""What a process that answers queries may take: DuckDB's own 2 GB, and rows on their way out."""


class Output(Console):
    """Standard output through rich, where a closed pipe stays the error that it is."""

    def on_broken_pipe(self) -> None:
        """Leave the end of the process to whoever runs the command."""
        raise BrokenPipeError


def say(*sentences: str) -> None:
    """Write each sentence to standard output as a line, as it is."""
    sys.stdout.writelines(f"{printable(sentence)}\n" for sentence in sentences)


def show(renderable: RenderableType) -> None:
    """Write a rich table to standard output: fitted to a terminal, and whole where the output is a file or a pipe."""
    Output(highlight=False, width=None if sys.stdout.isatty() else _WIDE).print(renderable)


def terminal_width() -> int | None:
    """Return the characters of a line where a person looks at a terminal; None for a file or a pipe."""
    return Output().width if sys.stdout.isatty() else None


@contextmanager
def bounded_memory(limit_bytes: int) -> Iterator[None]:
    """Let this process take so much memory within the block, where the system can hold it to that."""
    if sys.platform != "linux":
        yield
        return
    import resource  # noqa: PLC0415 — not on every system

    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[str] = ()) -> None:
    """Write plain rows as a table; the columns named in `numeric` stand to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(Text(column), justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    show(table)


def printable(text: str) -> str:
    """Return the text on one line and without the control characters by which data could steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


@contextmanager
def shown_progress(*, is_quiet: bool = False) -> Iterator[None]:
    """Show the latest line of the pipeline's log where a person watches a terminal, and nothing elsewhere."""
    if is_quiet or not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(Text("Starting")) as status, attached(_StatusHandler(status)):
        yield


class _StatusHandler(logging.Handler):
    """Shows the latest line of the log beside a spinner."""

    def __init__(self, status: Status) -> None:
        super().__init__(logging.INFO)
        self._status = status

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record's first line instead of the one before."""
        self._status.update(Text(printable(record.getMessage())))
