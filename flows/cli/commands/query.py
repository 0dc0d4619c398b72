"""`observatory query`: ask the published copy."""

import sys
from typing import Literal

from flows.cli.terminal import show
from pipeline.settings import Settings


def query(sql: str, /, *, format: Literal["table", "csv", "json"] = "table") -> None:  # noqa: A002 — the option's name
    """Run one SQL query on the published figures; `from dictionary` lists every view and column.

    The query can only read: no file, no network and no setting is within its reach. A table in a terminal ends after
    1,000 rows; CSV, JSON and whatever goes to a file or a pipe are whole.

    Args:
        sql: The query, as one word (in quotes).
        format: How the rows are written.
    """
    from pipeline.metrics.query import run_query, to_csv, to_json, to_table

    is_looked_at = format == "table" and sys.stdout.isatty()
    result = run_query(Settings().published_file, sql, max_rows=1000 if is_looked_at else None)
    if format == "table":
        show(to_table(result))
    else:
        sys.stdout.write(to_csv(result) if format == "csv" else to_json(result))
