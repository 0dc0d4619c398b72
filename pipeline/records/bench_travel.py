"""The file by which the benchmark results of one machine travel to another: what it holds, and what is refused.

It is JSON, compressed by gzip where its name ends in `.gz`: the machine, and the rows of its runs as tables of columns
and values. What is derived from samples is not in it; the reader derives it anew. Only the figures that ship with the
project hold what was derived, and no samples. The same results give the same bytes.
A checksum over machine and rows shows whether they are still what was written; it is no signature.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version as distribution_version
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from pipeline.errors import BadInput
from pipeline.records.benchmarks import TRAVELLING, BenchRun, BenchSample, Machine, MachineResults, RunRow
from pipeline.records.record import Closed, field_at_fault

FORMAT = "framework-observatory benchmarks"
VERSION, _WITHOUT_CHECKSUM = 2, 1
_Model = TypeVar("_Model", bound=BaseModel)
_IMPORTED = "imported-"
_GZIP = b"\x1f\x8b"
MOST_BYTES = 1 << 28
"""Of a file, also after decompression."""
_EARLIEST, _LATEST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Nothing was measured by this project before, and no clock is as fast as that."""
_AGAIN = "export it again on the machine that it comes from"
_ANOTHER = "give a file that `observatory bench export` wrote"


class _Table(Closed, strict=True):
    columns: list[str]
    rows: list[list[Any]]


class _File(Closed, strict=True):
    format: str
    version: int
    harness: str | None = None
    """Version of the project that wrote it."""
    sha256: str | None = None
    machine: dict[str, Any]
    tables: dict[str, _Table]


def machine_id_of(fingerprint: str) -> str:
    """Return the id of a machine with these hardware facts: the same until the hardware changes."""
    return sha256(fingerprint.encode()).hexdigest()[:12]


def to_file(name: str, results: MachineResults, kinds: Sequence[type[RunRow]] = TRAVELLING) -> bytes:
    """Return the content of an export of these kinds of rows; by its name it is compressed or not."""
    machine = results.machine.model_dump(mode="json", exclude={"is_imported", "is_verified", "notes", "source_id"})
    tables = {kind.table: _table(kind, results) for kind in kinds}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "harness": distribution_version("framework-observatory"),
        "sha256": _checksum(machine, tables),
        "machine": machine,
        "tables": tables,
    }
    text = _as_bytes(content)
    return gzip.compress(text, mtime=0) if name.endswith(".gz") else text


def without_samples(results: MachineResults) -> MachineResults:
    """Return the newest run, a quick one if there is no other: its 32-bit numbers, what was derived, and no samples."""
    newest = max(results.of(BenchRun), key=lambda run: (not json.loads(run.settings).get("is_quick"), run.started_at))
    rows = (row for row in results.rows if row.run_id == newest.run_id and not isinstance(row, BenchSample))
    return replace(results, rows=tuple(row for row in rows if getattr(row, "dtype", "float32") == "float32"))


def from_file(name: str, content: bytes, kinds: Sequence[type[RunRow]] = TRAVELLING) -> MachineResults:
    """Return what an export holds, every row of it validated; `name` is for messages, `kinds` what may be in it.

    Raises:
        BadInput: it is no export, of another version, or a row of it does not validate or belongs to nothing.
    """
    decoded = _decoded(name, content)
    file = _checked_shape(name, decoded)
    if unknown := file.tables.keys() - {kind.table for kind in kinds}:
        raise BadInput(f"{name} holds {min(unknown)}, which no export has; {_AGAIN}.")
    machine = _validated(Machine, file.machine, f"{name}, machine")
    is_told = machine.is_imported or machine.notes or machine.source_id
    if is_told or machine.machine_id != machine_id_of(machine.fingerprint):
        raise BadInput(f"{name}: the machine's id is not that of its fingerprint; {_AGAIN}.")
    rows = tuple(row for kind in kinds for row in _rows(name, kind, file.tables.get(kind.table)))
    results = MachineResults(machine=machine, rows=rows, is_verified=file.version > _WITHOUT_CHECKSUM)
    _refuse_strays(name, results)
    if results.is_verified and file.sha256 != _checksum(decoded["machine"], decoded["tables"]):
        raise BadInput(f"{name} was changed after it was written: its rows are not those of its checksum; {_AGAIN}.")
    return results


def as_imported(results: MachineResults) -> MachineResults:
    """Return the results under ids that no machine and run of this one's own can have; the same at every call.

    A machine of the same make has the same fingerprint, and another identity where its system tells one; and two
    machines can have begun a run in the same second.
    """
    machine_id = _IMPORTED + "-".join(filter(None, (results.machine.machine_id, results.machine.identity)))
    update = {"machine_id": machine_id, "is_imported": True, "is_verified": results.is_verified}
    machine = results.machine.model_copy(update=update)
    return replace(results, machine=machine, rows=tuple(_moved(row, machine_id) for row in results.rows))


def _moved(row: RunRow, machine_id: str) -> RunRow:
    update = {"run_id": f"{machine_id}/{row.run_id}"}
    return row.model_copy(update=update | ({"machine_id": machine_id} if isinstance(row, BenchRun) else {}))


def _table(kind: type[RunRow], results: MachineResults) -> dict[str, object]:
    columns = list(kind.model_fields)
    dumped = [row.model_dump(mode="json") for row in sorted(results.of(kind), key=_key)]
    return {"columns": columns, "rows": [[values[column] for column in columns] for values in dumped]}


def _key(row: RunRow) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in row.key)


def _as_bytes(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _checksum(machine: object, tables: object) -> str:
    return sha256(_as_bytes([machine, tables])).hexdigest()


def _decoded(name: str, content: bytes) -> Any:  # noqa: ANN401 — whatever the file holds
    try:
        return from_json(_inflated(content) if content.startswith(_GZIP) else content, allow_inf_nan=False)
    except (ValueError, zlib.error, EOFError) as error:
        raise BadInput(f"{name} is no benchmark export ({error}); {_ANOTHER}.") from error


def _inflated(content: bytes) -> bytes:
    inflating = zlib.decompressobj(wbits=31)
    text = inflating.decompress(content, MOST_BYTES)
    if not inflating.eof:
        raise ValueError("its compressed data end too early or are far too long")
    return text


def _checked_shape(name: str, content: object) -> _File:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(f"{name} is no benchmark export; {_ANOTHER}.")
    if content.get("version") not in (_WITHOUT_CHECKSUM, VERSION):
        raise BadInput(
            f"{name} has version {content.get('version')} of the export's form and this observatory reads "
            f"{_WITHOUT_CHECKSUM} and {VERSION}; bring both machines to the same version of it, then export again."
        )
    return _validated(_File, content, name)


def _rows(name: str, kind: type[RunRow], table: _Table | None) -> Iterator[RunRow]:
    if table is None:
        return
    for number, values in enumerate(table.rows, start=1):
        place = f"{name}, {kind.table.partition('.')[2]} row {number}"
        if len(values) != len(table.columns):
            raise BadInput(f"{place} has {len(values)} values for {len(table.columns)} columns; {_AGAIN}.")
        yield _validated(kind, dict(zip(table.columns, values, strict=True)), place)


def _validated(kind: type[_Model], values: Mapping[str, object], place: str) -> _Model:
    try:
        # By way of JSON, in which a moment is a text also for a strict record.
        return kind.model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise BadInput(f"{place}: {field_at_fault(error)}; {_AGAIN}.") from error


def _refuse_strays(name: str, results: MachineResults) -> None:
    """Refuse rows of a run or machine that the file does not hold, and two rows with one key."""
    run_ids = {run.run_id for run in results.of(BenchRun)}
    if not run_ids:
        raise BadInput(f"{name} holds no run; run `observatory bench` on the machine it comes from, then {_AGAIN}.")
    seen: set[tuple[object, ...]] = set()
    for row in results.rows:
        reason = _odd_run(row, results.machine) if isinstance(row, BenchRun) else None
        if row.run_id not in run_ids:
            reason = "belongs to a run that the file does not hold"
        elif (row.table, *_key(row)) in seen:
            reason = "stands twice"
        if reason:
            raise BadInput(f"{name}: a row of {row.table.partition('.')[2]} {reason}; {_AGAIN}.")
        seen.add((row.table, *_key(row)))


def _odd_run(run: BenchRun, machine: Machine) -> str | None:
    if run.machine_id != machine.machine_id:
        return "belongs to another machine"
    if not _EARLIEST <= run.started_at <= run.finished_at <= _LATEST:
        return "begins or ends at an impossible time"
    threads = json.loads(run.settings).get("threads_count")
    return None if type(threads) is int and 0 < threads < 1 << 31 else "does not say how many threads it had"
