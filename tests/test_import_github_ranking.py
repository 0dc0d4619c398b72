"""The GitHub ranking importer: small raw files in the stored shape, and the real one where it is at hand."""

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.counts import RANKING_FILE as RAW_FILE
from pipeline.archive.counts import RANKING_IMPORTER as IMPORTER
from pipeline.archive.manifest import to_csv
from pipeline.errors import BadInput
from pipeline.records import RepositoryDay

ROWS = (
    # the last day of 2018 belongs to the first ISO week of 2019
    ("2018-12-30", "pytorch/pytorch", "pytorch/pytorch", 23290, 5000, "2018-12-30T10:00:00Z"),
    ("2018-12-31", "pytorch/pytorch", "pytorch/pytorch", 23298, 5001, "2018-12-30T10:00:00Z"),
    ("2019-01-02", "pytorch/pytorch", "pytorch/pytorch", 23330, None, "2018-12-30T10:00:00Z"),
    # two weeks without a list, then a day in the middle of a week
    ("2019-01-23", "pytorch/pytorch", "pytorch/pytorch", 23600, 5100, "2018-12-30T10:00:00Z"),
    ("2019-01-22", "jax-ml/jax", "google/jax", 0, 0, "2018-12-30T10:00:00Z"),
    ("2019-01-22", "torvalds/linux", "torvalds/linux", 70000, 20000, "2018-12-30T10:00:00Z"),
)


COLUMNS = ("snap", "repo", "repo_as_listed", "stars", "forks", "last_commit")


def raw_folder(folder, rows=ROWS, stars="bigint", columns=COLUMNS):
    with duckdb.connect() as connection:
        snap, repo, listed, held, forks, pushed = columns
        connection.execute(
            f"create table day ({snap} varchar, {repo} varchar, {listed} varchar, {held} {stars}, "
            f"{forks} bigint, {pushed} varchar)"
        )
        connection.executemany("insert into day values (?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"copy day to '{folder / RAW_FILE}' (format parquet)")
    return folder


def read(folder):
    return list(IMPORTER.files[0].read(folder, IMPORTER.stamp))


def test_the_last_listed_day_of_each_iso_week_is_kept(tmp_path):
    kept = {(r.repository, r.observed_on): (r.stars_count, r.forks_count) for r in read(raw_folder(tmp_path))}
    assert kept == {
        ("pytorch/pytorch", date(2018, 12, 30)): (23290, 5000),
        ("pytorch/pytorch", date(2019, 1, 2)): (23330, None),
        ("pytorch/pytorch", date(2019, 1, 23)): (23600, 5100),
        ("jax-ml/jax", date(2019, 1, 22)): (0, 0),
    }


def test_a_renamed_repository_keeps_the_name_it_was_listed_under(tmp_path):
    assert [r.listed_as for r in read(raw_folder(tmp_path)) if r.repository == "jax-ml/jax"] == ["google/jax"]


def test_the_newest_push_is_told_as_the_list_told_it(tmp_path):
    rows = [("2020-01-05", "onnx/onnx", "onnx/onnx", 5, 1, "2019-12-31T23:30:00Z"), (*ROWS[0][:5], None)]
    assert {r.repository: r.pushed_on for r in read(raw_folder(tmp_path, rows))} == {
        "onnx/onnx": date(2019, 12, 31),
        "pytorch/pytorch": None,
    }


def test_days_arrive_in_any_type_a_list_may_store(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select date '2020-01-05' as snap, 'pytorch/pytorch' as repo, 'pytorch/pytorch' as repo_as_listed, "
            f"35100 as stars, 9000 as forks, timestamp '2020-01-04 23:00' as last_commit) "
            f"to '{tmp_path / RAW_FILE}' (format parquet)"
        )
    assert [(r.observed_on, r.pushed_on) for r in read(tmp_path)] == [(date(2020, 1, 5), date(2020, 1, 4))]


def test_a_day_listed_twice_is_refused(tmp_path):
    again = ("2018-12-31", "pytorch/pytorch", "pytorch/pytorch", 23299, 5001, None)
    with pytest.raises(BadInput, match="lists pytorch/pytorch twice on 2018-12-31"):
        read(raw_folder(tmp_path, (*ROWS, again)))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("2019-13-01", "pytorch/pytorch", "pytorch/pytorch", "5", 1, None), "snap is '2019-13-01'"),
        (("2019-01-01", "pytorch/pytorch", "pytorch/pytorch", "many", 1, None), "stars is 'many', not a whole number"),
        (("2019-01-01", "pytorch/pytorch", "pytorch/pytorch", None, 1, None), "stars is '', not a whole number"),
        (("2019-01-01", "pytorch/pytorch", "pytorch/pytorch", "-5", 1, None), "stars_count"),
        (("2019-01-01", "pytorch/pytorch", "", "5", 1, None), "listed_as"),
        (("2019-01-01", "pytorch/pytorch", "pytorch/pytorch", "5", 1, "soon"), "last_commit is 'soon'"),
    ],
)
def test_an_odd_cell_is_refused(tmp_path, row, message):
    with pytest.raises(BadInput, match=message):
        read(raw_folder(tmp_path, [row], stars="varchar"))


def test_a_file_without_frameworks_or_columns_or_content_is_refused(tmp_path):
    with pytest.raises(BadInput, match="is missing"):
        read(tmp_path)
    with pytest.raises(BadInput, match="lists no repository"):
        read(raw_folder(tmp_path, [ROWS[-1]]))
    with pytest.raises(BadInput, match="stars"):
        read(raw_folder(tmp_path, columns=("snap", "repo", "repo_as_listed", "watchers", "forks", "last_commit")))
    (tmp_path / RAW_FILE).write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=RAW_FILE):
        read(tmp_path)


@settings(max_examples=4)
@given(rows=st.permutations(ROWS))
def test_the_order_of_raw_rows_does_not_matter(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("raw")
    straight = to_csv(RepositoryDay, read(raw_folder(folder)))
    assert to_csv(RepositoryDay, read(raw_folder(folder, rows))) == straight


def raw_stars(raw_data):
    """Days of the second raw file, which holds 15 frameworks and was made on its own."""
    path = raw_data / IMPORTER.raw_folder / "core_frameworks_daily.csv.gz"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select repo, snap, repo_as_listed, stars from read_csv($path, types = {'snap': 'date'})",
            {"path": str(path)},
        ).fetchall()
    return {(repository, day): (listed_as, stars) for repository, day, listed_as, stars in rows}


def test_the_real_file_gives_the_other_lists_days(raw_data):
    days = raw_stars(raw_data)
    records = [r for r in read(raw_data / IMPORTER.raw_folder) if (r.repository, r.observed_on) in days]
    assert len({r.repository for r in records}) == 15
    for record in records:
        assert (record.listed_as, record.stars_count) == days[record.repository, record.observed_on]


def test_the_real_file_loses_no_week_and_keeps_its_last_day(raw_data):
    days = raw_stars(raw_data)
    kept = {(r.repository, r.observed_on) for r in read(raw_data / IMPORTER.raw_folder)}
    for repository, day in days:
        rest_of_week = [day + timedelta(days=ahead) for ahead in range(7 - day.weekday())]
        last = max(later for later in rest_of_week if (repository, later) in days)
        assert (repository, last) in kept
