"""`observatory query`: ask the published copy."""

import sys
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from flows.cli.terminal import MOST_MEMORY_BYTES, bounded_memory, say, show, terminal_width
from pipeline.errors import BadInput
from pipeline.settings import Settings
from pipeline.storage import put_whole

Format = Literal["table", "csv", "json", "markdown"]
_LOOKED_AT_ROWS, _PIPED_ROWS = 1000, 50_000
_FORMATS: dict[str, Format | None] = {".csv": "csv", ".json": "json", ".md": "markdown", ".parquet": None}


def query(
    sql: Annotated[str, Parameter(allow_leading_hyphen=True)] = "",
    /,
    *,
    file: Annotated[Path | None, Parameter(name=["--file", "-f"])] = None,
    format: Format | None = None,  # noqa: A002 — the option's name
    out: Path | None = None,
    limit: int | None = None,
    timeout: float = 60,
    as_of: date | None = None,
    safe_csv: bool = False,
) -> None:
    """Run one SQL query on the published figures; `from dictionary` lists every view and column.

    The query can only read: no file, no network and no setting is within its reach. A table in a terminal ends after
    1,000 rows, one in a file or a pipe has at most 50,000; CSV, JSON and Markdown are whole. Ctrl-C stops the query.

    Args:
        sql: The query, as one word (in quotes); `-` reads it from standard input.
        file: A file that holds the query.
        format: How the rows are written; a table unless the ending of --out says otherwise.
        out: A file for the answer: .csv, .json, .md or .parquet.
        limit: Rows to return at most.
        timeout: Seconds after which the query is stopped.
        as_of: Ask the release that was published last on that day or before it; where it was pruned, its views as
            they were kept.
        safe_csv: Set an apostrophe before cells of a CSV that a spreadsheet would take for formulas.
    """
    from pipeline.metrics.query import csv_lines, json_pieces, markdown_lines, open_answer, write_parquet
    from pipeline.metrics.read import published_as_of

    if not (isfinite(timeout) and timeout > 0 and (limit is None or limit >= 0)):
        raise BadInput("--timeout takes a number of seconds above 0, and --limit a number of rows from 0.")
    forms: dict[str, Callable[[Any], Iterable[str]]] = {
        "csv": partial(csv_lines, is_safe=safe_csv),
        "json": json_pieces,
        "markdown": markdown_lines,
    }
    text, chosen = _query_text(sql, file, limit), _chosen_format(format, out)
    settings = Settings()
    database = published_as_of(settings.data_folder, as_of) if as_of else settings.published_file
    with bounded_memory(MOST_MEMORY_BYTES):
        if chosen is None and out:
            say(f"{out}: {write_parquet(database, text, out, timeout_seconds=timeout)} rows")
        elif chosen == "table":
            show_answer(database, text, timeout)
        else:
            with open_answer(database, text, timeout_seconds=timeout) as answer:
                pieces = forms[str(chosen)](answer)
                if out is None:
                    sys.stdout.writelines(pieces)
                    return
                with put_whole(out) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as target:
                    target.writelines(pieces)


def show_answer(database: Path, text: str, timeout_seconds: float) -> None:
    """Show the answer as a table that fits the terminal, and why it is empty where that can be told.

    Raises:
        BadInput: as `run_query`, or more rows go to a file or a pipe than a table can hold.
    """
    from pipeline.metrics.query import reason_for_nothing, run_query, to_table

    width = terminal_width()
    most_rows = _LOOKED_AT_ROWS if width else _PIPED_ROWS
    result = run_query(database, text, most_rows, timeout_seconds=timeout_seconds)
    if result.is_truncated and not width:
        raise BadInput(
            f"a table holds at most {most_rows:,} rows; take --format csv, which holds any number, or --limit."
        )
    show(to_table(result, width))
    if not result.rows:
        say(reason_for_nothing(database, text) or "No row meets the query.")


def _query_text(sql: str, file: Path | None, limit: int | None) -> str:
    if bool(sql) == bool(file):
        raise BadInput("give one SQL query in quotes, `-` to read it from standard input, or a file with -f.")
    try:
        text = (file.read_bytes() if file else sys.stdin.buffer.read()).decode("utf-8-sig") if sql in {"", "-"} else sql
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file or 'standard input'} is no text in UTF-8 ({type(error).__name__}); give one.") from error
    return text if limit is None else f"from (\n{text.rstrip().rstrip(';')}\n) limit {limit}"


def _chosen_format(format: Format | None, out: Path | None) -> Format | None:  # noqa: A002 — the option's name
    """Return the format of the answer; None stands for Parquet."""
    if format or out is None:
        return format or "table"
    if out.suffix.lower() not in _FORMATS:
        raise BadInput(f"{out}: end the name with {', '.join(_FORMATS)}, or name the --format.")
    return _FORMATS[out.suffix.lower()]
