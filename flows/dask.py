"""Scanning on an outside Dask cluster through Prefect: shards of scan units, the same scanner in each, the same rows.

The cluster's workers need this project and see the scanned paths under the same names; they report to the Prefect
server that PREFECT_API_URL names, or, on one machine, to the command's own. Needs the `cluster` extra.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice

from flows.prefect_server import await_api, prefect_api
from pipeline.detect.files.inspection import Inspection
from pipeline.detect.files.scan import ScanControl, Scanner, scan
from pipeline.detect.files.scan_units import FileResult, ScanUnit, without_unchanged
from pipeline.detect.files.worker import content_of
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.errors import BadInput
from pipeline.settings import Settings

SHARD_UNITS = 16
"""Scan units that go to a worker as one at most; long enough to be worth the way."""
GROUP_SHARDS = 64
"""Shards in flight; results of no more than these are held."""

ANSWER_SECONDS = 10
"""How long the scheduler may take to answer."""

Known = dict[tuple[str, str], Inspection]


@contextmanager
def cluster_scanner(settings: Settings, address: str, file_seconds: float) -> Iterator[Scanner]:
    """Yield what scans on the cluster whose scheduler is at `address`, e.g. tcp://10.0.0.1:8786.

    Raises:
        BadInput: the cluster extra is not installed, or no scheduler answers there.
    """
    if find_spec("prefect_dask") is None:
        raise BadInput("--cluster needs the extra: pip install 'framework-observatory[cluster]'.")
    from distributed import Client  # noqa: PLC0415 — of the cluster extra

    try:
        Client(address, timeout=ANSWER_SECONDS).close()
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"No Dask scheduler answers at {address}; start one, or give its tcp:// address.") from error

    def run(units: Iterable[ScanUnit], ruleset: Ruleset, control: ScanControl) -> Iterator[FileResult]:
        remaining = iter(units)
        while taken := list(islice(remaining, SHARD_UNITS * GROUP_SHARDS)):
            parts = [without_unchanged(unit, control.held) for unit in taken]
            yield from (result for known, _ in parts for result in known)
            changed = iter([unit for _, unit in parts if unit])
            size = max(1, len(taken) // GROUP_SHARDS)  # a few large archives go to as many workers
            shards = iter(lambda: list(islice(changed, size)), [])  # noqa: B023 — used up before the next round
            # What is known of a shard's files is read here: only this process may ask the warehouse.
            asked = [(shard, {content for unit in shard for content in content_of(unit)}) for shard in shards]
            jobs = [(shard, {each: found for each in of if (found := control.look_up(*each))}) for shard, of in asked]
            if control.stop.is_set():
                return
            if jobs:
                with ThreadPoolExecutor(1) as apart:  # from a task around it, whose parameters no worker can be sent
                    yield from apart.submit(_run_group, address, jobs, ruleset, file_seconds).result()

    with prefect_api(settings, "run") as api:
        await_api(api)
        yield run


def scan_shard(units: list[ScanUnit], known: Known, ruleset: Ruleset, file_seconds: float) -> list[FileResult]:
    """Scan some units where this is called: on a worker of the cluster."""
    control = ScanControl(look_up=lambda sha256, reading: known.get((sha256, reading)))
    return list(scan(units, ruleset, control, workers_count=1, file_seconds=file_seconds))


def _run_group(
    address: str, jobs: list[tuple[list[ScanUnit], Known]], ruleset: Ruleset, file_seconds: float
) -> list[FileResult]:
    from prefect import flow, task  # noqa: PLC0415 — Prefect reads its settings when it is imported
    from prefect.cache_policies import NO_CACHE  # noqa: PLC0415
    from prefect_dask import DaskTaskRunner  # noqa: PLC0415

    shard_task = task(name="scan_shard", cache_policy=NO_CACHE)(scan_shard)

    @flow(name="scan", task_runner=DaskTaskRunner(address=address))
    def scan_group() -> list[FileResult]:
        futures = [shard_task.submit(shard, known, ruleset, file_seconds) for shard, known in jobs]
        return [result for future in futures for result in future.result()]

    return scan_group()
