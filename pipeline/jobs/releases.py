"""What is published: its page; listing a release, showing it again, filling a warehouse from it; and freeing space."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors import BadInput, ContractBroken, ObservatoryError
from pipeline.jobs.object_storage import send_release
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.metrics.read import kept_releases, open_published, published_as_of
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.publish import UNFINISHED, publish, show_release
from pipeline.warehouse.views import prepare, schema_digest

_LOG = logger("refresh")
_MADE_OF = "select comment from duckdb_tables() where schema_name = 'settled' and table_name = 'definition'"


def write_report(settings: Settings, withheld: str = "", as_of: date | None = None) -> str:
    """Write the page, which says first why a newer run was withheld, if one was; return one sentence about it.

    With `as_of` it is the page of what was published last on that day or before, in a folder of its own.

    Raises:
        BadInput: nothing is published, or nothing that old is kept, or the page cannot be written.
    """
    from pipeline.report.build import build_page, write_changes  # noqa: PLC0415 — a run lets `page_writer` import it

    _LOG.info("Writing the page")
    database, page_file = settings.published_file, settings.page_file
    if as_of:
        database = published_as_of(settings.data_folder, as_of)
        page_file = settings.reports_folder / f"as-of-{as_of}" / page_file.name
    with _in_todays_views(settings, database) as readable:
        facts = build_page(readable, page_file, withheld)
        write_changes(readable, page_file.parent)
    return f"{facts.page_file} ({facts.size_bytes / 1000:.0f} kB, {facts.charts_count} charts)"


@contextmanager
def _in_todays_views(settings: Settings, database: Path) -> Iterator[Path]:
    """Yield a release that today's page can read: where another version made it, its rows under today's views."""
    with open_published(database) as connection:
        made_of = connection.execute(_MADE_OF).fetchall()
    if made_of in ([], [(schema_digest(),)]):  # what was kept of a pruned release is views alone
        yield database
        return
    with TemporaryDirectory(dir=settings.data_folder / "releases", suffix=UNFINISHED) as folder:
        copy = Path(folder, settings.warehouse_file.name)
        shutil.copyfile(database, copy)
        with open_warehouse(copy) as connection:
            prepare(connection, settings.reference_folder)
            readable = publish(connection, Path(folder), database.resolve().parent.name) / database.name
        yield readable


@contextmanager
def page_writer() -> Iterator[Callable[[str], str]]:
    """Start a process with memory of its own, and yield what makes it write the page, or raises ContractBroken."""
    # In a session of its own: Ctrl-C is the command's to answer.
    command, pipe = [sys.executable, "-P", "-m", __name__], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as process:  # noqa: S603

        def write_page(withheld: str) -> str:
            _LOG.info("Writing the page")
            told, complaint = process.communicate(f"{withheld}\n".encode())
            if process.returncode:
                raise ContractBroken(complaint.decode(errors="replace").strip().rpartition("\n")[2])
            return told.decode()

        try:
            yield write_page
        finally:
            process.kill()


COLUMNS = ("release", "published (UTC)", "MB", "")
USE_COLUMNS = ("below data/", "MB", "MB to free")


def rows_of_releases(data_folder: Path) -> Iterator[list[str]]:
    """Yield one row per release that is kept, the newest first."""
    for each in reversed(kept_releases(data_folder)):
        moment, size = f"{each.published_at:%Y-%m-%d %H:%M}", _megabytes([each.database.parent])
        yield [each.name, moment, size, "shown" if each.is_shown else ""]


def roll_back(settings: Settings, name: str | None, *, is_rebuilt: bool = False) -> str:
    """Show a release again, by default the one before, and write its page.

    `is_rebuilt` sets the warehouse aside and fills a new one from the release, by default the one that is shown.

    Raises:
        Busy: a run is under way.
        BadInput: there is no such release, or the folder cannot be written.
    """
    kept = kept_releases(settings.data_folder)
    place = next((place for place, each in enumerate(kept) if each.is_shown), len(kept))
    found = [each for each in kept if each.name == name] if name else kept[: place + is_rebuilt]
    if not found:
        names = ", ".join(each.name for each in kept) or "none"
        raise BadInput(f"there is no release {name or 'before the one that is shown'}; kept are {names}.")
    with _no_publisher(settings):
        show_release(settings.data_folder, found[-1].database.parent)
        if is_rebuilt:
            file = settings.warehouse_file
            fresh = file.with_name(f"{file.name}.rebuilt")
            shutil.copyfile(found[-1].database, fresh)
            for old in (file, file.with_name(f"{file.name}.wal")):  # an old log would be read into the new one
                if old.exists():
                    old.replace(old.with_name(f"{old.name}.aside"))
            fresh.replace(file)
    told = f"{found[-1].name} is shown until the next run publishes"
    if is_rebuilt:
        with published_job(settings.model_copy(update={"accept_changes": True}), "rebuild"):
            told = f"A new warehouse holds what {found[-1].name} held, the one before lies beside it as .aside"
    else:
        send_release(settings)
    return f"{told}: {write_report(settings)}"


def rows_of_use(settings: Settings) -> Iterator[list[str]]:
    """Yield one row per kind of what the data folder holds: what it takes, and what of it can be freed."""
    freed = _freed(settings)
    for kind in sorted(settings.data_folder.iterdir()):
        below = [path for path in freed if path == kind or kind in path.parents]
        yield [kind.name, _megabytes([kind]), _megabytes(below)]


def prune(settings: Settings) -> str:
    """Free what nothing relies on and return how much it was.

    Raises:
        Busy: a run is under way.
    """
    with _no_publisher(settings):
        freed = _freed(settings)
        sentence = f"{_megabytes(freed)} MB were freed."
        for path in freed:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return sentence


def _freed(settings: Settings) -> list[Path]:
    """Return logs, what is set aside or made again when it is asked for, and all releases but the last two shown."""
    kept = kept_releases(settings.data_folder)
    place = next((place for place, each in enumerate(kept) if each.is_shown), len(kept))
    older = [each.database.parent for each in kept[: max(0, place - 1)] + kept[place + 1 :]]
    names = ("logs/*.log", "*.aside", "bench", "publications/*.duckdb")
    return [*older, *(path for name in names for path in settings.data_folder.glob(name))]


@contextmanager
def _no_publisher(settings: Settings) -> Iterator[None]:
    """Hold the warehouse for the block; a damaged one is a reason to go back, and nobody publishes from it."""
    with ExitStack() as held:
        if settings.warehouse_file.exists():
            with suppress(BadInput):
                held.enter_context(open_warehouse(settings.warehouse_file))
        yield


def _megabytes(paths: list[Path]) -> str:
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    return f"{sum(file.lstat().st_size for file in files if file.is_file()) / 1e6:.1f}"


if __name__ == "__main__":
    gc.set_threshold(100_000)  # of what is imported nothing is garbage
    import pipeline.report.build  # noqa: F401 — before the run asks
    from pipeline.reference import known_frameworks
    from pipeline.report.bundle import compiled
    from pipeline.report.template import environment

    compiled({"mark": "point"})  # the first chart takes as long as all others
    environment(known_frameworks().titles).get_template("page.html")  # usually the very titles of the release
    if asked := sys.stdin.buffer.read().decode():  # nothing, where the run has ended before
        try:
            sys.stdout.buffer.write(write_report(Settings(), asked.strip()).encode())
            sys.stdout.flush()
            os._exit(0)  # the run waits, and to take down what was imported takes long
        except ObservatoryError as error:
            sys.exit(str(error))
