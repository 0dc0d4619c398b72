"""A year of scheduled nights on a clock of its own: what is asked, bad nights, histories, and what the disk holds.

    python tests/benchmarks/years_of_nights.py [NIGHTS]

The engine, the sources and the folder of raw answers are the real ones; every service answers in this process in its
own shape (`loopback_services`), and rows lie in memory under their keys. Each source is asked as in a scheduled run,
and old answers are dropped as at its end, once a week. On every thirteenth night one service after the other is out of
order: every other time for an hour, after which it is asked again, and else for the whole run. It ends with a failure
where a source goes beyond its service's published limit, a history has a hole, a source does not recover, a row is not
what it was when the kept answers are read again, or answers take more room than before they were dropped.
"""

import dataclasses
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Self

sys.path.insert(0, str(Path(__file__).parents[1]))

import loopback_services
from fault_server import Asked
from loopback_services import Services
from pydantic import SecretStr

from pipeline.collect.context import CollectContext, CollectState
from pipeline.collect.engine import collect, prune, replay
from pipeline.detect import frameworks_in_file
from pipeline.errors import Transient
from pipeline.fetch.page import Page, Provenance, Request
from pipeline.fetch.transport import RateLimits
from pipeline.records import Record
from pipeline.records.collected import Batch, Checkpoint
from pipeline.settings import Settings
from pipeline.sources import arxiv_full_text
from pipeline.sources.registry import SOURCES
from pipeline.sources.source import Source

_count_of = loopback_services.count_of
# Lists of single items are a tenth as long as in the tests of the figures: what is counted here are requests.
loopback_services.count_of = lambda word, unit=1000: _count_of(word, 1 if unit == 10 else unit)
# Papers are read in this process and not in one of their own, which takes a second to start.
arxiv_full_text.frameworks_in_tree = lambda file, **_: [SimpleNamespace(inspection=frameworks_in_file(file))]
FIRST_NIGHT = date(2026, 12, 1)
BAD_NIGHT_EVERY = 13
DROPPED_EVERY = 7
# The example of this one is of the newest edition; each edition is asked for once.
FEW = {"stackoverflow_survey"}
ASKED = [
    dataclasses.replace(source, windows=lambda today, source=source: list(source.windows(today))[-1:])
    if source.name in FEW
    else source
    for source in SOURCES
    if source.files is None and not source.is_long
]
# Each limit as it is published: in words, as seconds between requests, and as requests a night.
LIMITS: dict[str, tuple[str, float, int | None]] = {
    "arxiv": ("one request every 3 s", 3, None),
    "arxiv_code": ("one request every 3 s", 3, None),
    "arxiv_full_text": ("one request every 3 s", 3, None),
    "openalex": ("1,000 credits a day, a search is 10", 0, 100),
    "semantic_scholar": ("one request a second", 1, None),
    "openreview": ("refuses after a dozen quick questions", 10, None),
    "hn_who_is_hiring": ("10,000 requests an hour", 0, 10_000),
    "stackexchange_questions": ("300 requests a day", 0, 300),
    "github_repositories": ("60 requests an hour without a token", 0, 60),
    "github_new_repositories": ("10 searches a minute", 6, None),
    "package_downloads": ("30 requests a minute", 2, None),
    "hub_daily_papers": ("500 requests in 5 minutes", 0.6, None),
    "hub_models": ("500 requests in 5 minutes", 0.6, None),
}


class Rows:
    """A store of rows by their keys, in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Record] = {}
        self.points: dict[str, dict[str, Checkpoint]] = defaultdict(dict)
        self.reasons: list[str] = []

    def checkpoints(self, source_id: str) -> dict[str, Checkpoint]:
        return dict(self.points[source_id])

    def held_values(self, source_id: str) -> list[object]:
        return []

    def rows_on_file(self, kind: type[Record], source_id: str) -> list[dict[str, object]]:
        return []

    def load(self, batch: Batch) -> None:
        for record in batch.records:
            self.rows[record.source_id, record.table, record.key_text] = record
        self.confirm(batch.checkpoint)

    def confirm(self, checkpoint: Checkpoint) -> None:
        self.points[checkpoint.source_id][checkpoint.window_id] = checkpoint

    def set_aside(self, batch: Batch, reason: str) -> None:
        self.reasons.append(f"{batch.checkpoint.source_id}: {reason}")


@dataclasses.dataclass
class Night:
    """What is asked in one run, when, and whether a service is out of order."""

    moment: datetime
    services: Services
    out_of_order: str | None
    is_back_soon: bool
    """Whether what is out of order answers again an hour later."""
    requests: Counter[str] = dataclasses.field(default_factory=Counter)


def night(number: int) -> Night:
    day = FIRST_NIGHT + timedelta(days=number)
    turn, is_not_bad = divmod(number, BAD_NIGHT_EVERY)
    moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=2)
    return Night(moment, Services(day), None if is_not_bad else ASKED[turn % len(ASKED)].name, turn % 2 == 0)


class InProcess:
    """A client that is answered in this process; out of order it fails like one that has waited in vain."""

    requests_count = unchanged_count = 0

    def __init__(self, source: Source, of: Night, folder: Path) -> None:
        self.source, self.night, self.folder = source, of, folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, request: Request, *, fresh: bool = False) -> Page:
        self.night.requests[self.source.name] += 1
        if self.source.name == self.night.out_of_order:
            raise Transient(f"{request.url}: out of order; run again later.")
        first, *others = self.source.addresses
        is_other = any(request.address.startswith(other) for other in others)
        below = request.address.partition("://")[2] if is_other else request.address.removeprefix(first).lstrip("/")
        asked = Asked(request.method, f"/{self.source.name}/{below}", {}, (request.body or "").encode())
        answer = self.night.services.respond(asked)
        provenance = Provenance(
            request=request,
            address=request.address,
            status=answer.status,
            content_type=answer.content_type or "",
            encoding=None,
            sha256=sha256(answer.body).hexdigest(),
            size_bytes=len(answer.body),
            fetched_at=self.night.moment,
            seen_at=self.night.moment,
            headers=tuple((name.lower(), value) for name, value in answer.headers.items()),
        )
        if not request.is_large:
            return Page(provenance=provenance, content=answer.body)
        file = self.folder / "large"
        file.write_bytes(answer.body)
        return Page(provenance=provenance, content=file)

    def wait(self, seconds: float, why: str) -> None:
        pass

    def forget(self, request: Request) -> None:
        pass


class Year:
    """The nights so far: what was asked, what failed, what is held."""

    def __init__(self, home: Path) -> None:
        # With a token one question asks for all repositories; without it there is one for each, which is counted below.
        self.settings = Settings(home=home, github_token=SecretStr("token"))
        self.store = Rows()
        self.asked: dict[str, list[int]] = defaultdict(list)
        self.most, self.total = Counter[str](), Counter[str]()
        self.failed, self.recovered, self.saved = Counter[str](), Counter[str](), Counter[str]()
        self.down: set[str] = set()
        self.bounded = 0
        """The most bytes that were ever left after old answers were dropped."""

    def context(self, of: Night, store: Rows) -> CollectContext:
        context = CollectContext(
            settings=self.settings, collection_store=store, rate_limits=RateLimits(), now=lambda: of.moment
        )
        object.__setattr__(context, "client", lambda source: InProcess(source, of, self.settings.home))
        return context

    def live_through(self, of: Night) -> None:
        context = self.context(of, self.store)
        for source in ASKED:
            outcome, name = collect(source, context), source.name
            if outcome.state is CollectState.UNREACHABLE and of.is_back_soon:
                of.moment, of.out_of_order = of.moment + timedelta(hours=1), None
                outcome = collect(source, context)
                self.saved[name] += 1
            is_up = outcome.state in {CollectState.COLLECTED, CollectState.UNCHANGED}
            if not is_up and name != of.out_of_order:
                raise SystemExit(f"{name} on {of.moment:%Y-%m-%d}: {outcome.message}")
            # With nothing to ask for it does not notice that its service is out of order.
            self.failed[name] += not is_up
            self.recovered[name] += is_up and name in self.down
            self.down = self.down - {name} if is_up else self.down | {name}
        self.total.update(of.requests)
        for source in ASKED:
            self.asked[source.name].append(of.requests[source.name])
            self.most[source.name] = max(self.asked[source.name])

    def drop_old(self, of: Night) -> None:
        """Drop old answers, and say how much less they take where something went."""
        context, before = self.context(of, self.store), self.sizes()
        for source in ASKED:
            prune(source, context)
        if dropped := context.raw_store.sweep():
            (answers, logs), (fewer, shorter) = before, self.sizes()
            self.bounded = max(self.bounded, fewer + shorter)
            sizes = (
                f"answers {answers / 1e6:.1f} to {fewer / 1e6:.1f} MB, logs {logs / 1e6:.1f} to {shorter / 1e6:.1f} MB"
            )
            say(f"{of.moment:%Y-%m-%d}: {dropped:,} answers dropped, {sizes}")
            if fewer + shorter > answers + logs:
                raise SystemExit("dropping answers took room")

    def sizes(self) -> tuple[int, int]:
        """Bytes of the kept answers, and of the logs that say what belongs together."""
        files = [file for file in self.settings.raw_folder.rglob("*") if file.is_file()]
        sizes = [(file.stat().st_size, "pages" in file.parts) for file in files]
        return sum(size for size, is_page in sizes if is_page), sum(size for size, is_page in sizes if not is_page)

    def holes(self, last: date) -> list[str]:
        found = []
        for source in ASKED:
            due = {each.window_id for each in source.windows(last) if each.ends_on < last - timedelta(days=40)}
            missing = sorted(due - self.store.points[source.name].keys())
            found += [f"{source.name} lacks {len(missing)} windows, {missing[0]} first"] if missing else []
        return found


def too_many(year: Year) -> list[str]:
    found = []
    for source in ASKED:
        limit, pause, allowed = LIMITS.get(source.name, ("", 0, None))
        strangers = list(source.starts(list(source.windows(FIRST_NIGHT))[-1], False))
        most = len(strangers) if source.name == "github_repositories" else year.most[source.name]
        if source.seconds_between_requests < pause or (allowed is not None and most > allowed):
            found.append(f"{source.name}: {most} requests, {source.seconds_between_requests} s apart, beyond {limit}")
    return found


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(year: Year) -> None:
    columns = ("source", "most a night", "median", "in all", "minutes at most", "bad hours", "bad nights", "recovered")
    say("{:26}{:>14}{:>8}{:>9}{:>17}{:>11}{:>12}{:>11}  limit".format(*columns))
    for source in ASKED:
        name = source.name
        minutes = year.most[name] * source.seconds_between_requests / 60
        counts = f"{year.most[name]:14,}{median(year.asked[name]):8,.0f}{year.total[name]:9,}{minutes:17.1f}"
        nights = f"{year.saved[name]:11}{year.failed[name]:12}{year.recovered[name]:11}"
        say(f"{name:26}{counts}{nights}  {LIMITS.get(name, ('none published',))[0]}")


def main() -> None:
    nights_count = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    with tempfile.TemporaryDirectory() as home:
        year = Year(Path(home))
        for number in range(1, nights_count + 1):
            year.live_through(night(number))
            if number % DROPPED_EVERY == 0:
                year.drop_old(night(number))
            if number in {1, 10} or number % 30 == 0 or number == nights_count:
                answers, logs = (size / 1e6 for size in year.sizes())
                rows = len(year.store.rows)
                say(f"{number:4} nights: answers {answers:.1f} MB, logs {logs:.1f} MB, {rows:,} rows")
        tell(year)
        before = {key: row.model_dump(exclude={"seen_at", "page_sha256"}) for key, row in year.store.rows.items()}
        told = [replay(source, year.context(night(nights_count), year.store)) for source in ASKED]
        after = {key: row.model_dump(exclude={"seen_at", "page_sha256"}) for key, row in year.store.rows.items()}
        lost = [key for key, row in before.items() if after[key] != row]
        said = (
            f"{sum(each.records_count for each in told):,} rows, {len(lost)} of {len(before):,} are others than before"
        )
        say(f"read again from the kept answers: {said}")
        say(f"answers and logs never held more than {year.bounded / 1e6:.1f} MB once old ones were dropped")
        faults = [*too_many(year), *year.holes(night(nights_count).moment.date()), *year.store.reasons]
        faults += [f"{each.source_id}: {each.message}" for each in told if each.is_failure]
        faults += [f"{name} does not recover" for name in year.down - {night(nights_count).out_of_order}]
        faults += [f"{len(lost)} rows are others when they are read again, {min(lost)} first"] if lost else []
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
