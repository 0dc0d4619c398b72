"""Values that are too far from the last good run are held back and shown, until they are found again or accepted."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer

from pipeline.collect.context import CollectContext, CollectState
from pipeline.collect.engine import collect, replay
from pipeline.collect.value_check import GoodValues, _Reading
from pipeline.fetch.page import Request
from pipeline.fetch.transport import RateLimits
from pipeline.records import PeriodCount, RepositoryDay
from pipeline.settings import Settings
from pipeline.sources.registry import source_named
from pipeline.sources.source import Source, Totals, day
from pipeline.warehouse.runs import WarehouseCollectionStore

ADDRESS = "https://service.example/api"


def starts(window, has_key) -> Iterator[Request]:
    yield Request(url=f"{ADDRESS}/models", about=(("framework", "pytorch"), ("day", window.window_id)))


def parse(page):
    for name, number in json.loads(page.body).items():
        yield from Totals("hub", "models").rows(page, f"models: {name}", number)


HUB = Source(
    name="hub", title="Hub", series=("hub.models",), records=(PeriodCount,), addresses=(ADDRESS,), terms_url=ADDRESS,
    licence="x", attribution="x", windows=day, starts=starts, parse=parse, is_snapshot=True,
)  # fmt: skip


class Hub:
    def __init__(self, server: FaultServer, home: Path, connection) -> None:
        self.counts = {"pytorch": 3240, "jax": 210}
        server.respond = self.respond
        self.connection, self.now = connection, datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
        self.settings = Settings(home=home, source_urls={"hub": server.address + "/api"}, retries_count=0)

    def respond(self, asked: Asked) -> Answer:
        return Answer(json.dumps(self.counts).encode())

    @property
    def context(self) -> CollectContext:
        return CollectContext(
            settings=self.settings,
            collection_store=WarehouseCollectionStore(self.connection),
            rate_limits=RateLimits(),
            now=lambda: self.now,
        )

    def collect(self, *, accept: bool = False, days: int = 0, **counts: int):
        self.now += timedelta(days=days)
        self.counts |= counts
        return collect(HUB, self.context, accept=accept)

    def newest(self, name: str) -> int:
        sql = "select arg_max(items_count, observed_on) from core.period_count where subject = ?"
        return self.connection.execute(sql, [f"models: {name}"]).fetchone()[0]

    def withheld(self) -> list[tuple]:
        return self.connection.execute("select subject, found_count, last_good_count from withheld").fetchall()


@pytest.fixture
def hub(tmp_path, warehouse):
    with FaultServer() as server:
        made = Hub(server, tmp_path, warehouse)
        assert made.collect().state is CollectState.COLLECTED
        yield made


def test_a_zero_after_thousands_is_held_back_and_shown_and_the_rest_comes_in(hub) -> None:
    outcome = hub.collect(days=1, pytorch=0, jax=211)
    assert outcome.state is CollectState.QUARANTINED
    assert "models, models: pytorch first: 0 after 3,240 in the last good run" in outcome.message
    assert "`observatory collect hub --accept`" in outcome.message
    assert (hub.newest("pytorch"), hub.newest("jax")) == (3240, 211)
    assert hub.withheld() == [("models, models: pytorch", 0, 3240)]


def test_a_zero_is_never_let_in_by_repeating_it_but_by_a_person(hub) -> None:
    for _ in range(3):
        assert hub.collect(days=1, pytorch=0).state is CollectState.QUARANTINED
    assert hub.newest("pytorch") == 3240
    assert hub.collect(accept=True).state is CollectState.COLLECTED
    assert hub.newest("pytorch") == 0
    assert hub.collect(days=1).state is CollectState.COLLECTED


def test_a_jump_is_let_in_when_a_run_on_a_later_day_finds_it_again(hub) -> None:
    assert hub.collect(days=1, pytorch=9000).state is CollectState.QUARANTINED
    assert hub.collect(pytorch=9001).state is CollectState.QUARANTINED  # the same day proves nothing
    assert hub.newest("pytorch") == 3240
    assert hub.collect(days=1, pytorch=9100).state is CollectState.COLLECTED
    assert hub.newest("pytorch") == 9100


def test_a_replay_lets_nothing_in_that_is_held_back(hub) -> None:
    hub.collect(days=1, pytorch=0)
    held = hub.connection.execute("from core.period_count order by all").fetchall()
    replay(HUB, hub.context)
    assert hub.connection.execute("from core.period_count order by all").fetchall() == held
    assert hub.collect(pytorch=3250).state is CollectState.COLLECTED  # and the day is asked for again
    assert hub.newest("pytorch") == 3250


def test_usual_growth_and_small_numbers_are_believed(hub) -> None:
    for pytorch, jax in ((3300, 190), (3500, 230), (3490, 260)):
        assert hub.collect(days=1, pytorch=pytorch, jax=jax).state is CollectState.COLLECTED
    hub.connection.execute("update core.period_count set items_count = 12 where subject = 'models: jax'")
    assert hub.collect(days=1, jax=0).state is CollectState.COLLECTED


def reading(count: int, *, month: int, seen_on: date = date(2026, 1, 15)) -> _Reading:
    period = date(2025, month, 1), date(2025, month, 28)
    return _Reading(series=("s",), period=period, seen_on=seen_on, count=count, quantity="items_count")


def of_months(*counts: int) -> GoodValues:
    rows = [
        {"measure": "m", "subject": "s", "period_start": date(2025, month, 1), "period_end": date(2025, month, 28)}
        | {"items_count": count, "seen_at": datetime(2025, 12, 30, tzinfo=UTC)}
        for month, count in enumerate(counts, start=1)
    ]
    return GoodValues((PeriodCount, row) for row in rows)


@pytest.mark.parametrize(
    ("month", "count", "doubted"),
    [
        (8, 110, None),  # a new month like those before
        (8, 24, 100),  # a quarter of the middle
        (8, 401, 100),
        (8, 400, None),
        (3, 49, 100),  # a month that was known, with half of what it had
        (3, 51, None),
        (3, 201, 100),  # its end is long past
        (7, 199, None),
    ],
)
def test_a_month_is_judged_by_itself_and_by_those_beside_it(month, count, doubted) -> None:
    good = of_months(*[100] * 7)
    name = (PeriodCount.table, "m", "s")
    fresh = dataclasses.replace(reading(count, month=month), series=name)
    assert good.doubted(fresh) == doubted


def test_a_series_that_leaps_by_itself_is_judged_by_its_own_leaps() -> None:
    name = (PeriodCount.table, "m", "s")
    fresh = dataclasses.replace(reading(900, month=8), series=name)
    assert of_months(100, 101, 99, 100, 102, 100, 101).doubted(fresh) is not None
    assert of_months(100, 300, 90, 310, 100, 280, 95).doubted(fresh) is None


def test_a_month_under_way_may_be_small_and_never_absurd() -> None:
    name = (PeriodCount.table, "m", "s")
    good = of_months(*[100] * 7)
    begun = dataclasses.replace(reading(1, month=8, seen_on=date(2025, 8, 2)), series=name)
    assert good.doubted(begun) is None
    assert good.doubted(dataclasses.replace(begun, count=10**9)) == 100


@pytest.mark.slow
def test_the_shipped_lists_of_stars_are_all_believed(archive_home) -> None:
    """The rule is made from them: none of their steps is doubted."""
    import duckdb

    with duckdb.connect(str(archive_home / "published" / "observatory.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select repository, stars_count, observed_on::timestamp as seen_at from core.repository_day order by 3"
        ).fetchall()
    by_repository: dict[str, list[dict]] = {}
    for repository, stars, seen_at in rows:
        by_repository.setdefault(repository, []).append(
            {"repository": repository, "stars_count": stars, "seen_at": seen_at}
        )
    assert len(rows) > 4000
    for each in by_repository.values():
        for place in range(1, len(each), 25):
            good = GoodValues((RepositoryDay, row) for row in each[:place])
            assert good.doubted(_Reading.of(RepositoryDay, each[place])) is None


def test_a_model_that_is_listed_on_two_pages_is_counted_once(tmp_path, warehouse, monkeypatch) -> None:
    hub_models = source_named("hub_models")
    models = [{"id": f"o/m{number}", "library_name": "x"} for number in range(5)]

    def respond(asked: Asked) -> Answer:
        tag, is_first = asked.params["filter"], "cursor" not in asked.params
        link = f'<https://huggingface.co/api/models?filter={tag}&cursor=a>; rel="next"'
        page = models[:3] if is_first else [models[2], *models[3:], models[4]]
        return Answer(json.dumps(page).encode(), headers={"Link": link} if is_first else {})

    with FaultServer(respond) as server:
        context = CollectContext(
            settings=Settings(home=tmp_path, source_urls={"hub_models": server.address}, retries_count=0),
            collection_store=WarehouseCollectionStore(warehouse),
            rate_limits=RateLimits(),
            now=lambda: datetime(2026, 1, 15, tzinfo=UTC),
        )
        outcome = collect(hub_models, context)
        assert outcome.state is CollectState.COLLECTED
        replay(hub_models, context)
    counts = "select distinct items_count from core.period_count where starts_with(subject, 'models tagged')"
    assert warehouse.execute(counts).fetchall() == [(5,)]
    (note,) = outcome.notes
    assert "items more than once" in note
