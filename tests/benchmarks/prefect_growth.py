"""How Prefect's own database grows: its size after each of twenty runs of as many steps as an offline refresh has.

    python tests/benchmarks/prefect_growth.py [RUNS] [STEPS]

The steps do nothing, as what Prefect keeps is only how each of them went; one server stays up, as under `serve`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.prefect_server import await_api, prefect_api
from pipeline.settings import Settings


def nothing() -> str:
    return "well"


def main(runs: int = 20, steps: int = 20) -> None:
    with TemporaryDirectory() as home, prefect_api(Settings(home=Path(home)), "serve") as address:
        from prefect import flow

        from flows.refresh import RefreshReport

        await_api(address)
        folder, sizes = Path(home) / "data" / "prefect", []
        for number in range(1, runs + 1):
            report = RefreshReport(run_id=str(number))
            flow(lambda each=report: [each.attempt(f"step {step}", nothing) for step in range(steps)], name="refresh")()
            sizes.append(sum(file.stat().st_size for file in folder.glob("prefect.db*")) / 1e6)
            sys.stdout.write(f"run {number:2}  {sizes[-1]:6.2f} MB\n")
            sys.stdout.flush()
    sys.stdout.write(f"{(sizes[-1] - sizes[0]) / max(1, runs - 1):.3f} MB for each further run\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
