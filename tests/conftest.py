"""What every test stands on: no network, one clock, one migrated warehouse."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import settings

from pipeline.bench.plan import BenchOptions
from pipeline.bench.timing import SamplingTimes
from pipeline.reference.frameworks import BenchEntry
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.migrate import migrate
from pipeline.warehouse.views import deploy_views

# The same examples at every run, on a machine of any speed.
settings.register_profile("observatory", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("observatory")

# Whoever is started in the background by a shell ignores Ctrl-C, and so would every child that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
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
def archive_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one offline job on the shipped archive, without benchmarks and page; for reading and copying."""
    from whole_job import do_the_job

    folder = tmp_path_factory.mktemp("shipped")
    do_the_job(folder, lambda _: None)
    return folder


@pytest.fixture(scope="session")
def published_archive(archive_home: Path) -> Path:
    """The published database of that job; for reading only."""
    return archive_home / "published" / "observatory.duckdb"


@pytest.fixture(scope="session")
def report_page(published_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the shipped archive; for reading only."""
    from pipeline.report.build import build_page

    return build_page(published_archive, tmp_path_factory.mktemp("report") / "index.html").page_file


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
