"""Figures as sentences write them: percentages, counts, units, intervals, dates, lists. No figure is made here."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any, Final

import pandas as pd

from pipeline.reference import known_frameworks

Row = Any
"""One row of a frame, its columns as attributes."""
UNKNOWN = "unknown"
UNDECIDED: Final = "cannot tell"
DISAGREE: Final = "disagree"
"""In the place of a leader."""
_TIED = "\u00a0"
"""A space that no line is broken at: a number stays with its sign."""
_FEW_BYTES = 1e7
_THOUSAND = 1000
_MILLION = 1_000_000
_MONTHS = 12
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_SECONDS = ((1, ""), (1e3, "m"), (1e6, "µ"), (1e9, "n"))


def title_of(framework: object) -> str:
    """Return a framework's name as people write it."""
    return known_frameworks().title(str(framework))


def is_known(value: object) -> bool:
    """Return whether `value` is there at all: neither None nor any of the ways in which a frame says missing."""
    is_nan = isinstance(value, float) and isnan(value)
    return value is not None and value is not pd.NA and value is not pd.NaT and not is_nan


def percent(share_fraction: object) -> str:
    """Return a share as `78.7 %`, or `unknown`."""
    return f"{float(str(share_fraction)) * 100:.1f}{_TIED}%" if is_known(share_fraction) else UNKNOWN


def interval(low: object, high: object) -> str:
    """Return an interval of shares as `75.0–82.0 %`, or `no interval`."""
    if not (is_known(low) and is_known(high)):
        return "no interval"
    return f"{float(str(low)) * 100:.1f}–{float(str(high)) * 100:.1f}{_TIED}%"


def count(number: object) -> str:
    """Return a whole number with thousands apart, or `unknown`."""
    return f"{int(str(number).removesuffix('.0')):,}" if is_known(number) else UNKNOWN


def ratio(value: object) -> str:
    """Return a ratio with its two leading decimals, or `unknown`."""
    return f"{float(str(value)):.2f}" if is_known(value) else UNKNOWN


def in_unit(value: object, unit: str) -> str:
    """Return a figure with its unit, in the power of ten that is read most easily."""
    number = float(str(value))
    if unit == "s":
        factor, prefix = next((step for step in _SECONDS if abs(number) * step[0] >= 1), _SECONDS[0])
        return f"{number * factor:.3g} {prefix}s"
    if unit == "byte":
        return f"{number / 1e6:,.0f} MB" if number > _FEW_BYTES else f"{number / 1e6:.2g} MB"
    if unit == "fraction":
        return percent(number)
    return f"{number:,.3g} {unit}" if abs(number) < _THOUSAND else f"{number:,.0f} {unit}"


def day(moment: object) -> str:
    """Return a date as `7 March 2024`, or `unknown`."""
    if not is_known(moment):
        return UNKNOWN
    when = pd.Timestamp(str(moment))
    return f"{when.day} {when:%B %Y}"


def short_day(moment: object) -> str:
    """Return a date as `7 Mar 2024`, or `unknown`."""
    return f"{pd.Timestamp(str(moment)).day} {pd.Timestamp(str(moment)):%b %Y}" if is_known(moment) else UNKNOWN


def year(moment: object) -> str:
    """Return the year of a date."""
    return f"{pd.Timestamp(str(moment)).year}"


def age(days: object) -> str:
    """Return an age in days in words, or `age unknown`."""
    if not is_known(days):
        return "age unknown"
    return "1 day old" if days == 1 else f"{count(days)} days old"


def period(start: object, end: object) -> str:
    """Return `2023` or `2023–2024` for years, `March 2026` or `July to September 2025` for months, else days."""
    first, last = pd.Timestamp(str(start)).date(), pd.Timestamp(str(end)).date()
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return years(first, last)
    if first == last:
        return day(first)
    is_one_month = (first.year, first.month) == (last.year, last.month)
    if first.day == 1 and (pd.Timestamp(last) + pd.Timedelta(days=1)).day == 1 and first.year == last.year:
        return f"{last:%B %Y}" if is_one_month else f"{first:%B} to {last:%B %Y}"
    return f"{first.day}–{day(last)}" if is_one_month else f"{day(first)} to {day(last)}"


def years(start: object, end: object) -> str:
    """Return the year of both, or both years: `2020–2022`."""
    return year(end) if year(start) == year(end) else f"{year(start)}–{year(end)}"


def span(months: object) -> str:
    """Return a number of months in words: `nine months`, `a year`, `two years`, `26 months`."""
    number = int(str(months))
    if number == _MONTHS:
        return "a year"
    if number % _MONTHS == 0 and number // _MONTHS < len(_NUMBERS):
        return f"{_NUMBERS[number // _MONTHS]} years"
    words = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{words} month{'' if number == 1 else 's'}"


def amount(number: object) -> str:
    """Return a count as people say it: `87.3 million`, `12,365`, or `unknown`."""
    if not is_known(number) or float(str(number)) < _MILLION:
        return count(number)
    return f"{float(str(number)) / _MILLION:,.1f}{_TIED}million"


def tallied(counts: Mapping[str, object]) -> str:
    """Return `slower in 5 and the same in 3`; words whose count is nought are left out."""
    return listed([f"{words} in {count(number)}" for words, number in counts.items() if number])


def ratio_tally_of(row: Row) -> str:
    """Return in how many cases a framework was faster or slower than the reference: `slower in 5 and the same in 3`."""
    verdicts = {"faster": "faster", "slower": "slower", "same": "the same", "no_difference": "no difference shown"}
    counts = {words: getattr(row, f"{verdict}_count") for verdict, words in verdicts.items()}
    return tallied({**counts, "not comparable": row.not_comparable_count})


def listed(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
