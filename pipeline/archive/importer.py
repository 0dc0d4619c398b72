"""The contract of an importer: it reads one public place's raw files and yields records.

Adding one: a file in this folder with an `IMPORTER`, a line in `registry.py`, a `[[source]]` in
`data/archive/manifest.toml`, and its series in `data/reference/series.toml`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.records import Record

Stamp = Mapping[str, object]
"""The provenance that every record of one importer carries while it is read from raw files; the shipped file's own is
set when the archive is read."""


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """One tracked CSV file: its name, the kind of record that its rows are, and what makes them from raw files."""

    name: str
    record: type[Record]
    read: Callable[[Path, Stamp], Iterable[Record]]
    """Takes the importer's raw folder; yields records in any order; raises `BadInput` for a missing or odd file."""


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Makes small tracked files of the raw files of one public place; the manifest describes that place."""

    source_id: str
    """Its `[[source]]` in the manifest."""
    raw_folder: str
    """Folder name below `archive build --from DIR`."""
    files: tuple[ArchiveFile, ...]

    @property
    def stamp(self) -> Stamp:
        """Provenance for this importer's records."""
        return {"source_id": self.source_id, "page_sha256": "0" * 64, "seen_at": datetime(1970, 1, 1, tzinfo=UTC)}
