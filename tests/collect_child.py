"""A process that collects the sample source and may be killed. Arguments: home folder, service address."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sample_source import SAMPLE

from pipeline.collect.context import CollectContext
from pipeline.collect.engine import collect
from pipeline.fetch.transport import RateLimits
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.runs import WarehouseCollectionStore
from pipeline.warehouse.views import migrate


def main(home: str, address: str) -> int:
    settings = Settings(home=Path(home), source_urls={"sample": address})
    with open_warehouse(settings.warehouse_file) as connection:
        migrate(connection)
        context = CollectContext(
            settings=settings,
            collection_store=WarehouseCollectionStore(connection),
            rate_limits=RateLimits(),
            now=lambda: datetime(2026, 1, 15, 12, 0, tzinfo=UTC),
        )
        outcome = collect(SAMPLE, context)
    sys.stdout.write(f"{outcome}\n")
    return int(outcome.is_failure)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
