"""What every test stands on: no network, one clock, one migrated warehouse."""

import gc
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from filelock import FileLock
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from pipeline.bench.plan import BenchOptions
from pipeline.bench.timing import SamplingTimes
from pipeline.reference.frameworks import BenchEntry
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.views import deploy_views, migrate, prepare

# The same examples at every run, on a machine of any speed.
settings.register_profile("observatory", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("observatory")

# Whoever is started in the background by a shell ignores Ctrl-C, and so would every child that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


# Longest first, so that the processes of a slow run end together; what is not named comes after, by its file.
_LONGEST = ("test_bench_real", "test_kill", "test_flows_prefect", "test_bench_command", "test_cluster", "test_cli")
# Tests that share nothing; they fill the gaps at the end.
_ALONE = "test_detector_coverage"
# Files whose tests share only what the cases of one test share.
_BY_TEST = "test_kill"


class _ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process: what they share takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if _ALONE in file:
            return nodeid
        return nodeid.partition("[")[0] if _BY_TEST in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """Distribute a slow run, which asks for scopes, by file; leave every other run to xdist."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, those of the longest files before the others."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    ranks = {name: rank for rank, name in enumerate((*_LONGEST, "", _ALONE))}
    slow.sort(key=lambda item: ranks.get(item.path.stem, ranks[""]))
    items[:] = [*slow, *(item for item in items if not item.get_closest_marker("slow"))]


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later search for garbage, which it would make last long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_prefect_left() -> Iterator[None]:
    """Fail where a test leaves settings of Prefect, which every later child would inherit; import it in a child."""
    yield
    left = sorted(name for name in os.environ if name.startswith("PREFECT_"))
    assert not left, f"this test leaves {left} in the environment"


@pytest.fixture(autouse=True)
def _no_network(_no_prefect_left: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail at once, with the address, on any connection that leaves this machine."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(_LOOPBACK):
            raise OSError(f"a test tried to reach {address}; tests stay on this machine")
        return connect(self, address)

    def guarded_resolve(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not name.startswith(_LOOPBACK):
            raise OSError(f"a test tried to resolve {name}; tests stay on this machine")
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


@pytest.fixture(autouse=True)
def _processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processor compute in bfloat16, or not, where `OBSERVATORY_TEST_BFLOAT16` is `on` or `off`."""
    forced = os.environ.get("OBSERVATORY_TEST_BFLOAT16")
    if forced:
        found = frozenset({"bfloat16"} if forced == "on" else ())
        monkeypatch.setattr("pipeline.bench.plan.native_dtypes", lambda: found)


@pytest.fixture
def now() -> datetime:
    """The moment that tests use for the present."""
    return NOW


@pytest.fixture
def raw_data() -> Path:
    """The folder of raw published files, which is not part of the project."""
    folder = os.environ.get("OBSERVATORY_RAW_DATA")
    if not folder:
        pytest.skip("set OBSERVATORY_RAW_DATA to the folder of raw published files to run this")
    return Path(folder)


@pytest.fixture(scope="session")
def migrated_warehouse() -> Iterator[DuckDBPyConnection]:
    """One in-memory warehouse with all tables and views, shared by the session; ask for `warehouse` instead."""
    with open_warehouse(None) as connection:
        migrate(connection, clock=lambda: NOW)
        deploy_views(connection)
        yield connection


@pytest.fixture
def warehouse(migrated_warehouse: DuckDBPyConnection) -> DuckDBPyConnection:
    """An in-memory warehouse with all tables, empty, and all views."""
    _empty(migrated_warehouse)
    return migrated_warehouse


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Return the folder of a name; the first process of the test run that asks for it fills it, for reading only."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder_of(name: str, fill: Callable[[Path], object]) -> Path:
        folder, unfinished = shared / name, shared / f"{name}.unfinished"
        with FileLock(shared / f"{name}.lock"):
            if not folder.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return folder_of


@pytest.fixture(scope="session")
def prepared_warehouse(made_once) -> Path:
    """The file of a warehouse with all tables and views and the shipped reference lists; for copying only."""

    def fill(folder: Path) -> None:
        with open_warehouse(folder / "warehouse.duckdb") as connection:
            prepare(connection, Settings().reference_folder)

    return made_once("prepared", fill) / "warehouse.duckdb"


@pytest.fixture
def prepared_home(tmp_path: Path, prepared_warehouse: Path) -> Path:
    """A home of the test's own whose warehouse is prepared, so that a job that opens it has less to do."""
    (tmp_path / "data").mkdir()
    shutil.copy(prepared_warehouse, tmp_path / "data")
    return tmp_path


@pytest.fixture(scope="session")
def archive_home(made_once) -> Path:
    """The data folder of one offline job on the shipped archive, without benchmarks and page; for reading, copying."""
    from whole_job import do_the_job

    return made_once("shipped", lambda folder: do_the_job(folder / "data", lambda _: None)) / "data"


@pytest.fixture(scope="session")
def published_archive(archive_home: Path) -> Path:
    """The published database of that job; for reading only."""
    return archive_home / "published" / "observatory.duckdb"


@pytest.fixture(scope="module")
def shipped(published_archive: Path) -> Iterator[DuckDBPyConnection]:
    """A connection to that database, for reading only."""
    from pipeline.metrics.read import open_published

    with open_published(published_archive) as connection:
        yield connection


@pytest.fixture(scope="session")
def report_page(published_archive: Path, made_once) -> Path:
    """The report on the shipped archive; for reading only."""
    from pipeline.report.build import build_page

    return made_once("report", lambda folder: build_page(published_archive, folder / "index.html")) / "index.html"


@pytest.fixture(scope="session")
def published_nothing(migrated_warehouse: DuckDBPyConnection, made_once) -> Path:
    """The published database of a warehouse with all views and no row, in the data folder of a home."""
    from published import DATABASE

    from pipeline.warehouse.publish import publish

    _empty(migrated_warehouse)
    home = made_once("published nothing", lambda folder: publish(migrated_warehouse, folder / "data", "empty"))
    return home / "data" / DATABASE


@pytest.fixture(scope="session")
def measured_page(migrated_warehouse: DuckDBPyConnection, made_once) -> Path:
    """The report on one benchmark run and a survey beside it; for reading only."""
    from published import DATABASE, put_measured

    from pipeline.report.build import build_page
    from pipeline.warehouse.publish import publish

    def fill(folder: Path) -> None:
        _empty(migrated_warehouse)
        put_measured(migrated_warehouse)
        publish(migrated_warehouse, folder, "measured")
        build_page(folder / DATABASE, folder / "index.html")

    return made_once("measured", fill) / "index.html"


@pytest.fixture(scope="session")
def empty_tables() -> Callable[[DuckDBPyConnection], None]:
    """What empties a warehouse; properties call it before each example."""
    return _empty


def _empty(connection: DuckDBPyConnection) -> None:
    """Delete every row but the migration ledger's."""
    tables = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('core', 'ref', 'ops') and table_name <> 'migration' and estimated_size > 0"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"delete from {table}")


@pytest.fixture
def fake_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., BenchOptions]:
    """Make options of a run on frameworks of tests/bench_fakes.py, named by class, with one thread and two launches."""
    monkeypatch.syspath_prepend(Path(__file__).parent)

    def options(*names: str, **more: Any) -> BenchOptions:
        registered = tuple(BenchEntry(id=name.lower(), title=name, adapter=f"bench_fakes:{name}") for name in names)
        pace = SamplingTimes(block_seconds=0.004, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)
        cache_folder = tmp_path / "cache"
        usual = {"run_id": "test", "threads_count": 1, "rounds_count": 2, "launches_count": 2, "pace": pace}
        return BenchOptions(cache_folder=cache_folder, registered=registered, **(usual | more))

    return options
