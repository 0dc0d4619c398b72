"""The contract of an importer: it reads one public place's raw files and yields records.

Adding one: a file in this folder with an `IMPORTER`, a line in `registry.py`, a `[[source]]` in
`data/archive/manifest.toml`, and its series in `data/reference/series.toml`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import BadInput, LayoutChanged
from pipeline.records import Record
from pipeline.sources.source import ODD_VALUES

Fields = Mapping[str, object]
"""Fields of one record; those that may be null and are left out are null."""


@dataclass(frozen=True)
class ArchiveFile:
    """One tracked CSV file: its name, the kind of record that its rows are, and what makes them from raw files."""

    name: str
    record: type[Record]
    raw_file: str
    """The file that it is mainly made of, in the importer's raw folder."""
    rows: Callable[[Path], Iterable[Fields]]
    """Takes the raw file; yields the fields of each record but its provenance, in any order; raises `BadInput` or
    `LayoutChanged` for a missing or odd file."""

    def read(self, folder: Path, stamp: Fields) -> Iterator[Record]:
        """Yield the records that the raw files in a folder make.

        Raises:
            BadInput: a raw file is missing or odd, or one of its rows is no valid record.
        """
        path, nulls = folder / self.raw_file, dict.fromkeys(self.record.nullable())
        try:
            for fields in self.rows(path):
                yield self.record.model_validate({**nulls, **stamp, **fields})
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{path}: {'.'.join(map(str, first['loc']))} is {first['input']!r}"
            raise BadInput(f"{where}, but {first['msg']}; get the raw file again.") from error
        except (LayoutChanged, *ODD_VALUES) as error:
            raise BadInput(f"{path} is odd ({error}); get the raw file again.") from error


class Importer:
    """Makes small tracked files of the raw files of one public place; the manifest describes that place."""

    def __init__(self, source_id: str, *files: ArchiveFile, folder: str | None = None) -> None:
        """Make a source's files from a folder below `archive build --from DIR`, by default that of its own name."""
        self.source_id, self.files, self.raw_folder = source_id, files, folder or source_id

    @property
    def stamp(self) -> Fields:
        """The provenance of its records while they are read from raw files; the archive is read with its own."""
        return {"source_id": self.source_id, "page_sha256": "0" * 64, "seen_at": datetime(1970, 1, 1, tzinfo=UTC)}
