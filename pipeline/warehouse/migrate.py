"""Schema changes: numbered SQL files, applied once each, forward only."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.clock import now_utc
from pipeline.errors import ContractBroken
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.staging import utc_naive

MIGRATIONS = Path(__file__).parent / "sql" / "migrations"

_HISTORY_TABLE = """
create schema if not exists ops;
create table if not exists ops.migration (
    name varchar primary key, sha256 varchar not null, applied_at timestamp not null
);
"""


def migrate(
    connection: DuckDBPyConnection, folder: Path = MIGRATIONS, clock: Callable[[], datetime] = now_utc
) -> list[str]:
    """Apply the migration files not yet applied, in the order of their names, and return those names.

    Each file and its row in `ops.migration` are one transaction: after a failure nothing of that file has happened and
    the files before it stay applied. Applying again changes nothing.

    Raises:
        ContractBroken: an applied file was edited or removed, a new file sorts before an applied one, or a file fails.
    """
    with transaction(connection):
        connection.execute(_HISTORY_TABLE)
    applied = dict(connection.execute("select name, sha256 from ops.migration order by name").fetchall())
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.sql"))}
    _check_history(applied, files)
    pending = [name for name in files if name not in applied]
    for name in pending:
        with transaction(connection):
            try:
                connection.execute(files[name].decode("utf-8"))
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise ContractBroken(f"migration {name} fails ({reason}); correct the file.") from error
            row = [name, sha256(files[name]).hexdigest(), utc_naive(clock())]
            connection.execute("insert into ops.migration (name, sha256, applied_at) values (?, ?, ?)", row)
    return pending


def _check_history(applied: dict[str, str], files: dict[str, bytes]) -> None:
    for name, digest in applied.items():
        if name not in files:
            raise ContractBroken(f"migration {name} was applied here but its file is gone; restore it from git.")
        if sha256(files[name]).hexdigest() != digest:
            raise ContractBroken(f"migration {name} was edited after it was applied; restore it and add a new file.")
    newest = max(applied, default="")
    for name in files:
        if name not in applied and name < newest:
            raise ContractBroken(f"migration {name} sorts before {newest}, which is applied; give it a higher number.")
