"""The published copy that people open: made beside the old one and swapped in at once.

And what was published, kept for good: the rows of each view by their content, once, and which content a release showed.
Releases are pruned, and loading overwrites rows that a service has sent anew; what is kept here is neither.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, ContractBroken
from pipeline.storage import put_whole, storing, write_whole
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.staging import column_types, count_rows, literal, names_list
from pipeline.warehouse.views import deploy_views, migrate, schema_digest

DATABASE = "observatory.duckdb"
_LINK = "published"
UNFINISHED = ".part"
_RUN_TABLES = ("ops.run", "ops.check_result")
_VIEW = re.compile(r"\b(?:main|metric|claim_test)\.\w+")
_SQL = Path(__file__).parent / "sql" / "release"
_PICKED = {
    "core.claim_figure": """main.adoption found where exists (
        from ref.claim_test test where test.series_id = found.series_id
        and list_contains(string_split(concat_ws('|', test.framework, test.other), '|'), found.framework))""",
    "core.claim_pair": """main.pairwise found where exists (
        from ref.claim_test test where test.series_id = found.series_id and test.framework = found.first
        and (test.kind = 'rank' or test.other = found.second))""",
}
_ADDED = "insert into {} by name select ? as release_id, newest_run_started_at() as {}, new.* from unpublished_{}() new"
_NUMBERED = ("main.headline_shares", "main.two_way_newest", "main.fastest", "main.claim_evidence")
_KEPT_TABLES = ("ops.claim_verdict", "ops.publication")
"""What a release adds to, and the warehouse keeps once the release is whole."""


def publish(
    connection: DuckDBPyConnection,
    data_folder: Path,
    release_id: str,
    kept_count: int = 2,
    check: Callable[[], None] = lambda: None,
) -> Path:
    """Publish the warehouse and return the release's folder, `data_folder/releases/<release_id>`.

    Afterwards `data_folder/published` holds one consistent set: `observatory.duckdb`, a complete copy with its views
    settled, and `parquet/<view>.parquet` for every public view, its rows in one order; no file of it can be written.
    Whoever has an old release open keeps its rows: `kept_count` releases stay, the one shown before always among them.
    After any failure the old release is still shown. Call it while holding the warehouse: there is one publisher at a
    time. `check` looks at what is about to be shown, whose views are tables by then, and calls `finish_run`; what it
    raises keeps it from being shown.

    Where links cannot be made, `published` is a plain folder, replaced by two renames; a process killed between them
    leaves none until the next run publishes again.

    Raises:
        BadInput: the disk is full or the folder cannot be written, or `published` is a folder of the user's own.
        ContractBroken: a view cannot be read.
    """
    releases = data_folder / "releases"
    _require_ours(data_folder / _LINK)
    try:
        releases.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(data_folder)
        names = chain([release_id], (f"{release_id}-{number}" for number in count(2)))
        release = next(releases / name for name in names if not (releases / name).exists())
        with TemporaryDirectory(dir=releases, suffix=UNFINISHED, ignore_cleanup_errors=True) as unfinished:
            folder = Path(unfinished, release.name)
            (folder / "parquet").mkdir(parents=True)
            with _copied(connection, folder / DATABASE) as warehouse:
                _settle_all(connection, folder / "parquet", warehouse, check)
            for path in (folder / DATABASE, *(folder / "parquet").iterdir()):
                path.chmod(0o444)
            folder.rename(release)
        previous = (data_folder / _LINK).resolve().name if (data_folder / _LINK).is_symlink() else ""
        show_release(data_folder, release)
        _prune(release, previous, kept_count)
    except (OSError, duckdb.Error) as error:
        # A disk that is full at the very end is reported as a failed transaction.
        if not isinstance(error, OSError | duckdb.IOException) and "Could not write" not in str(error):
            raise
        raise BadInput(
            f"{data_folder} could not be written ({str(error).splitlines()[0]}); free some space there or set "
            "OBSERVATORY_HOME to another folder. The release published before is unchanged."
        ) from error
    return release


@contextmanager
def _copied(connection: DuckDBPyConnection, path: Path) -> Iterator[str]:
    """Copy the database, whose name is given, to `path` for the block to work on; its claims rest on the copy then."""
    (warehouse,) = connection.execute("select current_database()").fetchall()[0]
    # The smallest blocks there are: a release has many small tables.
    connection.execute(f"attach {literal(path)} as release_copy (block_size 16384)")
    try:
        connection.execute(f'copy from database "{warehouse}" to release_copy; use release_copy')
        yield warehouse
        connection.execute(f'checkpoint; use "{warehouse}"')
        pick_claim_figures(connection, "release_copy")
        for table in _KEPT_TABLES:
            connection.execute(f"insert or ignore into {table} by name from release_copy.{table}")
    finally:
        for statement in ("rollback", f'use "{warehouse}"', "detach release_copy"):
            with suppress(duckdb.Error):
                connection.execute(statement)


def pick_claim_figures(connection: DuckDBPyConnection, database: str = "") -> None:
    """Make the figures for the tests those of `adoption` and `pairwise` as they stand now, here or in another database.

    Were each kind of test to ask the views themselves, planning would take longer than all the counting.
    """
    if count_rows(connection, "select count(*) from ref.claim_test"):
        for table, rows in _PICKED.items():
            columns = names_list(column_types(connection, table))
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} by name select {columns} from {database and database + '.'}{rows}")


def _settle_all(connection: DuckDBPyConnection, folder: Path, warehouse: str, check: Callable[[], None]) -> None:
    """Let every view of a release read its rows from a table, in one order, and write the public ones to `folder`.

    What tells of the run comes last, when the run was checked and closed; the warehouse is told how it ended. The
    claims are tested on the figures of this release; a verdict or a number that changed is added to its history. The
    comments stay, and `settled.definition` keeps how each view was defined; a warehouse made of the release has its
    views deployed anew.
    """
    comments = connection.execute("from comments_on_views()").fetchall()
    connection.execute((_SQL / "begin_settling.sql").read_text("utf-8"))
    connection.execute(f"comment on table settled.definition is {literal(schema_digest())}")
    waiting = dict(connection.execute("from settled.definition").fetchall())
    of_run = {view: waiting.pop(view) for view, sql in [*waiting.items()] if any(table in sql for table in _RUN_TABLES)}
    for view in ("main.dictionary", "main.adoption", "main.pairwise"):
        _settle(connection, waiting, view)
        connection.execute("commit; begin")  # until then rows, and what is made of them, take four times the memory
    pick_claim_figures(connection)
    _settle(connection, waiting, "main.claims")
    connection.execute(_ADDED.format("ops.claim_verdict", "decided_at", "verdicts"), [folder.parent.name])
    connection.execute("commit; begin")
    for view in _NUMBERED:
        _settle(connection, waiting, view)
    connection.execute(_ADDED.format("ops.publication", "published_at", "numbers"), [folder.parent.name])
    for view in list(waiting):
        _settle(connection, waiting, view)
    connection.commit()
    try:
        check()
    finally:
        for table in _RUN_TABLES:
            connection.execute(f'insert or replace into "{warehouse}".{table} by name from {table}')
    connection.begin()
    for view in list(of_run):
        _settle(connection, of_run, view)
    for place, comment in comments:
        connection.execute(f"comment on {place} is {literal(comment)}")
    connection.commit()
    for (view,) in connection.execute("select view[6:] from settled.definition where view like 'main.%'").fetchall():
        parquet = literal(folder / f"{view}.parquet")
        connection.execute(f'copy (from main."{view}") to {parquet} (format parquet, compression zstd)')


def _settle(connection: DuckDBPyConnection, waiting: dict[str, str], view: str) -> None:
    """Settle a view that waits for it, after those that it reads."""
    if not (sql := waiting.pop(view, "")):
        return
    for source in _VIEW.findall(sql):
        _settle(connection, waiting, source)
    try:
        connection.execute(f'create table settled."{view}" as from {view} order by all')
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        name, reason = view.removeprefix("main."), str(error).splitlines()[0]
        raise ContractBroken(f"view {name} cannot be read ({reason}); correct its file.") from error
    connection.execute(f'create or replace view {view} as from settled."{view}"')


def show_release(data_folder: Path, release: Path) -> None:
    """Let `data_folder/published` be that release from one moment to the next."""
    link = data_folder / _LINK
    _require_ours(link)
    fresh = data_folder / f"{_LINK}.new"
    try:
        fresh.symlink_to(release.relative_to(data_folder), target_is_directory=True)
    except OSError:
        shutil.copytree(release, fresh)
    if link.is_dir() and not (link.is_symlink() and fresh.is_symlink()):
        link.rename(data_folder / f"{_LINK}.old")
    fresh.replace(link)
    _remove_leftovers(data_folder)


def _require_ours(published: Path) -> None:
    if published.is_symlink() or not published.exists():
        return
    if not published.is_dir() or {path.name for path in published.iterdir()} - {DATABASE, "parquet"}:
        raise BadInput(f"{published} is not of this program's making; move it away, or set OBSERVATORY_HOME elsewhere.")


def _prune(release: Path, previous: str, kept_count: int) -> None:
    """Keep the release, the one shown before it, whose readers may still open its files, and the newest others."""
    others = sorted({*release.parent.iterdir()} - {release}, key=lambda path: (path.name == previous, path.name))
    for path in others[: max(0, len(others) - kept_count + 1)]:
        # Where an open file cannot be deleted, the next run does it.
        shutil.rmtree(path, ignore_errors=True)


def _remove_leftovers(data_folder: Path) -> None:
    leftovers = [data_folder / f"{_LINK}.new", data_folder / f"{_LINK}.old"]
    leftovers += (data_folder / "releases").glob(f"*{UNFINISHED}")
    for path in leftovers:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


_FOLDER: Final = "publications"
_ROWS: Final = "rows/{}.parquet"
NOT_KEPT: Final = {
    *("benchmark_samples", "evidence", "evidence_history", "pairwise", "publications", "rejects", "scanned_files"),
    *("scanned_subjects", "survey_combinations"),
}
"""Views that the page does not read, and whose rows are many or stay in the warehouse."""


def keep_publications(data_folder: Path) -> None:
    """Keep the views of each release that is not kept yet, but for `NOT_KEPT`; rows that are kept are stored once.

    A process killed in the middle has kept nothing of a release; the next call does it.

    Raises:
        BadInput: the folder cannot be written.
    """
    folder = data_folder / _FOLDER
    for release in sorted((data_folder / "releases").glob("*/parquet")):
        names = folder / f"{release.parent.name}.json"
        if names.exists():
            continue
        digests = {}
        for path in sorted(path for path in release.glob("*.parquet") if path.stem not in NOT_KEPT):
            content = path.read_bytes()
            digests[path.stem] = sha256(content).hexdigest()
            rows = folder / _ROWS.format(digests[path.stem])
            if not rows.exists():
                write_whole(rows, content)
        write_whole(names, json.dumps(digests, indent=1).encode())


def kept_publications(data_folder: Path) -> list[str]:
    """Return the names of the releases that are kept, the oldest first."""
    return sorted(path.stem for path in (data_folder / _FOLDER).glob("*.json"))


def restored(data_folder: Path, release: str) -> Path:
    """Return a database with the views of a kept release, which need not be on the disk any more.

    Where another version published it, it has today's views and columns as well, empty.

    Raises:
        BadInput: what was kept is damaged, or the folder cannot be written.
    """
    folder = data_folder / _FOLDER
    database = folder / f"{release}-{schema_digest()[:8]}.duckdb"
    if database.exists():
        return database
    with storing(folder), put_whole(database) as unfinished:
        with open_warehouse(None) as today:
            migrate(today)
            deploy_views(today)
            today.execute(f"attach {literal(unfinished)} as kept")
            views = today.execute("select view_name from duckdb_views() where schema_name = 'main' and not internal")
            empty = {view: f'from main."{view}" where false' for (view,) in views.fetchall() if view not in NOT_KEPT}
            for view, digest in json.loads((folder / f"{release}.json").read_text("utf-8")).items():
                rows = folder / _ROWS.format(digest)
                if not rows.exists() or sha256(rows.read_bytes()).hexdigest() != digest:
                    raise BadInput(f"{rows} is lost or damaged; restore it from a copy of {folder}.")
                of_today = f"{empty.pop(view)} union all by name " if view in empty else ""
                today.execute(f'create table kept."{view}" as {of_today}from read_parquet({literal(rows)})')
            for view, sql in empty.items():
                today.execute(f'create table kept."{view}" as {sql}')
            today.execute((_SQL / "later_columns.sql").read_text("utf-8"))
        unfinished.chmod(0o444)
    return database
