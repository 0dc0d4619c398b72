"""The faster of the two on the machine that was measured last, mode by mode."""

from typing import Final

import pandas as pd

from pipeline.claims.claim import Statement
from pipeline.claims.leading import UNDECIDED, ratio_tally_of, title_of, verdict_of
from pipeline.claims.wording import Row, count, is_known, listed, percent, ratio, short_day
from pipeline.reference import COMPARED

DEPENDS: Final = "depends on the case"


def sentence(frame: pd.DataFrame) -> str:
    """Word in how many cases the second was faster or slower than the first, mode by mode."""
    clauses = listed([_clause(row) for row in frame.itertuples()])
    return f"On the machine measured last, {clauses}. One machine: it says nothing about why people choose."


def verdict(leaders: set[str]) -> tuple[str, str]:
    """Return the verdict in words and the framework it names ("" for none)."""
    if DEPENDS in leaders or len(leaders - {UNDECIDED}) > 1:
        return "It depends", ""
    words, leader = verdict_of(leaders)
    return words.replace("leads", "is faster").replace("mostly is faster", "is mostly faster"), leader


def grounds(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return a line for each mode: the machine, the range of ratios, and how it was measured."""
    return tuple(_line(row) for row in frame.itertuples())


def _clause(row: Row) -> str:
    where = "" if row.device == "cpu" else f" on {row.device}"
    tally = ratio_tally_of(row)
    return f"in {row.mode} mode{where} {title_of(row.framework)} is {tally} of {row.cases_count} cases"


def _line(row: Row) -> str:
    reference = title_of(row.reference_framework)
    spread = (
        f"takes {ratio(row.least_ratio)} to {ratio(row.greatest_ratio)} times {reference}’s step time"
        if is_known(row.least_ratio)
        else f"could be set in ratio to {reference} in no case"
    )
    return (
        f"{row.machine_title}, {row.device}, {row.mode}: {title_of(row.framework)} {row.framework_version} "
        f"{spread} over {row.cases_count} cases ({count(row.samples_count)} samples, {row.threads_count} threads; "
        f"different beyond {percent(row.margin_fraction)}); measured on {short_day(row.measured_at)}."
    )


STATEMENT = Statement(
    name="performance",
    topic="What is faster here",
    view="performance_tally",
    where={"framework": COMPARED[1], "reference_framework": COMPARED[0], "machine_rank": 1},
    order_by=("device", "mode"),
    remedy="The two were not measured side by side yet: run `observatory bench`.",
    sentence=sentence,
    verdict=verdict,
    grounds=grounds,
)
