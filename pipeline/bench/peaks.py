"""The machine's peaks within a run: taken in a child of their own, before any worker is there."""

from typing import Any

from pipeline.bench.contract import CPU
from pipeline.bench.plan import RunContext
from pipeline.bench.process import Lost, Stopped, WorkerProcess
from pipeline.bench.worker import WorkerSpec
from pipeline.records.bench_trust import BenchPeak

_PEAK_SECONDS = 60


def measure_peaks(context: RunContext) -> list[BenchPeak]:
    """Return a row for each peak; where the child failed, rows that say so. Stopped meanwhile, it returns none."""
    try:
        found = _answered(context)
    except Lost as lost:
        failed: dict[str, Any] = {
            "workload": "none", "library": "NumPy", "repeats_count": 0, "value": None, "outcome": lost.outcome,
            "message": lost.message,
        }  # fmt: skip
        units = {"product": "flop/s", "copy": "byte/s"}
        return [_row(context, {**failed, "measure": name, "unit": unit}) for name, unit in units.items()]
    except (KeyboardInterrupt, Stopped):
        context.stop.set()
        return []
    return [_row(context, {**each, "outcome": "measured", "message": None}) for each in found]


def _answered(context: RunContext) -> list[dict[str, Any]]:
    protocol = context.protocol
    spec = WorkerSpec(
        adapter=context.options.registered[0].adapter,  # it is not started: the peaks need no framework
        threads_count=protocol.threads_count,
        device=CPU,
        seed=protocol.seed,
        memory_limit_bytes=protocol.memory_limit_bytes,
        pace=protocol.pace,
    )
    evidence = context.scratch / "peaks.log"
    process = WorkerProcess(
        spec, context.options.cache_folder, context.stop, evidence_file=evidence, is_quick=protocol.is_quick
    )
    try:
        found: list[dict[str, Any]] = process.ask("peaks", _PEAK_SECONDS)["peaks"]
        return found
    finally:
        process.end()


def _row(context: RunContext, values: dict[str, Any]) -> BenchPeak:
    return BenchPeak(run_id=context.options.run_id, device=CPU, threads_count=context.protocol.threads_count, **values)
