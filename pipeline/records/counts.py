"""Records about totals that a service announces without listing what it counts."""

from datetime import date
from typing import ClassVar, Literal

from pipeline.records.record import Count, Identifier, Record


class PeriodCount(Record):
    """What one service counted for one subject in one period, as it said on one day; both days are included."""

    table: ClassVar[str] = "core.period_count"
    key: ClassVar[tuple[str, ...]] = ("source_id", "measure", "subject", "period_start", "period_end", "observed_on")

    measure: Literal["papers", "repositories", "models", "questions", "downloads", "stars"]
    subject: Identifier
    """What the service was asked for, in its own terms: a query, a tag, a class."""
    framework: Identifier | None
    """The framework that the subject stands for; null for a base that others are divided by."""
    period_start: date
    period_end: date
    observed_on: date
    """Totals drift: the same question gives another number on another day, so each day's answer is kept."""
    items_count: Count
