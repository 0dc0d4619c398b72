"""Preparing a warehouse, before records are loaded or views are read."""

from pathlib import Path

from duckdb import DuckDBPyConnection

from pipeline.warehouse.migrate import migrate
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.views import deploy_views


def prepare(connection: DuckDBPyConnection, reference_folder: Path) -> None:
    """Bring the schema, the reference lists and the views up to date; a second call changes nothing.

    Raises:
        BadInput: a reference list is missing or wrong.
        ContractBroken: a migration or a view fails.
    """
    migrate(connection)
    load_reference(connection, reference_folder)
    deploy_views(connection)
