"""The contract of an importer: it reads one public place's raw files and yields records.

Adding one: a file in this folder with an `IMPORTER`, a line in `registry.py`, and its series in
`data/reference/series.toml`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.records import Record


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The provenance that every record of one importer carries while it is read from raw files."""

    source_id: str
    as_of: date

    @property
    def fields(self) -> dict[str, object]:
        """The three provenance fields of a record; the page hash is set anew when the archive is read."""
        seen_at = datetime(self.as_of.year, self.as_of.month, self.as_of.day, tzinfo=UTC)
        return {"source_id": self.source_id, "page_sha256": "0" * 64, "seen_at": seen_at}


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """One tracked CSV file: its name, the kind of record that its rows are, and what makes them from raw files."""

    name: str
    record: type[Record]
    read: Callable[[Path, Stamp], Iterable[Record]]
    """Takes the importer's raw folder; yields records in any order; raises `BadInput` for a missing or odd file."""


@dataclass(frozen=True, kw_only=True)
class Importer:
    """One public place of figures and how its raw files become small tracked ones."""

    source_id: str
    title: str
    raw_folder: str
    """Folder name below `archive build --from DIR`."""
    public_address: str
    licence: str
    attribution: str
    as_of: date
    """The day of the newest figure, or of the snapshot that was taken."""
    notes: tuple[str, ...]
    """Breaks and traps of the source, one sentence each, for the manifest."""
    files: tuple[ArchiveFile, ...]

    @property
    def stamp(self) -> Stamp:
        """Provenance for this importer's records."""
        return Stamp(source_id=self.source_id, as_of=self.as_of)
