"""From the shipped archive to records, each file checked against its manifest."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pipeline.archive.manifest import ManifestSource
from pipeline.archive.tabular import from_csv
from pipeline.errors import BadArchive
from pipeline.records import RECORDS, Record

_RECORD_BY_TABLE = {record.table: record for record in RECORDS}


def archived_records(folder: Path, source: ManifestSource) -> Iterator[tuple[type[Record], list[Record]]]:
    """Yield each file of one archived source as its kind of record and the validated rows.

    Raises:
        BadArchive: a file is missing, was changed, or holds a row that does not validate.
    """
    seen_at = datetime(source.as_of.year, source.as_of.month, source.as_of.day, tzinfo=UTC)
    for file in source.file:
        try:
            content = (folder / file.name).read_bytes()
        except FileNotFoundError as error:
            raise BadArchive(f"data/archive/{file.name} is missing; restore it from git.") from error
        if sha256(content).hexdigest() != file.sha256:
            reason = "does not match its checksum in manifest.toml; restore it from git."
            raise BadArchive(f"data/archive/{file.name} {reason}")
        record = _RECORD_BY_TABLE.get(file.table)
        if record is None:
            raise BadArchive(f"manifest.toml: no record has the table {file.table}; restore the file from git.")
        provenance: dict[str, object] = {"source_id": source.source_id, "page_sha256": file.sha256, "seen_at": seen_at}
        yield record, list(from_csv(file.name, record, content, provenance))
