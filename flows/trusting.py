"""The checks of the benchmarks themselves, by hand: what they found, in sentences, and whether it holds."""

from dataclasses import dataclass

from pipeline.bench.plan import BenchOptions
from pipeline.bench.timer_check import MOST_DEVIATION, TimerCheck, check_timer, median_deviation
from pipeline.settings import Settings

_MICRO = 1e6


@dataclass(frozen=True, kw_only=True)
class TrustReport:
    """What a check says, and whether the figures may be trusted by it."""

    sentences: tuple[str, ...]
    holds: bool


def check_timer_here(settings: Settings, *, cases: tuple[str, ...], threads_count: int | None) -> TrustReport:
    """Compare the harness with the framework's own timer on this machine; nothing is stored.

    Raises:
        BadInput: a choice cannot be had on this machine, or the cache folder cannot be written.
    """
    folder = settings.data_folder / "bench"
    options = BenchOptions(run_id="timer check", cache_folder=folder, cases=cases, threads_count=threads_count)
    checks = check_timer(options)
    deviation = median_deviation(checks)
    return TrustReport(
        sentences=(*map(_timer_line, checks), _timer_verdict(deviation)),
        holds=deviation is not None and deviation <= MOST_DEVIATION,
    )


def _timer_line(check: TimerCheck) -> str:
    name = f"{check.case_name}, {check.mode}"
    if check.own_seconds is None or check.other_seconds is None:
        return f"{name}: {check.message}"
    own, other = check.own_seconds * _MICRO, check.other_seconds * _MICRO
    return f"{name}: harness {own:.1f} µs, Timer {other:.1f} µs, ratio {check.ratio:.3f}"


def _timer_verdict(deviation: float | None) -> str:
    if deviation is None:
        return "Nothing could be timed by both."
    word = "they agree" if deviation <= MOST_DEVIATION else "they do not agree"
    return f"Median deviation {deviation:.1%}; {MOST_DEVIATION:.0%} is allowed: {word}."
