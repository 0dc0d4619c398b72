"""The schema: numbered changes, applied once each and forward only; macros and views, rebuilt in full at every deploy.

And a whole warehouse prepared, before records are loaded or views are read.
"""

import re
import sys
from collections.abc import Callable
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.clock import now_utc
from pipeline.errors import ContractBroken
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.staging import utc_naive

MIGRATIONS = Path(__file__).parent / "sql" / "migrations"

_HISTORY_TABLE = MIGRATIONS.with_name("migration_history.sql")


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
        connection.execute(_HISTORY_TABLE.read_text("utf-8"))
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


MACROS = Path(__file__).parent / "sql" / "macros"
VIEWS = Path(__file__).parent / "sql" / "views"
_DROPS = MIGRATIONS.with_name("drop_views_and_macros.sql")

_MADE_OF = """
select macro_definition from duckdb_functions()
where database_name = current_database() and schema_name = 'ops' and function_name = 'views_digest'
"""
_MADE_HERE = """
select schema_name, view_name from duckdb_views() where not internal and database_name = current_database()
"""
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
    Nothing is made where a macro of the database says that all was made of the same files already.

    Raises:
        ContractBroken: a file fails, two views need each other, or two files make the same thing.
    """
    made_of = [(f"'{schema_digest(macros, views)}'",)]
    if connection.execute(_MADE_OF).fetchall() == made_of:
        return []
    view_files = in_dependency_order({path: path.read_text(encoding="utf-8") for path in sorted(views.glob("*.sql"))})
    with transaction(connection):
        for (drop,) in connection.execute(_DROPS.read_text("utf-8")).fetchall():
            connection.execute(drop)
        for path in [*sorted(macros.glob("*.sql")), *view_files]:
            try:
                connection.execute(path.read_text(encoding="utf-8"))
                # To make a view DuckDB reads all that lie below it; an empty table in their place is read at once.
                for schema, view in connection.execute(f"{_MADE_HERE} and view_name not like '%#'").fetchall():
                    aside = f'alter view {schema}.{view} rename to "{view}#"'
                    connection.execute(f'{aside}; create table {schema}.{view} as from {schema}."{view}#" limit 0')
            except duckdb.Error as error:
                reason = " ".join(str(error).split())
                raise ContractBroken(f"{path.name} fails ({reason}); correct the file.") from error
        for schema, view in connection.execute(_MADE_HERE).fetchall():
            connection.execute(f'drop table {schema}.{view[:-1]}; alter view {schema}."{view}" rename to {view[:-1]}')
        connection.execute(f"create schema if not exists ops; create macro ops.views_digest() as {made_of[0][0]}")
    return [path.name for path in view_files]


def schema_digest(macros: Path = MACROS, views: Path = VIEWS) -> str:
    """Return what tells this schema from that of another version; DuckDB keeps with a view the types that it found."""
    files = [path for folder in (MIGRATIONS, macros, views) for path in sorted(folder.glob("*.sql"))]
    texts = [duckdb.__version__, *(path.name + path.read_text("utf-8") for path in files)]
    return sha256("".join(texts).encode()).hexdigest()


def in_dependency_order(files: dict[Path, str]) -> list[Path]:
    """Return the files so that each comes after those that make the views it reads; otherwise by name.

    Raises:
        ContractBroken: two views need each other, or two files make the same thing.
    """
    bare = {path: _COMMENT_OR_TEXT.sub(" ", text) for path, text in files.items()}
    maker: dict[str, Path] = {}
    for name, path in ((_qualified(name), path) for path, text in bare.items() for name in _CREATED.findall(text)):
        if maker.setdefault(name, path) != path:
            raise ContractBroken(f"{path.name} and {maker[name].name} both make {name}; keep one.")
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


def _qualified(name: str) -> str:
    return name.lower() if "." in name else f"main.{name.lower()}"


def prepare(connection: DuckDBPyConnection, reference_folder: Path) -> None:
    """Bring the schema, the reference lists and the views up to date; a second call changes nothing.

    Raises:
        BadInput: a reference list is missing or wrong.
        ContractBroken: a migration or a view fails.
    """
    migrate(connection)
    load_reference(connection, reference_folder)
    deploy_views(connection)


def template_file(figures: str = "") -> Path:
    """Return where the set-up (.ci/setup) keeps a warehouse of this schema, with figures by their digest, to copy."""
    digest = sha256((schema_digest() + figures).encode()).hexdigest()
    return Path(sys.prefix, "share", "observatory", f"warehouse-{digest[:16]}.duckdb")
