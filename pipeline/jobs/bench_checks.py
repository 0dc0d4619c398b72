"""The certificate of a machine, made by hand, and changes on this machine since the last run.

Changes, and steps in the history of runs, are rows of tables.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.bench.contract import CPU
from pipeline.bench.machine import this_machine
from pipeline.bench.plan import BenchOptions
from pipeline.bench.run import run_benchmarks
from pipeline.claims.wording import in_unit
from pipeline.errors import BadInput, Interrupted
from pipeline.estimate.change_points import FEWEST_RUNS, change_between, steps_in
from pipeline.estimate.moderated_variance import Floats
from pipeline.estimate.ratios import verdict_on
from pipeline.jobs.bench import keep_measured, log_event
from pipeline.jobs.context import set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.metrics.read import read_view
from pipeline.records.benchmarks import BenchSelfSample
from pipeline.reference import known_frameworks
from pipeline.report.footnotes import certificate_in_words
from pipeline.settings import Settings

_CUT_SHORT = "The certificate was interrupted: the comparisons that were finished are kept; run it again for the rest."


def certify_here(settings: Settings, *, comparisons_count: int, threads_count: int | None) -> tuple[str, bool]:
    """Compare a framework with itself on this machine and publish; return the certificate in words, and if it holds.

    Raises:
        BadInput: nothing is to be compared, a choice cannot be had here, or the cache folder cannot be written.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; the comparisons that were finished until then are published.
    """
    if comparisons_count < 1:
        raise BadInput(f"{comparisons_count} comparisons certify nothing; ask for at least one.")
    with published_job(settings, "bench, certificate") as job:
        options = BenchOptions(
            run_id=job.run_id,
            cache_folder=settings.data_folder / "bench",
            comparisons_count=comparisons_count,
            devices=(CPU,),
            threads_count=threads_count,
        )
        with set_by_interrupt() as stop:
            result = run_benchmarks(options, log_event, stop)
        keep_measured(job, result)
        if stop.is_set():
            raise Interrupted(_CUT_SHORT)
    if not result.of(BenchSelfSample):
        return "Nothing was compared: no framework is installed.", False
    here = {"machine_id": result.machine.machine_id}
    found = read_view(settings.published_file, "machine_certificate", here)
    return certificate_in_words(found, known_frameworks().titles), bool(found["holds"].all())


VARIANT = ("case_name", "size", "dtype", "device", "framework", "mode")
SERIES = (*VARIANT, "workload", "threads_count")
_NAME = ("case", "device", "framework", "mode")
CHANGE_COLUMNS = (*_NAME, "before", "now", "now/before", "95 % interval", "verdict", "version")
STEP_COLUMNS = (*_NAME, "since", "after/before", "runs", "version")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Ready for the terminal."""

    heading: str
    changes: list[tuple[str, ...]]
    """By `CHANGE_COLUMNS`; one row per variant of the newest run that an earlier one measured too."""
    steps: list[tuple[str, ...]]
    """By `STEP_COLUMNS`."""
    remark: str
    sure_slowdowns: tuple[float, ...]
    """By how much each is slower at least, by its interval, as a fraction; below 0 where it need not be slower."""


def compare_here(settings: Settings) -> Comparison:
    """Return how the newest published run of this machine compares with those before it.

    A variant is compared with the newest earlier run that did the same work with the same number of threads, whatever
    the versions, which are shown.

    Raises:
        BadInput: nothing was measured here yet.
    """
    machine = this_machine()
    own = {"machine_id": machine.machine_id}
    history = read_view(settings.published_file, "benchmark_history", own, ("measured_at", "run_id"))
    if history.empty:
        raise BadInput("nothing was measured on this machine yet; run `observatory bench` first.")
    newest = history[history["run_id"] == history["run_id"].iloc[-1]]
    known = newest[newest["previous_run_id"].notna()].sort_values(list(VARIANT))
    runs = {*newest["run_id"], *known["previous_run_id"]}
    samples = read_view(settings.published_file, "benchmark_samples", own | {"run_id": tuple(runs), "is_counted": True})
    changes = list(_changes(known, _launches(samples)))
    new_count, longest = len(newest) - len(known), int(history["run_number"].max())
    remarks = [f"{new_count} of {len(newest)} were not measured here before in the same way."] if new_count else []
    if longest < FEWEST_RUNS:
        remarks.append(f"Steps are looked for from {FEWEST_RUNS} runs on; the longest history has {longest}.")
    return Comparison(
        heading=f"{machine.title} ({machine.machine_id}): run {newest['run_id'].iloc[0]} against the one before",
        changes=[change for change, _ in changes],
        steps=list(_steps(history)),
        remark=" ".join(remarks),
        sure_slowdowns=tuple(slowdown for _, slowdown in changes),
    )


def _launches(samples: pd.DataFrame) -> Mapping[tuple[str, ...], list[Floats]]:
    """Return the step times of each run and variant, one array per launch."""
    return {
        tuple(map(str, key)): [times.to_numpy(np.float64) for _, times in rows.groupby("launch_index")["step_seconds"]]
        for key, rows in samples.groupby(["run_id", *VARIANT])
    }


def _changes(
    known: pd.DataFrame, launches: Mapping[tuple[str, ...], list[Floats]]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield each change, and by how much it surely is slower; an unstable one is surely nothing."""
    for row in known.to_dict("records"):
        variant = tuple(str(row[column]) for column in VARIANT)
        ratio = change_between(launches[row["run_id"], *variant], launches[row["previous_run_id"], *variant])
        is_stable = row["stability"] == "stable"
        change = (
            *_name(row),
            in_unit(row["previous_step_seconds_median"], "s"),
            in_unit(row["step_seconds_median"], "s"),
            f"{row['change_ratio']:.2f}",
            f"{ratio.low:.2f} to {ratio.high:.2f}",
            verdict_on(ratio, row["margin_fraction"]) if is_stable else row["stability"],
            _versions(row["previous_framework_version"], row["framework_version"]),
        )
        yield change, ratio.low - 1 if is_stable else 0.0


def _steps(history: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for _, series in history.groupby(list(SERIES)):
        runs = series.to_dict("records")
        for step in steps_in([run["step_seconds_median"] for run in runs], max(run["margin_fraction"] for run in runs)):
            before, after = runs[step.place - 1], runs[step.place]
            yield (
                *_name(after),
                f"{after['measured_at']:%Y-%m-%d}",
                f"{step.ratio:.2f}",
                str(len(runs)),
                _versions(before["framework_version"], after["framework_version"]),
            )


def _name(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    return f"{row['case_name']} {row['size']} {row['dtype']}", row["device"], row["framework"], row["mode"]


def _versions(before: str | None, after: str | None) -> str:
    return str(after) if before == after else f"{before} to {after}"
