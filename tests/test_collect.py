"""Collecting a source end to end: real server, real files, real database. Nothing lost, nothing doubled."""

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer, wait_until, with_etag
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sample_source import ADDRESS, SAMPLE, SampleService, page_of, parse, row

from pipeline.collect.batch import drift_reason
from pipeline.collect.context import CollectContext, CollectOutcome, CollectState
from pipeline.collect.engine import any_reachable, collect, offline, prune, replay
from pipeline.errors import ContractBroken
from pipeline.fetch.addresses import Key
from pipeline.fetch.page import Request
from pipeline.fetch.transport import RateLimits
from pipeline.records.collected import Checkpoint, Reject, TableProfile
from pipeline.settings import Settings
from pipeline.sources.source import Source, day, months, whole_year
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.runs import WarehouseCollectionStore

ROWS = (
    "select repository, listed_as, observed_on, stars_count, forks_count, source_id, page_sha256 "
    "from core.repository_day"
)


class Office:
    """One home folder with its warehouse, one service, and a clock that can be set."""

    def __init__(self, home: Path, server: FaultServer, connection, now: datetime) -> None:
        self.server = server
        self.service = SampleService.of(6, 150)
        server.respond = lambda asked: self.service.respond(asked)  # noqa: PLW0108 — a test may set another service
        self.connection = connection
        self.now = now
        self.settings = Settings(
            home=home,
            source_urls={"sample": server.address + "/api"},
            read_seconds=0.4,
            retries_count=1,
            github_token=SecretStr("s3cret"),
        )
        self.collection_store = WarehouseCollectionStore(connection)
        self.waits: list[float] = []

    @property
    def context(self) -> CollectContext:
        return CollectContext(
            settings=self.settings,
            collection_store=self.collection_store,
            rate_limits=RateLimits(),
            now=lambda: self.now,
            sleep=self.waits.append,
        )

    def collect(self, source: Source = SAMPLE, *, accept: bool = False) -> CollectOutcome:
        return collect(source, self.context, accept=accept)

    def rows(self, sql: str = ROWS) -> list[tuple]:
        return sorted(self.connection.execute(sql).fetchall(), key=repr)

    def expected_count(self) -> int:
        return sum(len(rows) for rows in self.service.rows.values())

    def requests(self, action) -> list[Asked]:
        before = len(self.server.asked)
        action()
        return self.server.asked[before:]


@pytest.fixture
def office(tmp_path: Path, now, warehouse) -> Iterator[Office]:
    with FaultServer() as server:
        yield Office(tmp_path, server, warehouse, now)


def spoiled(office: Office, month: str, start: int, *answers: Answer) -> None:
    """Answer one page with faults first."""
    left = list(answers)

    def respond(asked: Asked) -> Answer:
        if (asked.params["month"], asked.params["start"]) == (month, str(start)) and left:
            return left.pop(0)
        return office.service.respond(asked)

    office.server.respond = respond


# ---- the plain way --------------------------------------------------------------------------------------------------


def test_every_row_is_loaded_with_the_page_that_it_came_from(office) -> None:
    outcome = office.collect()
    assert (outcome.state, outcome.records_count, outcome.windows_count) == (CollectState.COLLECTED, 6 * 150, 6)
    assert outcome.message is None
    assert len(office.rows()) == office.expected_count()
    pages = office.rows(
        "select distinct page.address, page.status from core.repository_day "
        "join ops.page page using (source_id, page_sha256)"
    )
    assert len(pages) == office.service.pages_count
    assert pages[0][0].startswith("https://service.example/api/items?")


def test_a_second_run_asks_only_what_can_have_changed_and_only_conditionally(office) -> None:
    first = office.requests(office.collect)
    assert len(first) == office.service.pages_count
    held = office.rows("select * from core.repository_day")
    second = office.requests(lambda: office.collect().state is CollectState.UNCHANGED or pytest.fail("changed"))
    assert [asked.params["month"] for asked in second] == ["2026-01", "2026-01"]
    assert all(asked.is_conditional for asked in second)
    assert office.rows("select * from core.repository_day") == held


def test_where_every_window_stays_open_a_second_run_is_304s_alone(office) -> None:
    source = dataclasses.replace(SAMPLE, settle_days=10_000)
    office.collect(source)
    second = office.collect(source)
    assert second.state is CollectState.UNCHANGED
    assert second.requests_count == second.unchanged_count == office.service.pages_count


def test_what_is_new_is_added_and_what_changed_is_changed(office) -> None:
    office.collect()
    office.service.rows["2026-01"] += [row("2026-01", number) for number in range(150, 250)]
    office.service.rows["2026-01"][140]["stars"] = 277
    office.now += timedelta(days=1)
    outcome = office.collect()
    assert (outcome.state, outcome.windows_count) == (CollectState.COLLECTED, 1)
    assert len(office.rows()) == office.expected_count()
    assert office.rows("select count(*) from core.repository_day where stars_count = 277") == [(1,)]


def test_a_replay_gives_the_same_rows_without_the_network(office) -> None:
    office.collect()
    office.service.rows["2026-01"][140]["stars"] = 277
    office.now += timedelta(days=1)
    office.collect()
    held = office.rows("select * from core.repository_day")
    office.connection.execute("delete from core.repository_day; delete from ops.checkpoint; delete from ops.page")
    replayed: list[CollectOutcome] = []
    assert office.requests(lambda: replayed.append(replay(SAMPLE, office.context))) == []
    assert replayed[0].state is CollectState.COLLECTED
    assert office.rows("select * from core.repository_day") == held
    assert [asked.params["month"] for asked in office.requests(office.collect)] == ["2026-01", "2026-01"]


def test_a_replay_on_top_of_the_live_rows_changes_nothing(office) -> None:
    office.collect()
    held = office.rows("select * from core.repository_day")
    replay(SAMPLE, office.context)
    assert office.rows("select * from core.repository_day") == held


def test_a_replay_without_its_answers_says_so(office) -> None:
    office.collect()
    next((office.settings.raw_folder / "pages").rglob("*" * 1 + "/*")).unlink()
    outcome = replay(SAMPLE, office.context)
    assert outcome.state is CollectState.INCOMPLETE
    assert "gone or damaged" in outcome.message


# ---- what is left of old answers ------------------------------------------------------------------------------------


def pruned(office: Office, days: int, source: Source = SAMPLE) -> list[Path]:
    """Drop what is old in so many days, and return the answers that are left."""
    office.now += timedelta(days=days)
    prune(source, office.context)
    office.context.raw_store.sweep()
    return [file for file in office.settings.raw_folder.glob("pages/??/*") if file.is_file()]


def test_old_answers_are_dropped_and_every_row_stays(office) -> None:
    office.service.rows["2025-09"][3]["stars"] = "many"
    office.collect()
    office.service.rows["2026-01"][140]["stars"] = 277
    office.now += timedelta(days=20)
    office.collect()
    held, rejects = office.rows("select * from core.repository_day"), office.rows("select * from ops.reject")
    assert rejects
    kept_count = len(pruned(office, 69))
    # The run of twenty days later is within the ninety, so its months are there as they were answered.
    assert 0 < len(pruned(office, 10)) < kept_count
    again: list[CollectOutcome] = []
    assert office.requests(lambda: again.append(replay(SAMPLE, office.context))) == []
    assert again[0].state is CollectState.COLLECTED
    (note,) = again[0].notes
    assert note == "The answers of 5 windows were dropped for their age; their rows stay."
    assert pruned(office, 90) == []
    assert replay(SAMPLE, office.context).records_count == 0
    assert office.rows("select * from core.repository_day") == held
    assert office.rows("select * from ops.reject") == rejects
    assert min(asked.params["month"] for asked in office.requests(office.collect)) == "2026-02"


def test_answers_whose_rows_are_not_on_file_are_never_dropped(office) -> None:
    office.collect()
    left = pruned(office, 0)
    office.connection.execute("delete from ops.checkpoint where window_id <> '2025-08'")
    assert 0 < len(pruned(office, 100)) < len(left)
    office.connection.execute("delete from core.repository_day")
    assert replay(SAMPLE, office.context).windows_count == 5


def test_what_a_person_may_still_accept_is_not_dropped(office) -> None:
    office.collect()
    office.service.rows["2026-01"] = office.service.rows["2026-01"][:20]
    office.now += timedelta(days=1)
    assert office.collect().state is CollectState.QUARANTINED
    assert len(pruned(office, 100)) == 1
    assert office.collect(accept=True).records_count == 20


# ---- faults ---------------------------------------------------------------------------------------------------------

LASTING = [
    ("429", [Answer(b"Rate exceeded.", 429, content_type="text/plain")] * 2, CollectState.UNREACHABLE),
    ("429 for hours", [Answer(status=429, headers={"Retry-After": "54000"})], CollectState.UNREACHABLE),
    ("500", [Answer(status=500)] * 2, CollectState.UNREACHABLE),
    ("504", [Answer(status=504)] * 2, CollectState.UNREACHABLE),
    ("no answer", [Answer(hangs_up=True)] * 2, CollectState.UNREACHABLE),
    ("stall", [Answer(b'{"total": 1', stalls_after=5)] * 2, CollectState.UNREACHABLE),
    ("cut body", [Answer(b'{"total": 1' * 9, sent_bytes=20)] * 2, CollectState.UNREACHABLE),
    ("403", [Answer(b"{}", 403)], CollectState.REFUSED),
    ("401", [Answer(b"{}", 401)], CollectState.REFUSED),
    ("404", [Answer(b"<html>", 404, content_type="text/html")], CollectState.REFUSED),
    ("HTML", [Answer(b"<html>", content_type="text/html")], CollectState.LAYOUT_CHANGED),
    ("no JSON", [Answer(b'{"total": 150, "items": [{"na')], CollectState.LAYOUT_CHANGED),
    ("bad encoding", [Answer(b'{"total": 150, "items": [{"name": "\xff"}]}')], CollectState.LAYOUT_CHANGED),
    ("200 with errors", [Answer(b'{"errors": [{"message": "no"}]}')], CollectState.LAYOUT_CHANGED),
    ("empty page", [Answer(b'{"total": 150, "items": []}')] * 3, CollectState.INCOMPLETE),
    (
        "page repeated",
        [Answer(json.dumps({"total": 150, "items": [row("2025-10", 0)]}).encode())],
        CollectState.INCOMPLETE,
    ),
]


@pytest.mark.parametrize(("answers", "state"), [case[1:] for case in LASTING], ids=[case[0] for case in LASTING])
def test_a_fault_in_the_middle_ends_clearly_and_the_next_run_heals_it(office, answers, state) -> None:
    spoiled(office, "2025-10", 100, *answers)
    outcome = office.collect()
    assert outcome.state is state
    assert outcome.is_failure
    assert outcome.message.endswith((".", ".)"))
    assert office.rows("select count(*) from core.repository_day where observed_on = '2025-10-01'") == [(0,)]
    assert office.rows("select count(*) from core.repository_day where observed_on < '2025-10-01'") == [(300,)]
    healed = office.collect()
    assert healed.state is CollectState.COLLECTED
    assert len(office.rows()) == office.expected_count()


def test_what_was_fetched_before_a_passing_fault_is_not_fetched_again(office) -> None:
    spoiled(office, "2025-10", 100, *[Answer(status=503)] * 2)
    office.collect()
    asked = office.requests(office.collect)
    assert (asked[0].params["month"], asked[0].params["start"]) == ("2025-10", "100")


def test_a_page_that_was_no_good_is_not_believed_again(office) -> None:
    bad = Answer(b'{"total": 150, "items": [{"na', headers={"ETag": '"bad"'})
    spoiled(office, "2025-10", 100, bad)
    office.collect()
    asked = office.requests(office.collect)
    assert [each.params["start"] for each in asked if each.params["month"] == "2025-10"] == ["0", "100"]
    assert not any(each.is_conditional for each in asked if each.params["month"] == "2025-10")


def test_one_faulty_window_does_not_keep_the_others_from_being_loaded(office) -> None:
    spoiled(office, "2025-10", 0, Answer(b"<html>", content_type="text/html"))
    outcome = office.collect()
    assert outcome.windows_count == 5
    assert len(office.rows()) == office.expected_count() - 150


def test_a_service_that_has_changed_altogether_is_not_asked_for_every_window(office) -> None:
    office.server.respond = lambda asked: Answer(b'{"data": []}')
    outcome = office.collect()
    assert outcome.state is CollectState.LAYOUT_CHANGED
    assert "2 more windows" in outcome.message
    assert len(office.server.asked) == 3


def test_a_long_history_comes_in_over_several_runs_newest_first(office) -> None:
    few = dataclasses.replace(SAMPLE, windows_most=2)
    months = []
    for _ in range(3):
        outcome = office.collect(few)
        assert outcome.state is CollectState.COLLECTED
        months.append(office.rows("select count(distinct observed_on) from core.repository_day"))
    assert months == [[(2,)], [(4,)], [(6,)]]
    assert len(office.rows()) == office.expected_count()


def test_a_long_address_does_not_bury_what_is_said_of_it(office) -> None:
    asking = dataclasses.replace(
        SAMPLE, starts=lambda window, has_key: [Request(url=f"{ADDRESS}/items", params=(("query", "x" * 900),))]
    )
    office.server.respond = lambda asked: Answer(b"{}", 403)
    message = office.collect(asking).message
    assert len(message) < 250
    assert "…" in message
    assert message.endswith("look at the service's terms.")


def test_nobody_else_is_harmed_by_a_source_that_fails(office) -> None:
    office.collect()
    held = office.rows()
    office.server.respond = lambda asked: Answer(status=500)
    office.now += timedelta(days=60)
    assert office.collect().state is CollectState.UNREACHABLE
    assert office.rows() == held


def test_an_unknown_field_is_ignored_and_a_missing_one_stops_the_source(office) -> None:
    office.service.rows = {"2025-08": [row("2025-08", number, news=[1]) for number in range(10)]}
    assert office.collect(one_month()).state is CollectState.COLLECTED
    for item in office.service.rows["2025-08"]:
        del item["stars"]
    outcome = office.collect(one_month(settle_days=10_000, version=2))
    assert outcome.state is CollectState.UNCHANGED  # final windows are not asked for again
    office.connection.execute("update ops.checkpoint set is_final = false")
    outcome = office.collect(one_month())
    assert outcome.state is CollectState.LAYOUT_CHANGED
    assert "10 of 10 rows are no valid records, the first because of stars: Field required" in outcome.message
    assert len(office.rows()) == 10


def one_month(**more: object) -> Source:
    return dataclasses.replace(SAMPLE, windows=lambda today: months(date(2025, 8, 1), date(2025, 8, 1)), **more)


def test_a_bad_row_is_set_aside_with_its_reason(office) -> None:
    office.service.rows = {"2025-08": [row("2025-08", number) for number in range(60)]}
    office.service.rows["2025-08"][7]["stars"] = -1
    outcome = office.collect(one_month())
    assert (outcome.state, outcome.records_count, outcome.rejects_count) == (CollectState.COLLECTED, 59, 1)
    (reject,) = office.rows("select locator, reason from ops.reject")
    assert reject == ("owner/r2025-08-00007", "stars_count: Input should be greater than or equal to 0")


def test_a_page_with_content_that_yields_nothing_is_an_error(office) -> None:
    silent = dataclasses.replace(SAMPLE, parse=lambda page: [])
    outcome = office.collect(silent)
    assert outcome.state is CollectState.LAYOUT_CHANGED
    assert "bytes but no row" in outcome.message


def test_a_window_that_is_truly_empty_is_none(office) -> None:
    office.service.rows = {}
    assert office.collect().state is CollectState.COLLECTED
    assert office.rows() == []


def test_a_record_that_was_not_declared_is_our_own_mistake(office) -> None:
    from pipeline.records import PaperCount

    outcome = office.collect(dataclasses.replace(SAMPLE, records=(PaperCount,)))
    assert outcome.state is CollectState.FAILED
    assert "does not declare" in outcome.message


def test_records_that_appear_on_two_pages_are_loaded_once(office) -> None:
    rows = [row("2025-08", number) for number in range(150)]
    office.service.rows = {"2025-08": [*rows[:140], *rows[90:100], *rows[140:]]}
    outcome = office.collect(one_month())
    assert outcome.state is CollectState.COLLECTED
    assert outcome.notes == ("Sample lists 10 items more than once in window 2025-08; each counts once.",)
    assert len(office.rows()) == 150
    assert len(office.server.asked) == 2 * 3  # the last page is the empty one at which the list ends


def test_a_list_that_moves_while_it_is_read_is_read_again(office) -> None:
    rows = [row("2025-08", number) for number in range(150)]
    office.service.rows = {"2025-08": rows}

    def respond(asked: Asked) -> Answer:
        if len(office.server.asked) == 2:  # a new row has come first, the last is lost from sight
            office.service.rows["2025-08"] = [row("2025-08", 999), *rows]
            moved = json.dumps({"total": 150, "items": [rows[0], *rows[100:149]]}).encode()
            return Answer(moved)
        return office.service.respond(asked)

    office.server.respond = respond
    assert office.collect(one_month()).state is CollectState.COLLECTED
    assert len(office.rows()) == 151


def test_a_rename_is_noted(office) -> None:
    office.server.respond = lambda asked: (
        office.service.respond(asked)
        if asked.path == "/api/moved"
        else Answer(status=301, headers={"Location": asked.target.replace("items", "moved")})
    )
    outcome = office.collect(one_month())
    assert outcome.state is CollectState.COLLECTED
    assert "https://service.example/api/items?month=2025-08" in outcome.notes[0]
    assert "has moved to https://service.example/api/moved" in outcome.notes[0]


def test_a_pause_that_the_answer_asks_for_is_made(office) -> None:
    office.collect(one_month(pause_seconds=lambda page: 11.0))
    assert office.waits == [11.0, 11.0]


def test_a_full_disk_is_a_failure_of_ours_and_the_next_run_goes_on(office) -> None:
    office.settings.raw_folder.mkdir(parents=True)
    (office.settings.raw_folder / "pages").write_text("not a folder")
    outcome = office.collect()
    assert outcome.state is CollectState.FAILED
    assert "cannot be written" in outcome.message
    (office.settings.raw_folder / "pages").unlink()
    assert office.collect().state is CollectState.COLLECTED
    assert len(office.rows()) == office.expected_count()


# ---- keys and no network --------------------------------------------------------------------------------------------


def test_a_missing_key_is_named_and_no_failure(office) -> None:
    keyed = dataclasses.replace(SAMPLE, key=Key(setting="openalex_key", parameter="api_key", is_required=True))
    outcome = office.collect(keyed)
    assert outcome.state is CollectState.NO_KEY
    assert not outcome.is_failure
    assert "set OBSERVATORY_OPENALEX_KEY" in outcome.message
    assert office.server.asked == []


def test_an_optional_key_that_is_set_is_used_and_stored_nowhere(office) -> None:
    keyed = one_month(key=Key(setting="github_token", header="Authorization", prefix="Bearer "))
    office.collect(keyed)
    assert {asked.headers["authorization"] for asked in office.server.asked} == {"Bearer s3cret"}
    for path in office.settings.home.rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes()
    for (table,) in office.rows("select schema_name || '.' || table_name from duckdb_tables()"):
        assert "s3cret" not in repr(office.rows(f"from {table}"))


def test_no_network_is_noticed_before_anything_is_asked(office) -> None:
    assert any_reachable([SAMPLE], office.context)
    office.settings = office.settings.model_copy(update={"source_urls": {}})
    assert not any_reachable([SAMPLE], office.context)
    assert offline(SAMPLE).state is CollectState.OFFLINE
    assert not offline(SAMPLE).is_failure


# ---- quarantine -----------------------------------------------------------------------------------------------------


def shrink(office: Office, rows_count: int) -> None:
    office.service.rows["2026-01"] = office.service.rows["2026-01"][:rows_count]
    office.now += timedelta(days=1)


def test_far_fewer_rows_are_kept_apart_and_the_old_figures_stay(office) -> None:
    office.collect()
    held = office.rows()
    shrink(office, 50)
    outcome = office.collect()
    assert outcome.state is CollectState.QUARANTINED
    assert "window 2026-01 has 50 rows where its last good run had 150" in outcome.message
    assert "`observatory collect sample --accept`" in outcome.message
    assert office.rows() == held
    assert office.rows("select window_id, records_count from ops.quarantine") == [("2026-01", 50)]
    assert len(office.rows("from ops.quarantined_row")) == 50


def test_a_quarantine_ends_when_the_rows_come_back(office) -> None:
    office.collect()
    whole = office.service.rows["2026-01"]
    shrink(office, 50)
    office.collect()
    office.service.rows["2026-01"] = whole
    assert office.collect().state is CollectState.UNCHANGED
    assert office.rows("from ops.quarantine") == office.rows("from ops.quarantined_row") == []


def test_a_quarantine_can_be_accepted_without_asking_again(office) -> None:
    office.collect()
    shrink(office, 50)
    office.collect()
    accepted: list[CollectOutcome] = []
    assert office.requests(lambda: accepted.append(office.collect(accept=True))) == []
    assert accepted[0].state is CollectState.COLLECTED
    assert office.rows("from ops.quarantine") == []
    assert office.collect().state is CollectState.UNCHANGED


def test_a_quarantined_walk_takes_no_part_in_a_replay(office) -> None:
    office.collect()
    held = office.rows()
    shrink(office, 50)
    office.service.rows["2026-01"][0]["stars"] = 999_999
    office.collect()
    replay(SAMPLE, office.context)
    assert office.rows() == held


def test_rows_of_a_new_shape_are_kept_apart(office) -> None:
    office.collect()
    for item in office.service.rows["2026-01"]:
        item["forks"] = None
    outcome = office.collect()
    assert outcome.state is CollectState.QUARANTINED
    assert "core.repository_day has lost its forks_count" in outcome.message


def test_a_new_final_window_is_judged_by_those_before_it(office) -> None:
    office.service.rows["2025-12"] = office.service.rows["2025-12"][:10]
    outcome = office.collect()
    assert outcome.state is CollectState.QUARANTINED
    assert "window 2025-12 has 10 rows where the windows before it had 150" in outcome.message
    assert len(office.rows()) == 5 * 150


def test_a_snapshot_is_judged_by_the_one_before_it(office) -> None:
    office.service.rows = {"2026-01-15": [row("2026-01", n) for n in range(80)], "2026-01-16": [row("2026-01", 1)]}
    source = dataclasses.replace(SAMPLE, windows=day, is_snapshot=True, parse=snapshot)
    assert office.collect(source).state is CollectState.COLLECTED
    assert office.requests(lambda: office.collect(source)) == []
    office.now += timedelta(days=1)
    assert office.collect(source).state is CollectState.QUARANTINED


def snapshot(page):
    about = tuple((name, value[:7] if name == "month" else value) for name, value in page.request.about)
    request = page.request.model_copy(update={"about": about})
    provenance = page.provenance.model_copy(update={"request": request})
    return parse(dataclasses.replace(page, provenance=provenance))


def checkpoint(rows_count: int, filled: int = 0, **more: object) -> Checkpoint:
    profile = {"core.x": TableProfile(rows_count=rows_count, filled_counts={"a": filled})} if rows_count else {}
    return Checkpoint(
        source_id="s",
        window_id="w",
        pagination_id="w@1",
        content_sha256="0",
        records_count=rows_count,
        rejects_count=0,
        profile=profile,
        is_final=True,
        checked_at=datetime(2026, 1, 15, tzinfo=UTC),
        **more,
    )


@given(before=st.integers(0, 500), now=st.integers(0, 500))
def test_growth_is_never_doubted_and_a_loss_of_more_than_half_always_is(before, now) -> None:
    why = drift_reason(checkpoint(now), checkpoint(before), [])
    assert (why is not None) == (now < 0.5 * before)


def test_a_few_rows_have_no_shape(office) -> None:
    assert drift_reason(checkpoint(15, 0), checkpoint(15, 15), []) is None
    assert drift_reason(checkpoint(30, 14), checkpoint(30, 30), []) is not None


# ---- killed processes -----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it is done."""


@pytest.mark.parametrize("moment", ["load", "confirm"])
def test_a_batch_that_was_loaded_just_before_the_end_is_not_loaded_twice(office, monkeypatch, moment) -> None:
    if moment == "confirm":
        office.collect()
    note = office.context.raw_store.__class__.note_state

    def killed_before_the_note(raw_store, source_id, pagination, state, *more):
        if state == "loaded":
            raise Killed
        note(raw_store, source_id, pagination, state, *more)

    with monkeypatch.context() as patch:
        patch.setattr(office.context.raw_store.__class__, "note_state", killed_before_the_note)
        with pytest.raises(Killed):
            office.collect()
    held = office.rows("select * from core.repository_day")
    asked = office.requests(office.collect)
    assert not any(each.params["month"] == "2025-08" for each in asked)
    assert set(held) <= set(office.rows("select * from core.repository_day"))
    assert len(office.rows()) == office.expected_count()


def test_a_batch_cut_short_in_the_ledger_is_handed_over_again(office, monkeypatch) -> None:
    put = WarehouseCollectionStore._put_checkpoint
    calls = count()

    def fails_once(collection_store, checkpoint):
        if next(calls) == 3:
            raise ContractBroken("the disk is gone; mend it.")
        put(collection_store, checkpoint)

    monkeypatch.setattr(WarehouseCollectionStore, "_put_checkpoint", fails_once)
    assert office.collect().state is CollectState.FAILED
    asked = office.requests(lambda: office.collect().state is CollectState.COLLECTED or pytest.fail("not collected"))
    assert asked[0].params["month"] == "2025-12"  # what was kept of 2025-11 is read again, not asked for again
    assert len(office.rows()) == office.expected_count()


def test_an_old_unfinished_walk_is_begun_anew(office) -> None:
    spoiled(office, "2025-10", 100, *[Answer(status=503)] * 2)
    office.collect()
    office.now += timedelta(days=3, minutes=5)
    asked = office.requests(office.collect)
    assert (asked[0].params["month"], asked[0].params["start"]) == ("2025-10", "0")


def test_a_cut_walk_goes_on_in_the_next_nightly_run(office) -> None:
    """At the same hour, a few minutes later than the evening before: that is more than 24 hours."""
    spoiled(office, "2025-10", 100, *[Answer(status=503)] * 2)
    office.collect()
    office.now += timedelta(hours=24, minutes=7)
    asked = office.requests(lambda: office.collect().state is CollectState.COLLECTED or pytest.fail("not collected"))
    assert (asked[0].params["month"], asked[0].params["start"]) == ("2025-10", "100")
    assert len(office.rows()) == office.expected_count()


ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(Path.cwd())])}


def child(home: Path, server: FaultServer) -> subprocess.Popen:
    script = Path(__file__).with_name("collect_child.py")
    return subprocess.Popen(
        [sys.executable, str(script), str(home), server.address + "/api"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def rows_in(home: Path) -> list[tuple]:
    with open_warehouse(Settings(home=home).warehouse_file) as connection:
        return sorted(connection.execute(ROWS).fetchall(), key=repr)


@pytest.mark.slow
def test_killed_at_ten_random_moments_the_rows_are_those_of_an_undisturbed_run(tmp_path) -> None:
    chance = random.Random(20260115)
    service = SampleService.of(5, 2000)
    with FaultServer(service.respond) as server:
        undisturbed = child(tmp_path / "calm", server)
        undisturbed.communicate()
        assert undisturbed.returncode == 0
        asked_count = len(server.asked)
        assert asked_count == service.pages_count + 1  # the present month is empty
        for _ in range(10):
            before = len(server.asked)
            process = child(tmp_path / "killed", server)
            after_requests = chance.randrange(0, 10)
            wait_until(lambda: len(server.asked) - before >= after_requests or process.poll() is not None)  # noqa: B023
            time.sleep(chance.random() / 20)
            process.kill()
            process.wait()
            process.stdout.close()
        last = child(tmp_path / "killed", server)
        output = last.communicate()[0]
        assert last.returncode == 0, output
        assert len(server.asked) < 2 * asked_count + 100
    assert rows_in(tmp_path / "killed") == rows_in(tmp_path / "calm")
    assert len(rows_in(tmp_path / "calm")) == 10_000


# ---- the contract's small parts -------------------------------------------------------------------------------------


def test_windows_cover_every_day_once() -> None:
    found = list(months(date(2024, 11, 20), date(2025, 2, 1)))
    assert [each.window_id for each in found] == ["2024-11", "2024-12", "2025-01", "2025-02"]
    for one, following in pairwise(found):
        assert one.ends_on + timedelta(days=1) == following.starts_on
    assert [whole_year(year).window_id for year in (2019, 2020)] == ["2019", "2020"]


def test_a_reject_names_the_field_and_not_its_content() -> None:
    (found,) = parse(page_of({"total": 1, "items": [{"name": "a", "stars": "s3cret", "forks": None}]}))
    assert isinstance(found, Reject)
    assert found.reason == "stars_count: Input should be a valid integer"


def test_the_pages_of_a_conditional_answer_are_kept_too(office) -> None:
    body = json.dumps({"total": 1, "items": [row("2025-08", 1)]}).encode()
    office.server.respond = lambda asked: with_etag(asked, body, '"one"')
    office.collect(one_month(settle_days=10_000))
    office.collect(one_month(settle_days=10_000))
    states = [pagination.state for pagination in office.context.raw_store.paginations("sample")]
    assert states == ["loaded", "loaded"]
