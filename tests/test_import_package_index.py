"""The package index importer: small raw files in the stored shape, and the real ones where they are at hand."""

import csv
from datetime import date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.counts import COUNTS_FILE, SNAPSHOTS_FILE
from pipeline.archive.counts import INDEX_IMPORTER as IMPORTER
from pipeline.archive.manifest import to_csv
from pipeline.errors import BadInput
from pipeline.records import DownloadList, DownloadWindow

HEADER = "commit,commit_date,last_update,n_packages,total_downloads,min_downloads,source"
SNAPSHOTS = (
    "854e,x,2018-02-25 17:32:15,2,30,10,BigQuery",
    "302f,x,2018-02-25 19:27:06,3,33,3,BigQuery",
    "a987,x,2019-12-06 15:30:18,1,40,40,BigQuery",
    "bc88,x,2024-12-01 08:25:42,1,50,50,BigQuery",
    "75cc,x,2025-06-13 13:22:58,1,60,60,BigQuery",
    "8c0c,x,2025-08-01 06:34:07,1,70,70,ClickHouse",
)
COUNTS = (
    (10, "torch", 2, "2018-02-25 17:32:15"),
    (20, "numpy", 1, "2018-02-25 17:32:15"),
    (11, "torch", 2, "2018-02-25 19:27:06"),
    (19, "numpy", 1, "2018-02-25 19:27:06"),
    (3, "tensorflow-gpu", 3, "2018-02-25 19:27:06"),
    (40, "torch", 1, "2019-12-06 15:30:18"),
    (50, "torch", 1, "2024-12-01 08:25:42"),
    (60, "torch", 1, "2025-06-13 13:22:58"),
    (70, "torch", 1, "2025-08-01 06:34:07"),
)


def raw_folder(folder, counts=COUNTS, snapshots=SNAPSHOTS):
    (folder / SNAPSHOTS_FILE).write_text("\n".join((HEADER, *snapshots)) + "\n", encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            "create table list (download_count bigint, project varchar, rank int, last_update timestamp)"
        )
        connection.executemany("insert into list values (?, ?, ?, ?)", counts)
        connection.execute(f"copy list to '{folder / COUNTS_FILE}' (format parquet)")
    return folder


def windows(folder):
    return list(IMPORTER.files[0].read(folder, IMPORTER.stamp))


def lists(folder):
    return list(IMPORTER.files[1].read(folder, IMPORTER.stamp))


def test_packages_of_families_are_kept_and_the_last_list_of_a_day_counts(tmp_path):
    records = windows(raw_folder(tmp_path))
    first = {r.package: r.downloads_count for r in records if r.window_end == date(2018, 2, 24)}
    assert first == {"torch": 11, "tensorflow-gpu": 3}
    assert {r.client_scope for r in records} == {"all clients"}


def test_windows_follow_the_publishers_query(tmp_path):
    found = {(r.window_start, r.window_end, r.counting_system) for r in windows(raw_folder(tmp_path))}
    assert found == {
        (date(2018, 1, 26), date(2018, 2, 24), "BigQuery"),
        (date(2019, 11, 6), date(2019, 12, 5), "BigQuery, pip only"),
        (date(2024, 11, 2), date(2024, 11, 30), "BigQuery, all installers"),
        (date(2025, 5, 22), date(2025, 6, 12), "BigQuery, all installers"),
        (date(2025, 7, 1), date(2025, 7, 31), "ClickHouse, all installers"),
    }
    assert sorted((end - start).days + 1 for start, end, _ in found) == [22, 29, 30, 30, 31]


def test_lists_carry_their_length_and_cut_off(tmp_path):
    found = {r.window_end: (r.packages_count, r.cutoff_count) for r in lists(raw_folder(tmp_path))}
    assert found == {
        date(2018, 2, 24): (3, 3),
        date(2019, 12, 5): (1, 40),
        date(2024, 11, 30): (1, 50),
        date(2025, 6, 12): (1, 60),
        date(2025, 7, 31): (1, 70),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",BigQuery", ",pypistats", "is by 'pypistats'; add how it was counted to counts.toml"),
        (",ClickHouse", ",BigQuery", "is by 'BigQuery'; add how it was counted to counts.toml"),
        ("2018-02-25 19", "2017-02-25 19", "how the list of 2017-02-25 was counted is not known"),
        ("2018-02-25 19:27:06", "yesterday", "last_update is 'yesterday'"),
        (",3,33,3,", ",4,33,3,", "disagree about the list of 2018-02-25 19:27:06"),
        (",3,33,3,", ",3,33,few,", "min_downloads is 'few'"),
    ],
)
def test_an_odd_description_is_refused(tmp_path, old, new, message):
    snapshots = [row.replace(old, new) for row in SNAPSHOTS]
    assert tuple(snapshots) != SNAPSHOTS
    folder = raw_folder(tmp_path, snapshots=snapshots)
    for read in (windows, lists):
        with pytest.raises(BadInput, match=message):
            read(folder)


def test_an_undescribed_list_and_missing_files_are_refused(tmp_path):
    with pytest.raises(BadInput, match="is missing"):
        lists(tmp_path)
    with pytest.raises(BadInput, match="disagree about the list of 2025-08-01 06:34:07"):
        lists(raw_folder(tmp_path, snapshots=SNAPSHOTS[:-1]))
    (tmp_path / SNAPSHOTS_FILE).unlink()
    with pytest.raises(BadInput, match="is missing"):
        windows(tmp_path)


def test_a_negative_count_is_refused(tmp_path):
    counts = [(-1, *row[1:]) if row[1] == "tensorflow-gpu" else row for row in COUNTS]
    with pytest.raises(BadInput, match="downloads_count"):
        windows(raw_folder(tmp_path, counts))


@settings(max_examples=4)
@given(counts=st.permutations(COUNTS), snapshots=st.permutations(SNAPSHOTS))
def test_the_order_of_raw_rows_does_not_matter(tmp_path_factory, counts, snapshots):
    folder = raw_folder(tmp_path_factory.mktemp("raw"))
    straight = to_csv(DownloadWindow, windows(folder)), to_csv(DownloadList, lists(folder))
    raw_folder(folder, counts, snapshots)
    assert (to_csv(DownloadWindow, windows(folder)), to_csv(DownloadList, lists(folder))) == straight


@pytest.mark.slow
def test_the_real_files_give_the_separately_made_framework_table(raw_data):
    folder = raw_data / IMPORTER.raw_folder
    with (folder / "framework_downloads_30d.csv").open(encoding="utf-8", newline="") as file:
        published = {
            (row["project"], datetime.fromisoformat(row["last_update"])): int(row["downloads_30d"])
            for row in csv.DictReader(file)
        }
    counted = {(r.package, r.window_end): r.downloads_count for r in windows(folder)}
    ends = {r.window_end for r in lists(folder)}
    assert len(ends) == 158
    common = {package for package, _ in counted} & {package for package, _ in published}
    assert {"torch", "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "keras", "jax"} <= common
    # several lists of one day: the last one counts
    by_day = {(package, moment.date()): count for (package, moment), count in sorted(published.items())}
    for (package, day), count in by_day.items():
        if package in common:
            window_end = (day.replace(day=1) if day >= date(2025, 7, 1) else day) - timedelta(days=1)
            assert counted[package, window_end] == count, (package, day)
