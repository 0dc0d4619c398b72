"""The archive's manifest, where each shipped file comes from, under which licence, and its checksum; and the files.

Records stand in them as CSV text, in one canonical form: same records, same bytes.
"""

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, create_model

from pipeline.errors import BadArchive, BadInput
from pipeline.records import RECORDS, Record
from pipeline.records.bench_travel import from_file
from pipeline.records.benchmarks import OF_A_RUN, BenchRun, MachineResults
from pipeline.records.record import Closed, LargeCount, field_at_fault
from pipeline.storage import read_plain
from pipeline.warehouse.load import SourceEntry

MANIFEST = "manifest.toml"
LICENCES = "LICENSES"


class ManifestFile(Closed, strict=True):
    """One file of the archive: a table as CSV, or a machine's benchmark figures as an export."""

    name: str
    table: str
    rows_count: LargeCount
    sha256: str


class ManifestSource(SourceEntry):
    """One public place of figures with its files; all but the files is written by hand."""

    notes: list[str]
    """Breaks and traps of the source, one sentence each."""
    file: list[ManifestFile] = Field(default_factory=list)


class Manifest(Closed, strict=True):
    """All sources of the archive."""

    source: list[ManifestSource]


def to_toml(manifest: Manifest) -> str:
    """Return the manifest as TOML, always in the same form."""
    lines = ["# Facts and notes are written by hand; `observatory archive build` fills in the files."]
    for source in manifest.source:
        facts = source.model_dump(exclude={"file", "notes"})
        lines += ["", "[[source]]", *(f"{key} = {_value(value)}" for key, value in facts.items())]
        lines += ["notes = [", *(f"  {_value(note)}," for note in source.notes), "]"]
        for file in source.file:
            lines += ["", "[[source.file]]", *(f"{key} = {_value(value)}" for key, value in file.model_dump().items())]
    return "\n".join(lines) + "\n"


def licences_of(manifest: Manifest) -> str:
    """Return the licence and attribution of every file of the archive, for people who take the figures further."""
    lines = [
        "Licences of the figures in this folder, from manifest.toml by `observatory archive build`.",
        "The code of the project is under the Apache License 2.0; see LICENSE in its root.",
    ]
    for source in manifest.source:
        files = ", ".join(file.name for file in source.file)
        lines += ["", source.title, f"  Files: {files}", f"  From: {source.public_address}"]
        lines += [f"  Licence: {source.licence}", f"  Attribution: {source.attribution}"]
    return "\n".join(lines) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read and validate `manifest.toml` of an archive folder.

    Raises:
        BadArchive: the file is missing, no TOML, or of another shape.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate(tomllib.loads(read_plain(path).decode("utf-8")))
    except FileNotFoundError as error:
        raise BadArchive(f"{path} is missing; restore it from git.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadArchive(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error


def _value(value: object) -> str:
    # A JSON string is a valid TOML basic string.
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


_RECORD_BY_TABLE = {record.table: record for record in RECORDS}


def columns_of(record: type[Record]) -> list[str]:
    """Return the fields of a record kind without its provenance, which the manifest holds once per file."""
    return [name for name in record.model_fields if name not in Record.provenance]


def to_csv(record: type[Record], records: Iterable[Record]) -> bytes:
    """Return the records as CSV, sorted by key, with Unix line ends; null is an empty cell.

    Raises:
        BadInput: two records share a key.
    """
    columns = columns_of(record)
    items = list(records)
    rows = {tuple(_cells(item, item.key)): _cells(item, columns) for item in items}
    if len(rows) != len(items):
        raise BadInput(f"{record.table}: {len(items) - len(rows)} records repeat a key; get the raw files again.")
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


def digest_of(folder: Path, source: ManifestSource) -> str:
    """Return a digest of a source's entry and files, and of the program that reads them.

    Raises:
        BadArchive: a file is missing or was changed.
    """
    contents = [_content(folder, file) for file in source.file]
    return sha256(b"".join([_program(), source.model_dump_json().encode(), *contents])).hexdigest()


@cache
def _program() -> bytes:
    own = (path for path in sorted(Path(__file__).parents[1].rglob("*")) if path.suffix in {".py", ".sql"})
    return b"".join(path.read_bytes() for path in own)


def archived_records(folder: Path, source: ManifestSource) -> Iterator[tuple[type[Record], list[Record]]]:
    """Yield each table of one archived source as its kind of record and the validated rows.

    Raises:
        BadArchive: a file is missing, was changed, or holds a row that does not validate.
    """
    seen_at = datetime(source.as_of.year, source.as_of.month, source.as_of.day, tzinfo=UTC)
    for file in (each for each in source.file if each.table != BenchRun.table):
        content = _content(folder, file)
        record = _RECORD_BY_TABLE.get(file.table)
        if record is None:
            raise BadArchive(f"manifest.toml: no record has the table {file.table}; restore the file from git.")
        provenance: dict[str, object] = {"source_id": source.source_id, "page_sha256": file.sha256, "seen_at": seen_at}
        try:
            yield record, list(from_csv(file.name, record, content, provenance))
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadArchive(f"data/archive/{file.name} is no CSV in UTF-8 ({error}); restore it from git.") from error


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
        content = read_plain(folder / file.name)
    except (OSError, ValueError) as error:  # no path may hold every character that a name in the manifest may
        raise BadArchive(f"data/archive/{file.name} is missing or cannot be read; restore it from git.") from error
    if sha256(content).hexdigest() != file.sha256:
        raise BadArchive(f"data/archive/{file.name} does not match its checksum in manifest.toml; restore it from git.")
    return content


def _cells(item: Record, names: Iterable[str]) -> list[str]:
    """Return fields as JSON writes them, text without its quotation marks and null as an empty cell."""
    values = map(item.model_dump(mode="json").get, names)
    return ["" if value is None else value if isinstance(value, str) else json.dumps(value) for value in values]
