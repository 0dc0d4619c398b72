"""The figures that the claims of the ledger are tested on, picked from the public views once for each release."""

from duckdb import DuckDBPyConnection

from pipeline.warehouse.staging import column_types, count_rows, names_list

_PICKED = {
    "core.claim_figure": """main.adoption found where exists (
        from ref.claim_test test where test.series_id = found.series_id and test.framework = found.framework)""",
    "core.claim_pair": """main.pairwise found where exists (
        from ref.claim_test test where test.series_id = found.series_id and test.framework = found.first
        and (test.kind = 'rank' or test.other = found.second))""",
}


def pick_claim_figures(connection: DuckDBPyConnection, database: str = "") -> None:
    """Make the figures for the tests those of `adoption` and `pairwise` as they stand now, here or in another database.

    Were each kind of test to ask the views themselves, planning would take longer than all the counting.
    """
    if count_rows(connection, "select count(*) from ref.claim_test"):
        for table, rows in _PICKED.items():
            columns = names_list(column_types(connection, table))
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} by name select {columns} from {database and database + '.'}{rows}")
