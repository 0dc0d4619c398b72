"""Rows by which a benchmark run shows how far its figures may be trusted: one thing against itself, and the peaks."""

from typing import Literal

from pipeline.records.benchmarks import (
    VARIANT_KEY,
    BenchSample,
    Duration,
    Outcome,
    RunRow,
    Seconds,
    Stability,
    VariantRow,
)
from pipeline.records.record import Count, Identifier, PositiveCount

Side = Literal["one", "other"]


class BenchSelfSample(
    BenchSample,
    table="core.bench_self_sample",
    key=f"{VARIANT_KEY} repetition side launch_index round_index attempt_index",
):
    """One timed block of a framework that is compared with itself: two sides, each a process of its own per launch."""

    repetition: Count
    """Which set of processes: each repetition starts all of them anew."""
    side: Side


class DerivedSelfComparison(VariantRow, table="core.derived_self_comparison", key=f"{VARIANT_KEY} repetition"):
    """The ratio of a framework's step time to its own, with the interval that any comparison gets; the truth is 1."""

    repetition: Count
    launches_count: PositiveCount
    samples_count: PositiveCount
    """Of both sides together."""
    disturbed_count: Count
    ratio: Seconds
    ratio_low: Seconds
    ratio_high: Seconds
    spread: Duration
    """The wider one of the two sides."""
    stability: Stability
    """Stable where both sides are."""


class BenchPeak(RunRow, table="core.bench_peak", key="run_id device measure"):
    """Highest rate that a plain product or a plain copy reached on this machine, in the same run as the cases."""

    device: Identifier
    measure: Identifier
    """`product` or `copy`."""
    unit: Identifier
    """`flop/s` or `byte/s`."""
    workload: Identifier
    library: Identifier
    """What computed it."""
    threads_count: PositiveCount
    repeats_count: Count
    """Out of how many the best was taken."""
    outcome: Outcome
    message: str | None
    value: float | None
    """Null where there is none: see the outcome."""
