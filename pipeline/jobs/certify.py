"""Checks of the benchmarks themselves, run by hand: what they found, in sentences, and whether it holds."""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from pipeline.bench.plan import BenchOptions
from pipeline.bench.run import run_certificate
from pipeline.bench.timer_check import MOST_DEVIATION, TimerCheck, check_timer, median_deviation
from pipeline.errors import Interrupted
from pipeline.jobs.bench import keep_measured, log_event
from pipeline.jobs.context import set_by_interrupt
from pipeline.jobs.publish import published_job
from pipeline.records.benchmarks import BenchSelfSample
from pipeline.settings import Settings
from pipeline.warehouse.bench import Certificate, read_certificate

_MICRO = 1e6
_BUSY_SHARE = 0.1
"""Of the samples, beyond which a check says that the machine was busy."""
_CUT_SHORT = "The certificate was interrupted: the comparisons that were finished are kept; run it again for the rest."


class TrustReport(NamedTuple):
    """The findings of a check, and whether the figures may be trusted by it."""

    sentences: tuple[str, ...]
    holds: bool


def check_timer_here(settings: Settings, *, cases: tuple[str, ...], threads_count: int | None) -> TrustReport:
    """Compare the harness with the framework's own timer on this machine; nothing is stored.

    Raises:
        BadInput: a choice cannot be had on this machine, or the cache folder cannot be written.
    """
    folder = settings.data_folder / "bench"
    return timer_report(check_timer(BenchOptions(cache_folder=folder, cases=cases, threads_count=threads_count)))


def timer_report(checks: Sequence[TimerCheck]) -> TrustReport:
    """Word the figures of both timers; without a figure by both it does not hold."""
    lines = tuple(map(_timer_line, checks))
    if (deviation := median_deviation(checks)) is None:
        return TrustReport((*lines, "Nothing could be timed by both."), holds=False)
    holds = deviation <= MOST_DEVIATION
    word = "they agree" if holds else "they do not agree"
    verdict = f"Median deviation {deviation:.1%}; {MOST_DEVIATION:.0%} is allowed: {word}."
    busy_share = mean(check.disturbed_share for check in checks if check.ratio)
    busy = f"The machine was busy: other load disturbed {busy_share:.0%} of the samples. Repeat it on a quieter one."
    return TrustReport((*lines, verdict, *([busy] if busy_share > _BUSY_SHARE else [])), holds=holds)


def certify_here(settings: Settings, *, comparisons_count: int, threads_count: int | None) -> TrustReport:
    """Compare a framework with itself on this machine, keep and publish it, and say what margin it supports.

    Raises:
        BadInput: a choice cannot be had on this machine, or the cache folder cannot be written.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; the comparisons that were finished until then are published.
    """
    with published_job(settings, "bench, certificate") as job:
        folder = settings.data_folder / "bench"
        options = BenchOptions(run_id=job.run_id, cache_folder=folder, threads_count=threads_count)
        with set_by_interrupt() as stop:
            result = run_certificate(options, comparisons_count, log_event, stop)
        keep_measured(job, result)
        found = read_certificate(job.connection, result.machine.machine_id) if result.of(BenchSelfSample) else None
        if stop.is_set():
            raise Interrupted(_CUT_SHORT)
    return certificate_report(found)


def certificate_report(found: Certificate | None) -> TrustReport:
    """Word a certificate; without one it does not hold."""
    if found is None:
        return TrustReport(("Nothing was compared: no framework is installed.",), holds=False)
    if found.supported_margin_fraction is None:
        margin = "Too few were stable to say by how much frameworks must differ here: repeat it on a quieter machine."
    else:
        threads = f"{found.threads_count} thread{'s' if found.threads_count > 1 else ''}"
        beyond = f"{found.supported_margin_fraction:.0%} from now on"
        margin = f"With {threads} frameworks are called different here beyond {beyond}."
    held = (
        f"{found.containing_count} of {found.comparisons_count} intervals of a framework against itself hold 1.00 "
        f"({found.containing_share:.1%}; 95 % is what they promise)."
    )
    spread = (
        f"The ratios are off by {found.median_deviation_fraction:.1%} in the median and "
        f"{found.widest_deviation_fraction:.1%} at most; other load disturbed {found.disturbed_share:.0%} of the "
        "samples."
    )
    return TrustReport((held, spread, margin), holds=found.holds)


def _timer_line(check: TimerCheck) -> str:
    name = f"{check.case_name}, {check.mode}"
    if check.own_seconds is None or check.other_seconds is None:
        return f"{name}: {check.message}"
    own, other = check.own_seconds * _MICRO, check.other_seconds * _MICRO
    return f"{name}: harness {own:.1f} µs, Timer {other:.1f} µs, ratio {check.ratio:.3f}"
