"""Every source is fed answers that nobody expects, made from its example pages: each outcome is a recorded one."""

import copy
import dataclasses
import json
import re
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sample_source import SAMPLE, row
from source_pages import CASES, Examples, know_recorded, window_of

from pipeline.collect.context import CollectContext, CollectOutcome, CollectState
from pipeline.collect.engine import collect, replay
from pipeline.fetch.transport import RateLimits
from pipeline.records import RECORDS, PeriodCount
from pipeline.settings import Settings
from pipeline.sources.registry import SOURCES, source_named
from pipeline.sources.source import Source
from pipeline.warehouse.checks import run_checks, stop_on_failure
from pipeline.warehouse.load import SourceEntry, load_records, load_source_entries
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.runs import WarehouseCollectionStore, note_checked, start_run
from pipeline.warehouse.staging import column_types

MOMENT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
NESTED = json.loads("[" * 60 + "]" * 60)
ODD = [
    None, True, 0, -1, -(10**30), 10**30, 10**400, 2**31, 1.5, 1e308, "", " ", "0", "-1", "9" * 40, "x" * 10_000,
    "\x00", "Infinity", "2099-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", [], {}, NESTED,
]  # fmt: skip
WORDS = ["", "0", "-1", "2099", "9" * 32, "9999-12-31", "2099-01-01T00:00:00Z", "x" * 10_000, "\x00", "<", '"', ","]


def places_of(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The path of every value within a JSON document, the whole included."""
    yield path
    each = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in each:
        yield from places_of(inner, (*path, name))


def changed_json(draw, body: bytes) -> bytes:
    document = json.loads(body)
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places_of(document))))
        if not path:
            return json.dumps(draw(st.sampled_from(ODD))).encode()
        holder = document
        for name in path[:-1]:
            holder = holder[name]
        how = draw(st.sampled_from(["odd", "odd", "odd", "gone", "twice"]))
        if how == "odd":
            holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif how == "gone":
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]))
    return json.dumps(document).encode()


def changed_text(draw, body: bytes) -> bytes:
    """A number or a word is another one, a stretch is gone, or the end is."""
    stretches = [match.span() for match in re.finditer(rb"[\d.:T-]+|\w+", body[:200_000])]
    if not stretches:
        return draw(st.sampled_from(WORDS)).encode()
    for start, end in sorted(draw(st.lists(st.sampled_from(stretches), min_size=1, max_size=3, unique=True)))[::-1]:
        how = draw(st.sampled_from(["odd", "odd", "gone", "end"]))
        word = draw(st.sampled_from(WORDS)).encode() if how == "odd" else b""
        body = body[:start] + word + (b"" if how == "end" else body[end + 40 * (how == "gone") :])
    return body


def changed(draw, body: bytes) -> bytes:
    is_json = body.lstrip()[:1] in {b"{", b"["} and draw(st.integers(0, 9)) > 0
    try:
        return changed_json(draw, body) if is_json else changed_text(draw, body)
    except json.JSONDecodeError:  # a page that is broken on purpose
        return changed_text(draw, body)


class Odd(Examples):
    """Example pages of which one is sent changed, for as long as it is named."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.other: dict[Path, bytes] = {}

    def answer(self, question: str) -> Answer:
        found = super().answer(question)
        file = self.waiting.get(question)
        # A page that the changed one leads to is none of ours: a service would not have it either.
        return dataclasses.replace(found, body=self.other[file]) if file in self.other else found


class Trial:
    """One source with its example pages, one warehouse, and a home for each example of a property."""

    def __init__(self, server: FaultServer, connection, case_folder: Path) -> None:
        self.name = case_folder.parent.name
        self.case = tomllib.loads((case_folder / "case.toml").read_text())
        window = window_of(self.case)
        self.source = dataclasses.replace(source_named(self.name), windows=lambda today: [window], settle_days=10_000)
        self.server, self.connection, self.folder = server, connection, case_folder

    def context(self, home: Path) -> CollectContext:
        keys = {self.source.key.setting: SecretStr("s3cret")} if self.source.key and self.case.get("has_key") else {}
        files = {self.source.files.setting: home / "files"} if self.source.files else {}
        urls = {self.source.name: self.server.address + "/mirror"}
        return CollectContext(
            settings=Settings(home=home, source_urls=urls, retries_count=0, **keys, **files),
            collection_store=WarehouseCollectionStore(self.connection),
            rate_limits=RateLimits(),
            now=lambda: MOMENT,
            sleep=lambda seconds: None,
        )

    def take(self) -> None:
        # An example is small as it is; making it smaller takes minutes.
        @settings(max_examples=12, phases=[Phase.generate])
        @given(st.data())
        def fed(data) -> None:
            self.feed(data.draw)

        fed()

    def feed(self, draw) -> None:
        pages, (asked_first, *_) = Odd(self.folder), sorted(self.folder.glob("*.body"))
        file = draw(st.sampled_from([asked_first, *pages.waiting.values()])).with_suffix(".url")
        self.connection.execute("delete from ops.checkpoint")
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            context = self.context(home)
            addresses = context.addresses(self.source)

            def respond(asked: Asked) -> Answer:
                question = addresses.as_public(self.server.address + asked.target)
                return pages.answer(f"{question}\n{asked.body.decode()}".strip())

            self.server.respond = respond
            pages.other[file] = changed(draw, file.with_suffix(".body").read_bytes())
            self.lay_down(pages, home)
            outcome = collect(self.source, context)
            self.is_recorded(outcome, context)
            is_held = outcome.state is CollectState.COLLECTED
            assert replay(self.source, context).state in {CollectState.COLLECTED, CollectState.UNCHANGED}
            pages.other.clear()
            self.lay_down(pages, home)
            again = collect(self.source, context)
            self.is_recorded(again, context)
            assert is_held or again.state is CollectState.COLLECTED, (self.name, outcome.message, again.message)

    def lay_down(self, pages: Odd, home: Path) -> None:
        if self.source.files:
            (home / "files").mkdir(exist_ok=True)
            for question in pages.waiting:
                (home / "files" / question.rpartition("/")[2]).write_bytes(pages.answer(question).body)

    def is_recorded(self, outcome: CollectOutcome, context: CollectContext) -> None:
        assert outcome.state is not CollectState.FAILED, (self.name, outcome.message)
        assert outcome.fault is None or outcome.fault.remedy
        # A walk that ended in changed values is given up; only one that was cut short is gone on with.
        states = {each.state for each in context.raw_store.paginations(self.name)}
        assert "finished" not in states, self.name


def good_case(source: Source) -> Path:
    cases = [folder for folder in CASES if folder.parent.name == source.name]
    return next(each for each in cases if "state" not in tomllib.loads((each / "case.toml").read_text()))


@pytest.mark.slow
def test_odd_answers_have_a_recorded_outcome_stop_nothing_and_are_healed(tmp_path, monkeypatch, warehouse) -> None:
    load_reference(warehouse, Settings().reference_folder)
    run_id = start_run(warehouse, "test", MOMENT)
    with FaultServer() as server:
        for source in SOURCES:
            with monkeypatch.context() as patch:
                know_recorded(source.name, tmp_path / source.name, patch)
                introduce(warehouse, source.name)
                Trial(server, warehouse, good_case(source)).take()
    # Whatever was believed of all that, it stops no publication.
    stop_on_failure(run_checks(warehouse, run_id))


def introduce(connection, source_id: str) -> None:
    entry = dict.fromkeys(("source_id", "title", "public_address", "licence", "attribution"), source_id)
    load_source_entries(connection, [SourceEntry(**entry, as_of=MOMENT.date())])


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_no_count_passes_its_model_that_its_column_cannot_hold(record, warehouse) -> None:
    """A model without a bound lets through what ends the whole load."""
    columns = column_types(warehouse, record.table)
    most = {"INTEGER": 2**31 - 1, "BIGINT": 10**15}
    for name, schema in record.model_json_schema()["properties"].items():
        found = [each for each in schema.get("anyOf", [schema]) if each.get("type") == "integer"]
        for each in found:
            assert each["maximum"] <= most[columns[name]], name


def test_a_row_of_the_future_is_a_reject_of_its_source(tmp_path, warehouse) -> None:
    months = {"2025-08": [row("2025-08", number) for number in range(60)]}

    def respond(asked: Asked) -> Answer:
        body = {"total": 60, "items": months[asked.params["month"]][int(asked.params["start"]) :][:100]}
        return Answer(json.dumps(body).encode())

    window = window_of({"window_id": "2025-08", "starts_on": date(2025, 8, 1), "ends_on": date(2025, 8, 31)})
    with FaultServer(respond) as server:
        context = CollectContext(
            settings=Settings(home=tmp_path, source_urls={"sample": server.address + "/api"}, retries_count=0),
            collection_store=WarehouseCollectionStore(warehouse),
            rate_limits=RateLimits(),
            now=lambda: MOMENT,
        )

        def parse(page):
            found = [each for each in SAMPLE.parse(page) if each.repository != months["2025-08"][7]["name"]]
            return [*found, found[0].model_copy(update={"repository": "o/late", "observed_on": date(2099, 1, 1)})]

        outcome = collect(dataclasses.replace(SAMPLE, windows=lambda today: [window], parse=parse), context)
    assert (outcome.state, outcome.records_count, outcome.rejects_count) == (CollectState.COLLECTED, 59, 1)
    ((locator, reason),) = warehouse.execute("select locator, reason from ops.reject").fetchall()
    assert locator == "o/late 2099-01-01"
    assert reason == "observed_on is 2099-01-01, and that is still to come"


def total(year: int, items_count: int, subject: str = "works: pytorch", framework: str | None = "pytorch"):
    return PeriodCount(
        source_id="openalex", page_sha256="a" * 64, seen_at=MOMENT, measure="papers", subject=subject,
        framework=framework, period_start=date(year, 1, 1), period_end=date(year, 12, 31), observed_on=MOMENT.date(),
        items_count=items_count,
    )  # fmt: skip


def test_a_row_of_the_future_that_is_on_file_stops_nothing_and_is_shown(warehouse) -> None:
    """It was loaded by an earlier version, and no answer of the service ever replaces it."""
    load_reference(warehouse, Settings().reference_folder)
    introduce(warehouse, "openalex")
    run_id = start_run(warehouse, "test", MOMENT)
    load_records(warehouse, PeriodCount, [total(2024, 5), total(2099, 7)])
    results = run_checks(warehouse, run_id)
    stop_on_failure(results)
    assert warehouse.execute("select year(period_start), n from main.adoption").fetchall() == [(2024, 5)]
    assert warehouse.execute("select found_count, reason from main.withheld").fetchall() == [
        (7, "its period lies in the future")
    ]
    assert [each.name for each in results if each.offenders_count and each.name == "values_withheld"]


@pytest.mark.slow
def test_a_run_that_passes_midnight_may_publish(warehouse) -> None:
    load_reference(warehouse, Settings().reference_folder)
    introduce(warehouse, "openalex")
    evening = MOMENT.replace(hour=23, minute=55)
    run_id = start_run(warehouse, "test", evening)
    morning = evening + timedelta(minutes=20)
    record = total(2024, 5).model_copy(update={"seen_at": morning, "observed_on": morning.date()})
    load_records(warehouse, PeriodCount, [record])
    results = run_checks(warehouse, run_id)  # nothing says yet that time went on
    assert any(each.severity == "fail" and each.offenders_count for each in results)
    note_checked(warehouse, run_id, morning)
    stop_on_failure(run_checks(warehouse, run_id))
