"""Making the shipped figures anew from the publishers' raw files."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.build import build_archive
from pipeline.settings import Settings


def build_shipped(settings: Settings, raw: Path) -> Iterator[str]:
    """Make data/archive anew from the raw files; yield one sentence per source, and one about the folder.

    Raises:
        BadInput: a raw file is missing or is not what it should be.
    """
    folder = settings.archive_folder
    for source in build_archive(raw, folder).source:
        yield f"{source.source_id}: {sum(file.rows_count for file in source.file)} rows as of {source.as_of}"
    yield f"Written to {folder}"
