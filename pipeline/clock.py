"""The one place that reads the clock; everything else takes the time as a value."""

from datetime import UTC, datetime
from time import perf_counter, process_time

__all__ = ["now_utc", "perf_counter", "process_time"]


def now_utc() -> datetime:
    """Return the current moment, aware, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
