"""Macros and views: rebuilt in full from their files at every deploy."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import ContractBroken
from pipeline.warehouse.connect import transaction

MACROS = Path(__file__).parent / "sql" / "macros"
VIEWS = Path(__file__).parent / "sql" / "views"

_COMMENT_OR_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_CREATED = re.compile(r"\bcreate\s+or\s+replace\s+(?:view|macro)\s+([a-z_0-9]+(?:\.[a-z_0-9]+)?)", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?:from|join)\s+([a-z_0-9]+(?:\.[a-z_0-9]+)?)", re.IGNORECASE)
_INTERMEDIATE = re.compile(
    r"\b([a-z_0-9]+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\(\s*(?:select|from|with|values)\b", re.IGNORECASE
)


def deploy_views(connection: DuckDBPyConnection, macros: Path = MACROS, views: Path = VIEWS) -> list[str]:
    """Rebuild every macro and view and return the views' file names in the order they were made.

    One transaction: afterwards the database holds exactly the macros and views of the files, with their comments, or
    after a failure those it held before. Views whose file is gone are dropped. Every statement of a file is executed.

    Raises:
        ContractBroken: a file fails, two views need each other, or two files make the same thing.
    """
    view_files = in_dependency_order({path: path.read_text(encoding="utf-8") for path in sorted(views.glob("*.sql"))})
    with transaction(connection):
        _drop_all(connection)
        for path in [*sorted(macros.glob("*.sql")), *view_files]:
            _execute(connection, path)
    return [path.name for path in view_files]


def in_dependency_order(files: dict[Path, str]) -> list[Path]:
    """Return the files so that each comes after those that make the views it reads; otherwise by name.

    Raises:
        ContractBroken: two views need each other, or two files make the same thing.
    """
    bare = {path: _COMMENT_OR_TEXT.sub(" ", text) for path, text in files.items()}
    maker = _makers(bare)
    graph: TopologicalSorter[Path] = TopologicalSorter()
    for path, text in bare.items():
        intermediate = {name.lower() for name in _INTERMEDIATE.findall(text)}
        sources = {_qualified(name) for name in _SOURCE.findall(text) if name.lower() not in intermediate}
        graph.add(path, *sorted({maker[name] for name in sources if name in maker} - {path}))
    try:
        return list(graph.static_order())
    except CycleError as error:
        names = " -> ".join(path.name for path in error.args[1])
        raise ContractBroken(f"views need each other: {names}; break the circle.") from error


def _makers(files: dict[Path, str]) -> dict[str, Path]:
    maker: dict[str, Path] = {}
    for path, text in files.items():
        for name in _CREATED.findall(text):
            if maker.setdefault(_qualified(name), path) != path:
                raise ContractBroken(f"{path.name} and {maker[_qualified(name)].name} both make {name}; keep one.")
    return maker


def _qualified(name: str) -> str:
    return name.lower() if "." in name else f"main.{name.lower()}"


def _drop_all(connection: DuckDBPyConnection) -> None:
    made_here = "where not internal and database_name = current_database()"
    for schema, view in connection.execute(f"select schema_name, view_name from duckdb_views() {made_here}").fetchall():
        connection.execute(f'drop view "{schema}"."{view}"')
    macros = connection.execute(
        f"select distinct schema_name, function_name, function_type from duckdb_functions() {made_here} "
        "and function_type in ('macro', 'table_macro')"
    ).fetchall()
    for schema, macro, kind in macros:
        connection.execute(f'drop macro {"table" if kind == "table_macro" else ""} "{schema}"."{macro}"')


def _execute(connection: DuckDBPyConnection, path: Path) -> None:
    try:
        connection.execute(path.read_text(encoding="utf-8"))
    except duckdb.Error as error:
        raise ContractBroken(f"{path.name} fails ({' '.join(str(error).split())}); correct the file.") from error
