"""Loading records: what is stored is what was given, the newest sight wins, and repeating changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ContractBroken
from pipeline.records import DownloadWindow, PaperLabel, Record, RepositoryDay, SurveyCount
from pipeline.warehouse.load import (
    LoadCount,
    SourceEntry,
    load_records,
    load_snapshot,
    load_source_entries,
    load_source_records,
)

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def day(number, **changes):
    facts = {
        "source_id": "stars",
        "page_sha256": "a" * 64,
        "seen_at": T0,
        "repository": "pytorch/pytorch",
        "listed_as": "pytorch/pytorch",
        "observed_on": date(2025, 1, number),
        "stars_count": 100,
        "forks_count": None,
    }
    return RepositoryDay(**{**facts, **changes})


def label(subject, framework="pytorch", **changes):
    facts = {
        "source_id": "links",
        "page_sha256": "b" * 64,
        "seen_at": T0,
        "subject_id": subject,
        "paper_id": subject,
        "venue": None,
        "subject_year": None,
        "repository": None,
        "is_official": None,
        "tier": "code_label",
        "framework": framework,
        "ruleset_id": "rules",
    }
    return PaperLabel(**{**facts, **changes})


def stored(connection, record=RepositoryDay):
    columns = ", ".join(record.model_fields)
    rows = connection.execute(f"select {columns} from {record.table} order by {', '.join(record.key)}").fetchall()
    return [record(**dict(zip(record.model_fields, map(aware, row), strict=True))) for row in rows]


def aware(value):
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def entry(source_id="stars", as_of=date(2026, 1, 1), **changes):
    texts = dict.fromkeys(["title", "public_address", "licence", "attribution"], "x")
    return SourceEntry(source_id=source_id, as_of=as_of, **{**texts, **changes})


def ship(connection, records, **changes):
    return load_snapshot(connection, entry(**changes), [(RepositoryDay, records)])


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)
MOMENT = st.integers(0, 4 * 10**15).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)

labels = st.builds(
    PaperLabel,
    source_id=TEXT,
    page_sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    seen_at=MOMENT,
    subject_id=TEXT,
    paper_id=TEXT,
    venue=st.none() | TEXT,
    subject_year=st.none() | st.integers(1950, 2100),
    repository=st.none() | TEXT,
    is_official=st.none() | st.booleans(),
    tier=st.sampled_from(["mention", "import", "dependency", "code_label"]),
    framework=TEXT,
    ruleset_id=TEXT,
)
survey_counts = st.builds(
    SurveyCount,
    source_id=TEXT,
    page_sha256=st.just("c" * 64),
    seen_at=MOMENT,
    survey=TEXT,
    edition_year=st.integers(1950, 2100),
    respondent_group=TEXT,
    option_label=TEXT,
    framework=st.none() | TEXT,
    respondents_count=st.none() | st.integers(0, 1000),
    question_count=st.none() | st.integers(1000, 2**31 - 1),
    published_fraction=st.floats(0, 1),
    is_preliminary=st.booleans(),
    wording_id=TEXT,
)
windows = st.builds(
    DownloadWindow,
    source_id=TEXT,
    page_sha256=st.just("d" * 64),
    seen_at=MOMENT,
    package=TEXT,
    client_scope=TEXT,
    window_start=st.just(date(1, 1, 1)),
    window_end=st.dates(),
    downloads_count=st.integers(0, 10**15),
    counting_system=TEXT,
)


def keyed(records):
    return {tuple(getattr(record, name) for name in record.key): record for record in records}


@SHARED
@given(
    st.one_of(
        *(
            st.lists(kind, max_size=8, unique_by=lambda r: tuple(getattr(r, k) for k in r.key))
            for kind in (labels, survey_counts, windows)
        )
    )
)
def test_what_is_stored_is_what_was_given(warehouse, empty_tables, records):
    empty_tables(warehouse)
    kind = type(records[0]) if records else PaperLabel
    assert load_records(warehouse, kind, records) == LoadCount(inserted=len(records))
    assert keyed(stored(warehouse, kind)) == keyed(records)


# Few keys and few moments, so that the same key comes often.
sights = st.lists(
    st.builds(
        day,
        st.integers(1, 3),
        seen_at=st.integers(0, 5).map(lambda hours: T0 + timedelta(hours=hours)),
        stars_count=st.integers(0, 3),
        forks_count=st.none() | st.integers(0, 1),
    ),
    max_size=8,
)


@SHARED
@given(sights)
def test_loading_twice_changes_nothing(warehouse, empty_tables, records):
    empty_tables(warehouse)
    load_records(warehouse, RepositoryDay, records)
    once = stored(warehouse)
    assert load_records(warehouse, RepositoryDay, records) == LoadCount(unchanged=len(once))
    assert stored(warehouse) == once


@SHARED
@given(sights, st.randoms(use_true_random=False))
def test_the_order_within_a_load_is_irrelevant(warehouse, empty_tables, records, random):
    empty_tables(warehouse)
    load_records(warehouse, RepositoryDay, records)
    expected = stored(warehouse)
    empty_tables(warehouse)
    load_records(warehouse, RepositoryDay, random.sample(records, len(records)))
    assert stored(warehouse) == expected


@SHARED
@given(sights.map(lambda records: list({(r.observed_on, r.seen_at): r for r in records}.values())), st.data())
def test_the_order_of_loads_is_irrelevant_and_the_newest_sight_wins(warehouse, empty_tables, records, data):
    empty_tables(warehouse)
    rest = data.draw(st.permutations(records))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        load_records(warehouse, RepositoryDay, rest[:size])
        rest = rest[size:]
    newest = {}
    for record in sorted(records, key=lambda r: r.seen_at):
        newest[record.observed_on] = record
    assert {record.observed_on: record for record in stored(warehouse)} == newest


def test_counts_tell_what_changed(warehouse):
    load_records(warehouse, RepositoryDay, [day(1), day(2), day(3)])
    later = T0 + timedelta(hours=1)
    count = load_records(
        warehouse,
        RepositoryDay,
        [day(1), day(2, stars_count=7, seen_at=later), day(3, stars_count=9, seen_at=T0 - timedelta(1)), day(4)],
    )
    assert count == LoadCount(inserted=1, updated=1, unchanged=2)
    assert [record.stars_count for record in stored(warehouse)] == [100, 7, 100, 100]


def test_at_the_same_moment_a_later_load_replaces(warehouse):
    load_records(warehouse, RepositoryDay, [day(1)])
    assert load_records(warehouse, RepositoryDay, [day(1, stars_count=5)]).updated == 1
    assert stored(warehouse) == [day(1, stars_count=5)]


def test_a_value_can_become_null_and_back(warehouse):
    load_records(warehouse, RepositoryDay, [day(1, forks_count=1)])
    assert load_records(warehouse, RepositoryDay, [day(1)]).updated == 1
    assert load_records(warehouse, RepositoryDay, [day(1, forks_count=1)]).updated == 1
    assert stored(warehouse) == [day(1, forks_count=1)]


def test_a_moment_of_another_zone_is_stored_in_utc(warehouse):
    load_records(warehouse, RepositoryDay, [day(1, seen_at=datetime.fromisoformat("2026-01-01T09:00:00+09:00"))])
    assert warehouse.execute("select seen_at::varchar from core.repository_day").fetchall() == [
        ("2026-01-01 00:00:00",)
    ]


def test_a_value_far_down_a_column_of_nulls_keeps_its_type(warehouse):
    records = [label(f"p{number}") for number in range(20_000)]
    records[12_345] = label("p12345", venue="CVPR", subject_year=2020, is_official=False)
    assert load_records(warehouse, PaperLabel, records).inserted == 20_000
    rows = warehouse.execute("select venue, subject_year, is_official from core.paper_label where venue is not null")
    assert rows.fetchall() == [("CVPR", 2020, False)]


def test_a_row_that_breaks_a_rule_of_the_table_is_named_and_nothing_is_stored(warehouse):
    backwards = DownloadWindow.model_construct(
        source_id="index",
        page_sha256="a" * 64,
        seen_at=T0,
        package="torch",
        client_scope="all clients",
        window_start=date(2025, 2, 1),
        window_end=date(2025, 1, 1),
        downloads_count=1,
        counting_system="x",
    )
    with pytest.raises(ContractBroken, match=r"CHECK constraint failed .*report this message"):
        load_source_records(warehouse, [(RepositoryDay, [day(1)]), (DownloadWindow, [backwards])])
    assert stored(warehouse) == []


class Unmatched(Record):
    table = "core.repository_day"
    key = ("source_id",)


class Homeless(Record):
    table = "core.nowhere"
    key = ("source_id",)


@pytest.mark.parametrize(("kind", "message"), [(Unmatched, "different columns"), (Homeless, "no table core.nowhere")])
def test_a_record_that_does_not_fit_its_table_is_our_own_mistake(warehouse, kind, message):
    with pytest.raises(ContractBroken, match=message):
        load_records(warehouse, kind, [])


def test_a_snapshot_replaces_the_one_before(warehouse):
    ship(warehouse, [day(1), day(2), day(3)])
    after = ship(warehouse, [day(1), day(2, stars_count=5)])
    assert after == LoadCount(updated=1, unchanged=1, removed=1)
    assert stored(warehouse) == [day(1), day(2, stars_count=5)]
    assert ship(warehouse, [day(1), day(2, stars_count=5)]) == LoadCount(unchanged=2)


def test_a_snapshot_leaves_other_sources_and_newer_live_rows(warehouse):
    live = datetime(2026, 3, 1, tzinfo=UTC)
    others = [day(1, source_id="another"), day(2, seen_at=live, stars_count=500), day(9, seen_at=live)]
    load_records(warehouse, RepositoryDay, others)
    assert ship(warehouse, [day(1), day(2)]) == LoadCount(inserted=1, unchanged=1)
    assert stored(warehouse) == [others[0], day(1), *others[1:]]


def test_a_withdrawn_snapshot_gives_way_to_an_older_one(warehouse):
    later = datetime(2026, 2, 1, tzinfo=UTC)
    ship(warehouse, [day(1, seen_at=later), day(2, seen_at=later)], as_of=date(2026, 2, 1))
    ship(warehouse, [day(1, stars_count=3)], as_of=date(2026, 1, 1))
    assert stored(warehouse) == [day(1, stars_count=3)]


def test_a_kind_that_a_snapshot_no_longer_ships_is_removed(warehouse):
    load_snapshot(warehouse, entry(), [(RepositoryDay, [day(1)]), (PaperLabel, [label("p", source_id="stars")])])
    assert ship(warehouse, [day(1)]) == LoadCount(unchanged=1, removed=1)


def test_two_files_of_one_kind_are_one_snapshot(warehouse):
    files = [(RepositoryDay, [day(1)]), (RepositoryDay, [day(2)])]
    assert load_snapshot(warehouse, entry(), files).inserted == 2
    assert load_snapshot(warehouse, entry(), files) == LoadCount(unchanged=2)


def test_a_source_that_fails_is_left_as_it_was(warehouse):
    ship(warehouse, [day(1)])

    def broken():
        yield day(2)
        raise ContractBroken("the file ends early")

    with pytest.raises(ContractBroken, match="ends early"):
        ship(warehouse, broken(), title="another title")
    assert stored(warehouse) == [day(1)]
    assert warehouse.execute("select title from ref.source").fetchall() == [("x",)]


def test_the_entry_of_a_source_are_replaced(warehouse):
    load_source_entries(warehouse, [entry(), entry("b")])
    load_source_entries(warehouse, [entry(licence="MIT")])
    assert warehouse.execute("select source_id, licence from ref.source order by 1").fetchall() == [
        ("b", "x"),
        ("stars", "MIT"),
    ]


def test_a_load_that_is_staged_in_several_pieces_keeps_the_newest_row_of_each_key(warehouse, monkeypatch):
    monkeypatch.setattr("pipeline.warehouse.staging._STAGED_ROWS", 2)
    later = T0 + timedelta(days=1)
    rows = [day(1), day(2), day(3), day(1, seen_at=later, stars_count=7), day(3, stars_count=50)]
    assert load_records(warehouse, RepositoryDay, iter(rows)).inserted == 3
    assert stored(warehouse) == [day(1, seen_at=later, stars_count=7), day(2), day(3)]
