"""Records as CSV text and back, in one canonical form: same records, same bytes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import ValidationError, create_model

from pipeline.errors import BadArchive, ContractBroken
from pipeline.records import Record
from pipeline.records.record import field_at_fault


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
    for row in reader:
        if len(row) != len(columns):
            raise BadArchive(
                f"data/archive/{name} line {reader.line_num}: {len(row)} cells, not {len(columns)}; "
                "restore the file from git."
            )
        # An empty cell is null where the field may be null, and an empty text otherwise.
        cells = {name: cell for name, cell in zip(columns, row, strict=True) if cell or name not in nullable}
        yield _validated(name, reader.line_num, record, {**stamp, **cells})


def _validated(name: str, line: int, record: type[Record], cells: dict[str, str]) -> Record:
    try:
        row = _with_null_defaults(record).model_validate_strings(cells)
    except ValidationError as error:
        raise BadArchive(
            f"data/archive/{name} line {line}, {field_at_fault(error)}; restore the file from git."
        ) from error
    return record.model_construct(**dict(row))


@cache
def _with_null_defaults(record: type[Record]) -> type[Record]:
    """Return the record with null as default wherever it may be null: text has no other way of saying null."""
    defaults: dict[str, Any] = {name: (record.model_fields[name].annotation, None) for name in record.nullable()}
    return create_model(record.__name__, __base__=record, **defaults)


def _cells(item: Record, names: Iterable[str]) -> list[str]:
    """Return fields as JSON writes them, text without its quotation marks and null as an empty cell."""
    values = map(item.model_dump(mode="json").get, names)
    return ["" if value is None else value if isinstance(value, str) else json.dumps(value) for value in values]
