"""What the default run answers on this machine as it is, and under a load that this makes itself.

    python tests/benchmarks/answers_under_load.py [PROCESSES] [WORDS OF `observatory bench` ...]

The command runs twice in a home of its own, without and with PROCESSES busy processes (8 if not given); other words go
to it, such as `--case matmul`. Told are both tables of verdicts, and the share of the quiet run's directional verdicts
(faster, slower) that the loaded run gives too. Ends with 1 where that is below 90 %, or one is the opposite.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import duckdb

from pipeline.settings import PROJECT_ROOT, Settings

USUAL_PROCESSES = 8
LEAST_KEPT = 0.9
DIRECTIONS = {"faster", "slower"}
BUSY = "while True: pass"
VERDICTS = """
select case_name, size, framework, mode, verdict, ratio, ratio_low, ratio_high, stability
from performance where reference_framework <> framework order by all
"""
Key = tuple[str, ...]


@contextmanager
def load(processes_count: int) -> Iterator[None]:
    """Keep so many processes busy as long as the block lasts."""
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes_count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def tell(sentence: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def measured(home: Path, words: list[str]) -> dict[Key, tuple[object, ...]]:
    """Run the command in a fresh home and return what it says of each comparison."""
    command = [sys.executable, "-c", "import sys; from flows.cli.app import main; sys.exit(main())", "bench", *words]
    environment = {**os.environ, "OBSERVATORY_HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)}
    started = perf_counter()
    ran = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    tell(f"{perf_counter() - started:.0f} s, exit code {ran.returncode}. {ran.stdout.strip()}")
    with duckdb.connect(str(Settings(home=home).published_file.resolve()), read_only=True) as connection:
        return {row[:4]: row[4:] for row in connection.execute(VERDICTS).fetchall()}


def told(title: str, found: dict[Key, tuple[object, ...]]) -> None:
    """Print the verdicts, a line each."""
    tell(f"\n{title}")
    for key, (verdict, *ratio, stability) in found.items():
        figures = "-" if ratio[0] is None else "{:.2f} [{:.2f}, {:.2f}]".format(*ratio)
        tell(f"{' '.join(key):58} {verdict or '-':20} {figures:22} {stability or '-'}")


def main() -> int:
    """Measure quiet and loaded, print both, and compare the verdicts."""
    processes_count = int(sys.argv[1]) if len(sys.argv) > 1 else USUAL_PROCESSES
    with tempfile.TemporaryDirectory() as folder:
        quiet = measured(Path(folder, "quiet"), sys.argv[2:])
        with load(processes_count):
            loaded = measured(Path(folder, "loaded"), sys.argv[2:])
    told("As the machine is", quiet)
    told(f"With {processes_count} busy processes", loaded)
    directional = {key: row[0] for key, row in quiet.items() if row[0] in DIRECTIONS}
    after = [(verdict, loaded.get(key, (None,))[0]) for key, verdict in directional.items()]
    kept = sum(verdict == other for verdict, other in after)
    opposite = sum(other in DIRECTIONS - {verdict} for verdict, other in after)
    tell(f"\n{kept} of {len(after)} directional verdicts kept, {opposite} opposite")
    return int(not after or kept < LEAST_KEPT * len(after) or opposite > 0)


if __name__ == "__main__":
    sys.exit(main())
