"""Records about totals: what services count without listing it, and package downloads."""

from datetime import date
from typing import Literal, TypeVar

from pydantic import model_validator

from pipeline.records.record import Count, Identifier, LargeCount, Record

_Row = TypeVar("_Row", bound=Record)


def _in_order(row: _Row) -> _Row:
    first, last = (value for name, value in row if name.endswith(("_start", "_end")))
    if last < first:
        raise ValueError("the period ends before it begins")
    return row


class PeriodCount(
    Record, table="core.period_count", key="source_id measure subject period_start period_end observed_on"
):
    """Items that one service counted for one subject in one period, as reported on one day; both days are included."""

    measure: Literal["papers", "repositories", "models", "questions", "downloads", "stars", "developers", "posts"]
    subject: Identifier
    """What the service was asked for, in its own terms: a query, a tag, a class."""
    framework: Identifier | None
    """The framework that the subject stands for; null for a base that others are divided by."""
    period_start: date
    period_end: date
    observed_on: date
    """Totals drift: the same question gives another number on another day, so each day's answer is kept."""
    items_count: LargeCount

    _begins_first = model_validator(mode="after")(_in_order)


class DownloadWindow(Record, table="core.download_window", key="source_id package client_scope window_end"):
    """Downloads of one package within one window, both days included."""

    package: Identifier
    client_scope: Identifier
    """Whose downloads are counted, e.g. `all clients`."""
    window_start: date
    window_end: date
    downloads_count: LargeCount
    counting_system: Identifier

    _begins_first = model_validator(mode="after")(_in_order)


class DownloadList(Record, table="core.download_list", key="source_id window_end"):
    """One published ranking of packages: how long it was and where it was cut off."""

    window_end: date
    packages_count: Count
    cutoff_count: LargeCount
    """The smallest count on the list: a package that is not on it had at most this many, not zero."""
    counting_system: Identifier
