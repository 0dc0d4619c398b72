"""What commands write: tables and sentences for people on standard output, progress on standard error."""

import logging
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.status import Status
from rich.table import Table
from rich.text import Text

from pipeline.clock import now_utc
from pipeline.settings import Settings

_KEPT_LOGS = 20
_WIDE = 100_000


def say(sentence: str) -> None:
    """Write one line to standard output, as it is."""
    sys.stdout.write(f"{printable(sentence)}\n")


def show(renderable: RenderableType) -> None:
    """Write a rich table to standard output: fitted to a terminal, and whole where the output is a file or a pipe."""
    Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE).print(renderable)


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
def progress(settings: Settings, *, is_quiet: bool = False) -> Iterator[None]:
    """Keep the pipeline's log of this block in a file, and show its latest line where a person watches a terminal.

    The newest logs are kept, twenty of them.
    """
    log = logging.getLogger("observatory")
    handlers: list[logging.Handler] = [_file_handler(settings)]
    if sys.stderr.isatty() and not is_quiet:
        handlers.append(_StatusHandler())
    level, propagates = log.level, log.propagate
    # Prefect hangs a handler of its own on the root, which would write every line to the terminal.
    log.propagate = False
    log.setLevel(logging.INFO)
    for handler in handlers:
        log.addHandler(handler)
    try:
        yield
    finally:
        log.setLevel(level)
        log.propagate = propagates
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()


def _file_handler(settings: Settings) -> logging.FileHandler:
    folder = settings.log_folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*-run.log"))[: -_KEPT_LOGS + 1]:
        old.unlink(missing_ok=True)
    handler = logging.FileHandler(folder / f"{now_utc():%Y%m%dT%H%M%SZ}-run.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler


class _StatusHandler(logging.Handler):
    """A spinner with the latest line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._status = Status(Text("Starting"), console=Console(stderr=True))
        self._status.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record's first line instead of the one before."""
        self._status.update(Text(printable(record.getMessage())))

    def close(self) -> None:
        """Take the spinner off the terminal."""
        self._status.stop()
        super().close()
