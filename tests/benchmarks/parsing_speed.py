"""Rows read a second from kept answers, by source, over the example pages of each.

    python tests/benchmarks/parsing_speed.py [SECONDS_A_SOURCE]

Example pages are small, so that what a page costs weighs more here than over a service's own full pages.
"""

import dataclasses
import json
import sys
import tempfile
import tomllib
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from fault_server import FaultServer
from test_sources import GOOD, Examples, RowsOnly, context_of

from pipeline.collect.engine import collect, replay
from pipeline.records.collected import CollectWindow
from pipeline.sources.registry import source_named


def rows_a_second(folder: Path, seconds: float) -> float:
    """Collect one case's pages once, then read them again and again for so many seconds."""
    case = tomllib.loads((folder / "case.toml").read_text())
    window = CollectWindow(window_id=case["window_id"], starts_on=case["starts_on"], ends_on=case["ends_on"])
    source = dataclasses.replace(source_named(folder.parent.name), windows=lambda today: [window])
    examples = Examples(folder)
    with FaultServer() as server, tempfile.TemporaryDirectory() as home:
        context = context_of(source, case, Path(home), server.address + "/mirror", RowsOnly())
        addresses = context.addresses(source)
        server.respond = lambda asked: examples.answer(
            f"{addresses.as_public(server.address + asked.target)}\n{asked.body.decode()}".strip()
        )
        collect(source, context)
        rows_count, started = 0, perf_counter()
        while perf_counter() - started < seconds:
            outcome = replay(source, context)
            rows_count += outcome.records_count + outcome.rejects_count
        return rows_count / (perf_counter() - started)


def main(seconds: float) -> None:
    """Print one JSON object: the best case of each source."""
    best: dict[str, int] = {}
    for folder in GOOD:
        rate = round(rows_a_second(folder, seconds))
        best[folder.parent.name] = max(rate, best.get(folder.parent.name, 0))
    sys.stdout.write(json.dumps(best, indent=2) + "\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1)
