"""Loading what a benchmark run measured, and reading it back: the rows that were loaded, a machine's certificate."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, ContractBroken
from pipeline.records.benchmarks import OF_A_RUN, BenchRun, Machine, MachineResults
from pipeline.records.record import Row
from pipeline.warehouse.checks import offenders, read_checks
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.staging import BATCH, by_type, names_list, read_rows, stage_kind

_Row = TypeVar("_Row", bound=Row)
_CHECKED_BEFORE = ("benchmark_grains", "performance_range")
"""Checks that an import passes before it is kept: afterwards they would keep everything else from being published."""


def load_bench(connection: DuckDBPyConnection, rows: Iterable[Row]) -> int:
    """Insert the rows of any benchmark kinds in one transaction and return how many there were.

    A row whose key is there already is replaced, so loading twice changes nothing.

    Raises:
        ContractBroken: a table's columns are not the row's fields.
    """
    with transaction(connection):
        return _load(connection, rows)


def replace_imported(
    connection: DuckDBPyConnection,
    results: MachineResults,
    derived: Iterable[Row],
    judged: Callable[[], Iterable[Row]] = tuple,
    checks: Collection[str] = _CHECKED_BEFORE,
) -> int:
    """Load the results of an imported machine with what was derived from them, and return how many runs are new.

    A run that was imported before is replaced whole, so importing twice changes nothing. Nothing of this machine's own
    is touched. All is one transaction, with what `judged` derives from what lies in the warehouse by then; `checks` are
    those that it must pass.

    Raises:
        ContractBroken: the results are not under the ids of an imported machine.
        BadInput: the figures cannot be; nothing of them is kept.
    """
    if not results.machine.is_imported:
        raise ContractBroken("only an imported machine's results are replaced; give them its ids by `as_imported`.")
    run_ids = [run.run_id for run in results.of(BenchRun)]
    with transaction(connection):
        known = connection.execute(
            f"delete from {BenchRun.table} where list_contains(?, run_id) returning run_id", [run_ids]
        ).fetchall()
        for kind in OF_A_RUN:
            connection.execute(f"delete from {kind.table} where list_contains(?, run_id)", [run_ids])
        _load(connection, [results.machine, *results.rows, *derived])
        _load(connection, judged())
        for check in read_checks():
            if check.name in checks and (found := next(offenders(connection, check), None)):
                raise BadInput(f"the file's figures cannot be: {check.sentence}, but for {found}; nothing was kept.")
    return len(run_ids) - len(known)


def read_results(connection: DuckDBPyConnection, machine_id: str) -> MachineResults:
    """Return every run of a machine as the rows that were loaded, with those that were derived.

    Raises:
        BadInput: nothing was measured on it.
    """
    machines = _read(connection, Machine, "machine_id = ?", machine_id)
    in_its_runs = f"run_id in (select run_id from {BenchRun.table} where machine_id = ?)"
    rows = tuple(row for kind in OF_A_RUN for row in _read(connection, kind, in_its_runs, machine_id))
    if not rows:
        raise BadInput("nothing was measured on this machine yet; run `observatory bench` first.")
    return MachineResults(machine=next(machines), rows=rows)


def supported_margin(connection: DuckDBPyConnection, machine_id: str, threads_count: int) -> float | None:
    """Return the margin that the machine's certificate supports with so many threads; None where it supports none."""
    asked = "select supported_margin_fraction from main.machine_certificate where (machine_id, threads_count) = (?, ?)"
    return next((margin for (margin,) in connection.execute(asked, [machine_id, threads_count]).fetchall()), None)


def _load(connection: DuckDBPyConnection, rows: Iterable[Row]) -> int:
    by_kind = by_type(rows)
    for kind, its_rows in by_kind.items():
        stage_kind(connection, kind, its_rows)
        connection.execute(f"insert or replace into {kind.table} by name from {BATCH}")
    return sum(map(len, by_kind.values()))


def _read(connection: DuckDBPyConnection, kind: type[_Row], condition: str, machine_id: str) -> Iterator[_Row]:
    found = f"select {names_list(kind.model_fields)} from {kind.table} where {condition}"
    for row in read_rows(connection, f"{found} order by {names_list(kind.key)}", [machine_id]):
        yield kind(**row)
