"""A benchmark run in a sentence, and which of its outcomes is no success."""

from collections.abc import Iterable

from pipeline.bench.run import BenchEvent, BenchResult
from pipeline.errors import Interrupted, Unmeasured
from pipeline.log import logger
from pipeline.records.benchmarks import BenchSpecialMeasurement, BenchVariant, Outcome

_GONE_WRONG: frozenset[Outcome] = frozenset(
    {"crashed", "failed", "no space left", "out of memory", "outputs differ", "timed out"}
)
"""What is not installed, not supported or not reached is a result like any other; this is not."""
_LISTED_COUNT = 3
_LOG = logger("refresh")
_MINUTES_FROM_SECONDS = 100
_HOURS_FROM_MINUTES = 60


def log_event(event: BenchEvent) -> None:
    """Log an event of a benchmark run."""
    _LOG.info("%s", progress_line(event))


def progress_line(event: BenchEvent) -> str:
    """Return an event with how far the run is and how long the rest will take at the pace so far."""
    if event.left_seconds is None:
        return event.sentence
    return f"{event.sentence} ({event.done_count} of {event.total_count}, {_rest(event.left_seconds)} left)"


def _rest(seconds: float) -> str:
    if seconds < _MINUTES_FROM_SECONDS:
        return f"about {seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < _HOURS_FROM_MINUTES else f"about {minutes // 60} h {minutes % 60} min"


def summary_of(result: BenchResult) -> str:
    """Return how much was measured, as a sentence without its full stop."""
    measured = sum(variant.outcome == "measured" for variant in result.variants)
    special = f", {len(result.special_measurements)} special figures" if result.special_measurements else ""
    return f"{measured} of {len(result.variants)} benchmark variants measured, {len(result.samples)} samples{special}"


def refuse_gaps(result: BenchResult, *, is_chosen: bool) -> None:
    """Raise an error where a run is not whole; `is_chosen`: its frameworks were chosen by name.

    Raises:
        Interrupted: it was ended early.
        Unmeasured: something went wrong, or nothing of what was asked for could be measured.
    """
    if result.run.is_interrupted:
        raise Interrupted(f"The benchmarks were interrupted: {summary_of(result)}; that much is kept and published.")
    rows: tuple[BenchVariant | BenchSpecialMeasurement, ...] = (*result.variants, *result.special_measurements)
    wrong = _clauses(row for row in rows if row.outcome in _GONE_WRONG)
    if wrong:
        more = f"; and {len(wrong) - _LISTED_COUNT} more" if len(wrong) > _LISTED_COUNT else ""
        raise Unmeasured(
            f"{summary_of(result)}; {'; '.join(wrong[:_LISTED_COUNT])}{more}. `observatory query` with "
            '"from benchmark_outcomes" lists each.'
        )
    if is_chosen and not any(row.outcome == "measured" for row in rows):
        reasons = "; ".join(dict.fromkeys(row.message for row in result.variants if row.message))
        raise Unmeasured(f"Nothing was measured: {reasons}.")


def _clauses(rows: Iterable[BenchVariant | BenchSpecialMeasurement]) -> list[str]:
    """Return one clause for each thing and outcome, whatever number of launches it befell."""
    return list(dict.fromkeys(f"{_name(row)}: {row.outcome} ({row.message})" for row in rows))


def _name(row: BenchVariant | BenchSpecialMeasurement) -> str:
    what = row.probe_name if isinstance(row, BenchSpecialMeasurement) else f"{row.case_name} {row.size}"
    return f"{what}, {row.framework} {row.mode}"
