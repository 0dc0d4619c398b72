"""Loading what a benchmark run measured."""

from collections import defaultdict
from collections.abc import Iterable

from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.records.benchmarks import BenchRow
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.stage import BATCH, column_types, names_list, stage_rows


def load_bench(connection: DuckDBPyConnection, rows: Iterable[BenchRow]) -> int:
    """Insert the rows of any benchmark kinds in one transaction and return how many there were.

    A row whose key is there already is replaced, so loading twice changes nothing.

    Raises:
        ContractBroken: a table's columns are not the row's fields.
    """
    by_type: dict[type[BenchRow], list[BenchRow]] = defaultdict(list)
    for row in rows:
        by_type[type(row)].append(row)
    with transaction(connection):
        for kind, its_rows in by_type.items():
            _replace(connection, kind, its_rows)
    return sum(map(len, by_type.values()))


def _replace(connection: DuckDBPyConnection, kind: type[BenchRow], rows: list[BenchRow]) -> None:
    types = column_types(connection, kind.table)
    if set(types) != set(kind.model_fields):
        raise ContractBroken(
            f"{kind.table} and {kind.__name__} have different columns; add a migration or mend the record."
        )
    stage_rows(connection, types, [[getattr(row, name) for row in rows] for name in types])
    connection.execute(f"insert or replace into {kind.table} by name select {names_list(list(types))} from {BATCH}")
