"""The published copy that people open: made beside the old one and swapped in at once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.errors import BadInput, ContractBroken
from pipeline.warehouse.claims import pick_claim_figures

DATABASE = "observatory.duckdb"
_LINK = "published"
_UNFINISHED = ".part"
_AS_TABLE = "create table main.t as from main.adoption; drop view main.adoption; alter table main.t rename to adoption"


def publish(connection: DuckDBPyConnection, data_folder: Path, release_id: str, kept_count: int = 2) -> Path:
    """Publish the warehouse and return the release's folder, `data_folder/releases/<release_id>`.

    Afterwards `data_folder/published` holds one consistent set: `observatory.duckdb`, a complete copy with views and
    comments, and `parquet/<view>.parquet` for every public view, its rows in one order; no file of it can be written.
    Whoever has an old release open keeps its rows: `kept_count` releases stay, the one shown before always among them.
    After any failure the old release is still shown. Call it after the checks and after `finish_run`, while holding
    the warehouse: there is one publisher at a time.

    Where links cannot be made, `published` is a plain folder, replaced by two renames; a process killed between them
    leaves none until the next run publishes again.

    Raises:
        BadInput: the disk is full or the folder cannot be written, or `published` is a folder of the user's own.
        ContractBroken: a view cannot be read.
    """
    releases = data_folder / "releases"
    _require_ours(data_folder / _LINK)
    try:
        pick_claim_figures(connection)
        releases.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(data_folder)
        release = _free_folder(releases, release_id)
        with _unfinished(release) as folder:
            _copy_database(connection, folder / DATABASE)
            _export_views(connection, folder / "parquet")
            for path in (folder / DATABASE, *(folder / "parquet").iterdir()):
                path.chmod(0o444)
            folder.rename(release)
        previous = (data_folder / _LINK).resolve().name if (data_folder / _LINK).is_symlink() else ""
        show_release(data_folder, release)
        _prune(release, previous, kept_count)
    except (OSError, duckdb.IOException) as error:
        raise BadInput(
            f"{data_folder} could not be written ({str(error).splitlines()[0]}); free some space there or set "
            "OBSERVATORY_HOME to another folder. The release published before is unchanged."
        ) from error
    return release


def public_views(connection: DuckDBPyConnection) -> list[str]:
    """Return the names of the views that people read, in alphabetical order."""
    rows = connection.execute(
        "select view_name from duckdb_views() where not internal and schema_name = 'main' "
        "and database_name = current_database() order by view_name"
    ).fetchall()
    return [row[0] for row in rows]


def _free_folder(releases: Path, release_id: str) -> Path:
    number, release = 1, releases / release_id
    while release.exists():
        number += 1
        release = releases / f"{release_id}-{number}"
    return release


@contextmanager
def _unfinished(release: Path) -> Iterator[Path]:
    """Give a folder to build the release in; nothing of it is left unless it was given the release's name."""
    folder = release.with_name(release.name + _UNFINISHED)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_database(connection: DuckDBPyConnection, path: Path) -> None:
    warehouse = connection.execute("select current_database()").fetchall()[0][0]
    connection.execute(f"attach {_text(path)} as release_copy")
    try:
        connection.execute(f'copy from database "{warehouse}" to release_copy')
        connection.execute("checkpoint release_copy")
    except duckdb.Error as error:
        with suppress(duckdb.Error):
            connection.execute("detach release_copy")
        if "Could not write" in str(error):  # a disk that is full at the very end is reported as a failed transaction
            raise duckdb.IOException(str(error)) from error
        raise
    connection.execute("detach release_copy")


def _export_views(connection: DuckDBPyConnection, folder: Path) -> None:
    """Write each view; adoption, which most others read, is a table meanwhile and computed once, then a view again."""
    folder.mkdir()
    connection.begin()
    try:
        for view in sorted(public_views(connection), key="dictionary".__ne__):
            connection.execute(
                f'copy (select * from main."{view}" order by all) to {_text(folder / f"{view}.parquet")} '
                "(format parquet, compression zstd)"
            )
            if view == "dictionary":  # it comes first and tells of the views as they are
                connection.execute(_AS_TABLE)
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        raise ContractBroken(f"view {view} cannot be read ({str(error).splitlines()[0]}); correct its file.") from error
    finally:
        connection.rollback()


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
    others = [path for path in release.parent.iterdir() if path != release]
    others.sort(key=lambda path: (path.name == previous, path.name))
    for path in others[: max(0, len(others) - kept_count + 1)]:
        # Where an open file cannot be deleted, the next run does it.
        shutil.rmtree(path, ignore_errors=True)


def _remove_leftovers(data_folder: Path) -> None:
    leftovers = [data_folder / f"{_LINK}.new", data_folder / f"{_LINK}.old"]
    leftovers += (data_folder / "releases").glob(f"*{_UNFINISHED}")
    for path in leftovers:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
