"""Which of the two steps faster on the machine that was measured last, a mode at a time."""

from typing import Final

import pandas as pd

from pipeline.claims.claim import Finding, Row, Statement, nothing_known
from pipeline.claims.leading import TITLES, verdict_of
from pipeline.claims.wording import count, is_known, listed, percent, ratio, short_day

DEPENDS: Final = "depends on the case"


def say(frame: pd.DataFrame) -> Finding:
    """Word in how many cases TensorFlow was faster or slower than PyTorch, mode by mode."""
    if frame.empty:
        return nothing_known("The two were not measured side by side yet: run `observatory bench`.")
    verdict, leader = _verdict(frame["leader"].tolist())
    clauses = listed([_clause(row) for row in frame.itertuples()])
    sentence = f"On the machine measured last, {clauses}. One machine: it says nothing about why people choose."
    return Finding(verdict=verdict, leader=leader, sentence=sentence, grounds=tuple(map(_grounds, frame.itertuples())))


def _verdict(leaders: list[str]) -> tuple[str, str]:
    named = {leader for leader in leaders if leader in TITLES}
    if DEPENDS in leaders or len(named) > 1:
        return "It depends", ""
    verdict, leader = verdict_of(leaders)
    return verdict.replace("leads", "is faster").replace("mostly is faster", "is mostly faster"), leader


def _clause(row: Row) -> str:
    tallies = (
        ("faster", row.faster_count),
        ("slower", row.slower_count),
        ("the same", row.same_count),
        ("not shown to differ", row.no_difference_count),
        ("not comparable", row.not_comparable_count),
    )
    parts = [f"{words} in {number}" for words, number in tallies if number]
    where = "" if row.device == "cpu" else f" on {row.device}"
    return f"in {row.mode} mode{where} TensorFlow is {listed(parts)} of {row.cases_count} cases"


def _grounds(row: Row) -> str:
    spread = (
        f"takes {ratio(row.least_ratio)} to {ratio(row.greatest_ratio)} times PyTorch’s step time"
        if is_known(row.least_ratio)
        else "could be set in ratio to PyTorch in no case"
    )
    return (
        f"{row.machine_title}, {row.device}, {row.mode}: TensorFlow {row.framework_version} {spread} over "
        f"{row.cases_count} cases ({count(row.samples_count)} samples, {row.threads_count} threads; different beyond "
        f"{percent(row.margin_fraction)}); measured on {short_day(row.measured_at)}."
    )


STATEMENT = Statement(
    name="performance",
    topic="What is faster here",
    view="performance_tally",
    where={"framework": "tensorflow", "reference_framework": "pytorch", "machine_rank": 1},
    order_by=("device", "mode"),
    say=say,
)
