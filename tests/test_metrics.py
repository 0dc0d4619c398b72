"""Reading public views: complete, typed, always in the same order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadInput
from pipeline.metrics.read import open_published, read_dictionary, read_view
from pipeline.records import CompetitionEntry
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries
from pipeline.warehouse.publish import publish
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.runs import start_run

START = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(migrated_warehouse, empty_tables, tmp_path_factory):
    empty_tables(migrated_warehouse)
    home = tmp_path_factory.mktemp("home")
    reference = home / "reference"
    (reference / "frameworks").mkdir(parents=True)
    for name, kind, flag in [
        ("pytorch", "framework", "true"),
        ("jax", "framework", "true"),
        ("none", "state", "false"),
    ]:
        (reference / "frameworks" / f"{name}.toml").write_text(
            f'id = "{name}"\ntitle = "{name.title()}"\nkind = "{kind}"\nis_deep_learning = {flag}\n'
        )
    (reference / "series.toml").write_text("")
    (reference / "wordings.toml").write_text("")
    (reference / "headlines.toml").write_text("")
    load_reference(migrated_warehouse, reference)
    start_run(migrated_warehouse, "offline", START)
    return publish(migrated_warehouse, home, "r1") / "observatory.duckdb"


def test_all_columns_of_all_rows_in_one_order(published):
    frame = read_view(published, "frameworks")
    assert list(frame.columns) == [
        "framework", "title", "is_deep_learning", "repositories", "packages", "note", "kind", "place", "runs_on",
        "criterion",
    ]  # fmt: skip
    assert list(frame["framework"]) == ["jax", "none", "pytorch"]
    assert list(read_view(published, "frameworks", order_by=["is_deep_learning"])["framework"]) == [
        "none",
        "jax",
        "pytorch",
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"framework": "jax"}, ["jax"]),
        ({"framework": ["jax", "none", "unheard"]}, ["jax", "none"]),
        ({"framework": {"pytorch", "jax"}, "is_deep_learning": True}, ["jax", "pytorch"]),
        ({"framework": []}, []),
        ({"note": None, "is_deep_learning": False}, ["none"]),
        ({"framework": "x' or 'x' = 'x"}, []),
    ],
)
def test_rows_can_be_chosen(published, where, expected):
    assert list(read_view(published, "frameworks", where)["framework"]) == expected


def test_a_view_of_a_series_can_be_read(published):
    assert "no_interval_reason" in read_view(published, "metric.survey_kaggle", {"framework": "jax"}).columns


def test_types_do_not_depend_on_the_rows(published):
    for where in ({}, {"mode": "nothing like it"}):
        frame = read_view(published, "run_history", where)
        kinds = frame.dtypes.astype(str).to_dict()
        assert kinds["started_at"] == kinds["finished_at"] == "datetime64[us]"
        assert kinds["run_seconds"] == kinds["records"] == "Int64"
        assert kinds["message"] == "object"
    shares = read_view(published, "adoption")
    assert shares["share"].dtype == np.float64
    assert str(shares["is_preliminary"].dtype) == "boolean"


def test_nulls_stay_nulls_and_counts_stay_whole(published):
    row = read_view(published, "run_history").iloc[0]
    assert row["finished_at"] is pd.NaT
    assert row["run_seconds"] is pd.NA
    assert row["message"] is None
    assert row["records"] == 0
    assert row["started_at"] == pd.Timestamp(START).tz_localize(None)


def test_one_process_may_read_several_times_at_once(published):
    with open_published(published) as first:
        with open_published(published) as second:
            assert second.execute("select count(*) from frameworks").fetchall() == [(3,)]
            assert len(read_view(published, "frameworks")) == 3
        assert first.execute("select count(*) from frameworks").fetchall() == [(3,)]
    with ThreadPoolExecutor(8) as threads:
        frames = list(threads.map(lambda _: read_view(published, "frameworks"), range(64)))
    assert all(frame.equals(frames[0]) for frame in frames)


def test_an_unknown_view_or_column_is_answered_with_those_there_are(published):
    with pytest.raises(BadInput, match=r"no view adoptoin; there are .*adoption, "):
        read_view(published, "adoptoin")
    with pytest.raises(BadInput, match=r"no view ref\.framework"):
        read_view(published, "ref.framework")
    for arguments in ({"where": {"nam": 1}}, {"order_by": ["nam"]}):
        with pytest.raises(BadInput, match="no column nam; it has framework, title"):
            read_view(published, "frameworks", **arguments)


def test_the_dictionary_tells_every_view_and_column(published):
    entries = read_dictionary(published)
    assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)
    with open_published(published) as connection:
        rows = connection.execute(
            "select case when schema_name = 'main' then '' else schema_name || '.' end || table_name as name, "
            "list(column_name order by column_index) from duckdb_columns() "
            "where schema_name in ('main', 'metric', 'claim_test') and not internal group by name order by name"
        ).fetchall()
    assert [(entry.name, [column.name for column in entry.columns]) for entry in entries] == rows
    assert all(entry.comment and column.comment and column.type for entry in entries for column in entry.columns)


def test_a_figure_goes_from_record_to_frame(warehouse, tmp_path):
    """Two entries of one round: three name PyTorch alone, one TensorFlow alone."""
    stamp = {"source_id": "mlperf_training", "page_sha256": "a" * 64, "seen_at": datetime(2025, 6, 1, tzinfo=UTC)}
    entries = [
        CompetitionEntry(
            **stamp,
            competition="MLPerf Training",
            round="v5.0",
            round_year=2025,
            entry_group="all entries",
            label_set=labels,
            entries_count=count,
        )
        for labels, count in [("pytorch", 3), ("tensorflow", 1)]
    ]
    load_records(warehouse, CompetitionEntry, entries)
    entry = SourceEntry(
        source_id="mlperf_training", title="M", public_address="x", licence="x", attribution="x", as_of=date(2025, 6, 1)
    )
    load_source_entries(warehouse, [entry])
    published = publish(warehouse, tmp_path, "r1") / "observatory.duckdb"
    shares = read_view(published, "adoption", {"series_id": "mlperf.training_entries"}, ["framework"])
    assert list(zip(shares["framework"], shares["n"], shares["base"], shares["share"], strict=True)) == [
        ("pytorch", 3, 4, 0.75),
        ("tensorflow", 1, 4, 0.25),
    ]
