"""Records as CSV text, in one canonical form, and back from the shipped archive: same records, same bytes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError, create_model

from pipeline.archive.manifest import ManifestFile, ManifestSource
from pipeline.errors import BadArchive, ContractBroken
from pipeline.records import RECORDS, Record
from pipeline.records.bench_travel import from_file
from pipeline.records.benchmarks import OF_A_RUN, BenchRun, MachineResults
from pipeline.records.record import field_at_fault

_RECORD_BY_TABLE = {record.table: record for record in RECORDS}


def columns_of(record: type[Record]) -> list[str]:
    """Return the fields of a record kind without its provenance, which the manifest holds once per file."""
    return [name for name in record.model_fields if name not in Record.provenance]


def to_csv(record: type[Record], records: Iterable[Record]) -> bytes:
    """Return the records as CSV, sorted by key, with Unix line ends; null is an empty cell.

    Raises:
        ContractBroken: two records share a key.
    """
    columns = columns_of(record)
    items = list(records)
    rows = {tuple(_cells(item, item.key)): _cells(item, columns) for item in items}
    if len(rows) != len(items):
        raise ContractBroken(f"{record.table}: {len(items) - len(rows)} records repeat a key; report it.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows[key] for key in sorted(rows))
    return text.getvalue().encode()


def from_csv(name: str, record: type[Record], content: bytes, provenance: dict[str, object]) -> Iterator[Record]:
    """Yield the records of one archive file; every row is validated.

    Raises:
        BadArchive: another header, a row of another length, or a cell that is not what the record demands.
    """
    reader = csv.reader(io.StringIO(content.decode("utf-8")))
    columns, nullable = columns_of(record), record.nullable()
    if next(reader, None) != columns:
        raise BadArchive(f"data/archive/{name}: the header is not {','.join(columns)}; restore the file from git.")
    stamp = {key: value.isoformat() if isinstance(value, datetime) else str(value) for key, value in provenance.items()}
    # An empty cell is null where the field may be null, which text has no other way of saying, and an empty text else.
    defaults: dict[str, Any] = {name: (record.model_fields[name].annotation, None) for name in nullable}
    shape = create_model(record.__name__, __base__=record, **defaults)
    for row in reader:
        where = f"data/archive/{name} line {reader.line_num}"
        if len(row) != len(columns):
            raise BadArchive(f"{where}: {len(row)} cells, not {len(columns)}; restore the file from git.")
        cells = {name: cell for name, cell in zip(columns, row, strict=True) if cell or name not in nullable}
        try:
            fields = dict(shape.model_validate_strings({**stamp, **cells}))
        except ValidationError as error:
            raise BadArchive(f"{where}, {field_at_fault(error)}; restore the file from git.") from error
        yield record.model_construct(**fields)


def archived_records(folder: Path, source: ManifestSource) -> Iterator[tuple[type[Record], list[Record]]]:
    """Yield each table of one archived source as its kind of record and the validated rows.

    Raises:
        BadArchive: a file is missing, was changed, or holds a row that does not validate.
    """
    seen_at = datetime(source.as_of.year, source.as_of.month, source.as_of.day, tzinfo=UTC)
    for file in source.file:
        if file.table == BenchRun.table:
            continue
        content = _content(folder, file)
        record = _RECORD_BY_TABLE.get(file.table)
        if record is None:
            raise BadArchive(f"manifest.toml: no record has the table {file.table}; restore the file from git.")
        provenance: dict[str, object] = {"source_id": source.source_id, "page_sha256": file.sha256, "seen_at": seen_at}
        yield record, list(from_csv(file.name, record, content, provenance))


def archived_machines(folder: Path, source: ManifestSource) -> Iterator[MachineResults]:
    """Yield the benchmark figures of each machine of one archived source; they have the form of an export.

    Raises:
        BadArchive: a file is missing or was changed.
    """
    for file in source.file:
        if file.table == BenchRun.table:
            results = from_file(file.name, _content(folder, file), OF_A_RUN)
            facts = {"notes": " ".join(source.notes), "source_id": source.source_id}
            machine = results.machine.model_copy(update=facts)
            yield replace(results, machine=machine)


def _content(folder: Path, file: ManifestFile) -> bytes:
    try:
        content = (folder / file.name).read_bytes()
    except FileNotFoundError as error:
        raise BadArchive(f"data/archive/{file.name} is missing; restore it from git.") from error
    if sha256(content).hexdigest() != file.sha256:
        raise BadArchive(f"data/archive/{file.name} does not match its checksum in manifest.toml; restore it from git.")
    return content


def _cells(item: Record, names: Iterable[str]) -> list[str]:
    """Return fields as JSON writes them, text without its quotation marks and null as an empty cell."""
    values = map(item.model_dump(mode="json").get, names)
    return ["" if value is None else value if isinstance(value, str) else json.dumps(value) for value in values]
