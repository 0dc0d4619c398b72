"""Downloads of framework packages from the Python package index, from published lists of the most downloaded ones."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import count_of, moment_of, record_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import DownloadList, DownloadWindow
from pipeline.reference import known_frameworks

COUNTS_FILE = "top_packages_30d_all_snapshots.parquet"
SNAPSHOTS_FILE = "snapshots.csv"


@dataclass(frozen=True, kw_only=True)
class Query:
    """The publisher's way of counting from one day on."""

    since: date
    window_days: int | None
    """None: the calendar month before the list's day."""
    counting_system: str


# By the history of the publisher's scripts and its pull requests and issues 8, 34, 36, 39, 42, 45, 50 and 51.
QUERIES = (
    Query(since=date(2018, 1, 1), window_days=30, counting_system="BigQuery"),
    Query(since=date(2018, 9, 1), window_days=30, counting_system="BigQuery, pip only"),
    Query(since=date(2024, 11, 26), window_days=30, counting_system="BigQuery, all installers"),
    Query(since=date(2024, 12, 1), window_days=29, counting_system="BigQuery, all installers"),
    Query(since=date(2025, 3, 1), window_days=28, counting_system="BigQuery, all installers"),
    Query(since=date(2025, 6, 1), window_days=22, counting_system="BigQuery, all installers"),
    Query(since=date(2025, 7, 1), window_days=None, counting_system="ClickHouse, all installers"),
)


@dataclass(frozen=True, kw_only=True, order=True)
class Snapshot:
    """One published list and the window its counts are about; both days belong to it."""

    window_end: date
    fetched_at: datetime
    window_start: date
    counting_system: str
    packages_count: int
    cutoff_count: int


def read_windows(folder: Path, stamp: Stamp) -> Iterator[DownloadWindow]:
    """Yield the downloads of every package of a framework's family on every list that holds it.

    Raises:
        BadInput: a file is missing or odd, or the two do not fit together.
    """
    path = folder / COUNTS_FILE
    rows = text_rows(path, ("last_update", "project", "download_count"))
    kept = {str(snapshot.fetched_at): snapshot for snapshot in _snapshots(folder, rows)}
    families = {each.name for _, each in known_frameworks().packages("pypi", summed=True)}
    for fetched_at, package, downloads_count in rows:
        if package not in families or fetched_at not in kept:
            continue
        snapshot = kept[fetched_at]
        fields = {
            **stamp,
            "package": package,
            "client_scope": "all clients",
            "window_start": snapshot.window_start,
            "window_end": snapshot.window_end,
            "downloads_count": count_of(path, "download_count", downloads_count),
            "counting_system": snapshot.counting_system,
        }
        yield record_of(DownloadWindow, path, fields)


def read_lists(folder: Path, stamp: Stamp) -> Iterator[DownloadList]:
    """Yield length and cut-off of every list.

    Raises:
        BadInput: a file is missing or odd, or the two do not fit together.
    """
    rows = text_rows(folder / COUNTS_FILE, ("last_update", "project", "download_count"))
    for snapshot in _snapshots(folder, rows):
        same = ("window_end", "packages_count", "cutoff_count", "counting_system")
        fields = {name: getattr(snapshot, name) for name in same}
        yield record_of(DownloadList, folder / SNAPSHOTS_FILE, {**stamp, **fields})


def _snapshots(folder: Path, rows: Iterable[tuple[str, ...]]) -> list[Snapshot]:
    """Return the lists in order of their windows; of several about one window the one fetched last."""
    columns = ("last_update", "n_packages", "min_downloads", "source")
    described = [_snapshot(folder / SNAPSHOTS_FILE, *cells) for cells in text_rows(folder / SNAPSHOTS_FILE, columns)]
    _require_same_lengths(described, Counter(fetched_at for fetched_at, *_ in rows))
    return list({snapshot.window_end: snapshot for snapshot in sorted(described)}.values())


def _require_same_lengths(described: list[Snapshot], counted: Counter[str]) -> None:
    expected = {str(snapshot.fetched_at): snapshot.packages_count for snapshot in described}
    different = sorted(key for key in expected.keys() | counted.keys() if expected.get(key) != counted.get(key))
    if different:
        raise BadInput(
            f"{COUNTS_FILE} and {SNAPSHOTS_FILE} disagree about the list of {different[0]}; get both raw files again."
        )


def _snapshot(path: Path, last_update: str, n_packages: str, min_downloads: str, source: str) -> Snapshot:
    fetched_at = moment_of(path, "last_update", last_update)
    query = _query_on(fetched_at.date())
    if source != query.counting_system.split(",")[0]:
        raise BadInput(f"{path}: the list of {last_update} comes from {source!r}; add how it was counted to QUERIES.")
    window_start, window_end = _window(query, fetched_at.date())
    return Snapshot(
        fetched_at=fetched_at,
        window_start=window_start,
        window_end=window_end,
        counting_system=query.counting_system,
        packages_count=count_of(path, "n_packages", n_packages),
        cutoff_count=count_of(path, "min_downloads", min_downloads),
    )


def _query_on(day: date) -> Query:
    index = bisect_right(QUERIES, day, key=lambda query: query.since) - 1
    if index < 0:
        raise BadInput(f"{SNAPSHOTS_FILE}: how the list of {day} was counted is not known; add it to QUERIES.")
    return QUERIES[index]


def _window(query: Query, day: date) -> tuple[date, date]:
    """Return first and last day of the window of a list fetched on this day.

    BigQuery was asked for the last 30 times 24 hours up to one day before the moment of asking; recorded are the 30
    whole days before the list's day, which is right to within a day.
    """
    if query.window_days is None:
        last = day.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return day - timedelta(days=query.window_days), day - timedelta(days=1)


IMPORTER = Importer(
    source_id="package_index",
    raw_folder="pypi_downloads",
    files=(
        ArchiveFile(name="download_windows.csv", record=DownloadWindow, read=read_windows),
        ArchiveFile(name="download_lists.csv", record=DownloadList, read=read_lists),
    ),
)
