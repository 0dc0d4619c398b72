"""How long a first collection takes, and an unchanged second one, over ten thousand records of a service next config.

    python tests/benchmarks/collecting_speed.py [ROUNDS]

The service answers at once, so that what is measured is this program's own work: over a real network both runs wait
for as many answers, and those of the second have no body.
"""

import dataclasses
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from fault_server import FaultServer
from sample_source import SAMPLE, SampleService

from pipeline.collect.context import CollectContext, CollectOutcome
from pipeline.collect.engine import collect
from pipeline.fetch.transport import RateLimits
from pipeline.settings import Settings
from pipeline.sources.source import Source
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.runs import WarehouseCollectionStore
from pipeline.warehouse.views import migrate

MONTHS, ROWS_A_MONTH = 20, 500
FIRST_MOMENT = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)
# As most sources are: a month that is over no longer changes and is not asked for again; and the worst there is, where
# every window has to be asked for again.
KINDS = {"settling": SAMPLE, "never_settling": dataclasses.replace(SAMPLE, settle_days=10_000)}


def one_round(folder: Path, source: Source) -> tuple[float, float, CollectOutcome, CollectOutcome]:
    """Collect twice; return the seconds of both and what became of them."""
    with FaultServer() as server, open_warehouse(folder / "warehouse.duckdb") as connection:
        migrate(connection)
        service = SampleService.of(MONTHS, ROWS_A_MONTH)
        server.respond = service.respond
        settings = Settings(home=folder, source_urls={"sample": server.address + "/api"})
        told: list[tuple[float, CollectOutcome]] = []
        for day in range(2):
            moment = FIRST_MOMENT + timedelta(days=day)
            context = CollectContext(
                settings=settings,
                collection_store=WarehouseCollectionStore(connection),
                rate_limits=RateLimits(),
                now=lambda at=moment: at,
            )
            started = perf_counter()
            outcome = collect(source, context)
            told.append((perf_counter() - started, outcome))
    (first, collected), (second, unchanged) = told
    return first, second, collected, unchanged


def measured(source: Source, rounds: int) -> dict[str, float]:
    """Return records, requests of the second run, median seconds of both runs, and the median of the rounds' ratios."""
    ratios, firsts, seconds = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            first, second, collected, unchanged = one_round(Path(folder), source)
        firsts.append(first)
        seconds.append(second)
        ratios.append(second / first)
    return {
        "records": collected.records_count,
        "requests": collected.requests_count,
        "requests_when_unchanged": unchanged.requests_count,
        "of_them_answered_304": unchanged.unchanged_count,
        "first_seconds": round(median(firsts), 2),
        "unchanged_seconds": round(median(seconds), 2),
        "unchanged_of_first": round(median(ratios), 3),
    }


def main(rounds: int) -> None:
    """Print one JSON object with a member a kind of source."""
    report = {kind: measured(source, rounds) for kind, source in KINDS.items()}
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
