"""The sources as rows of a table: from the published copy, or before the first run from the shipped manifest."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline.archive.manifest import read_manifest
from pipeline.metrics.read import read_view

COLUMNS = ("source", "state", "as of", "age in days", "rows", "message", "to do")
NUMERIC = ("age in days", "rows")


def rows_of_health(published_file: Path) -> Iterator[list[str]]:
    """Yield one row per source of the view `source_health`."""
    frame = read_view(published_file, "source_health", order_by=["source_id"])
    for row in frame.to_dict("records"):
        as_of = "" if pd.isna(row["as_of"]) else f"{row['as_of']:%Y-%m-%d}"
        yield [
            str(row["source_id"]),
            str(row["state"]),
            as_of,
            *("" if pd.isna(row[name]) else str(row[name]) for name in ("age_days", "records", "message", "remedy")),
        ]


def rows_of_archive(archive_folder: Path) -> Iterator[list[str]]:
    """Yield one row per shipped source."""
    for source in read_manifest(archive_folder).source:
        rows = sum(file.rows_count for file in source.file)
        yield [source.source_id, "shipped", source.as_of.isoformat(), "", str(rows), "", "Run `observatory run`."]
