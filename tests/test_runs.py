"""The run's own account: ids, interruptions, sources, refused rows, and what source_health makes of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.errors import ContractBroken
from pipeline.records import RECORDS, RepositoryDay
from pipeline.records.collected import Reject
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries
from pipeline.warehouse.runs import (
    SourceRun,
    finish_run,
    record_source_run,
    replace_rejects,
    start_run,
)


def history(connection):
    return connection.execute("select run_id, outcome, message from run_history order by run_id").fetchall()


def test_a_run_has_its_start_for_a_name_and_no_two_share_it(warehouse, now):
    assert [start_run(warehouse, "offline", now) for _ in range(3)] == [
        "20260115T120000Z",
        "20260115T120000Z-2",
        "20260115T120000Z-3",
    ]
    assert start_run(warehouse, "offline", now - timedelta(days=1)) == "20260114T120000Z"


def test_a_clock_that_jumps_back_makes_no_run_older_than_the_one_before(warehouse, now):
    start_run(warehouse, "offline", now)
    second = start_run(warehouse, "offline", now - timedelta(hours=1))
    finish_run(warehouse, second, "complete", now - timedelta(minutes=59))
    newest = "select run_id, run_seconds from run_history where started_at = newest_run_started_at()"
    assert warehouse.execute(newest).fetchall() == [(second, 0)]


def test_a_run_that_never_ended_is_marked_by_the_next(warehouse, now):
    first = start_run(warehouse, "offline", now)
    assert history(warehouse) == [(first, "running", None)]
    second = start_run(warehouse, "offline", now + timedelta(hours=1))
    finish_run(warehouse, second, "with gaps", now + timedelta(hours=1, seconds=7), "one source failed")
    start_run(warehouse, "offline", now + timedelta(hours=2))
    assert [row[1] for row in history(warehouse)] == ["interrupted", "with gaps", "running"]
    assert warehouse.execute("select run_seconds from run_history where outcome = 'with gaps'").fetchall() == [(7,)]


def test_only_a_run_that_was_started_is_finished(warehouse, now):
    with pytest.raises(ContractBroken, match="no run nowhere"):
        finish_run(warehouse, "nowhere", "complete", now)


def test_refused_rows_of_a_page_are_replaced_when_it_is_read_again(warehouse, now):
    def row(page, locator, reason="no date"):
        return Reject(source_id="s", page_sha256=page * 64, locator=locator, reason=reason, seen_at=now)

    replace_rejects(warehouse, "s", ["a" * 64, "b" * 64], [row("a", "1"), row("a", "2"), row("b", "1"), row("b", "1")])
    replace_rejects(warehouse, "s", ["a" * 64], [row("a", "2", "still no date")])
    replace_rejects(warehouse, "another", ["b" * 64], [])
    assert warehouse.execute("select page_sha256[1], locator, reason from rejects order by all").fetchall() == [
        ("a", "2", "still no date"),
        ("b", "1", "no date"),
    ]


def stars(seen_at):
    return RepositoryDay(
        source_id="s",
        page_sha256="a" * 64,
        seen_at=seen_at,
        repository="a/b",
        listed_as="a/b",
        observed_on=date(2025, 1, 1),
        stars_count=1,
        forks_count=1,
    )


# What the runs recorded, newest last, whether records are held, and the state that follows.
STATES = [
    ([], False, "missing"),
    (["failed"], False, "failed"),
    (["archived"], True, "archived"),
    (["archived", "archived"], True, "archived"),
    (["live"], True, "live"),
    (["archived", "failed"], True, "stale"),
    (["live", "failed"], True, "stale"),
    (["live", "archived"], True, "stale"),
    (["live", None], True, "stale"),
    (["failed", "live"], True, "live"),
]


@pytest.mark.parametrize(("states", "holds_records", "expected"), STATES)
def test_the_state_of_a_source(warehouse, now, states, holds_records, expected):
    entry = SourceEntry(
        source_id="s", title="S", public_address="x", licence="x", attribution="x", as_of=date(2025, 12, 1)
    )
    load_source_entries(warehouse, [entry])
    if holds_records:
        load_records(warehouse, RepositoryDay, [stars(datetime(2026, 1, 1, tzinfo=UTC))])
    for hours, state in enumerate(states):
        run_id = start_run(warehouse, "all", now + timedelta(hours=hours))
        if state is not None:
            message = "it said no" if state == "failed" else None
            record_source_run(
                warehouse, run_id, SourceRun(source_id="s", state=state, records_count=1, message=message)
            )
    found = warehouse.execute("select state, as_of, age_days, records, message, remedy from source_health").fetchall()
    state, as_of, age_days, records, message, remedy = found[0]
    assert (len(found), state, records) == (1, expected, int(holds_records))
    assert (as_of, age_days) == ((date(2026, 1, 1), 14) if holds_records else (None, None))
    assert (message is None) == (state in {"live", "archived"})
    if states[-1:] == ["failed"]:
        assert message == "it said no"
    if state in {"missing", "stale"} and states[-1:] != ["failed"]:
        assert remedy.startswith("Run `observatory run`")


def test_every_kind_of_record_counts_for_its_source(warehouse):
    """A new kind of record is a line in source_health, or its source would look as if it held nothing."""
    sql = warehouse.execute("select sql from duckdb_views() where view_name = 'source_health'").fetchall()[0][0]
    collected = {record.table for record in RECORDS if not record.table.startswith("core.derived_")}
    assert {table for table in collected if f"{table} " in sql} == collected
