"""Rows by which a benchmark run shows how far its figures may be trusted: one thing against itself, and the peaks."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.records.benchmarks import BenchRow, BenchSample, Duration, Outcome, RunRow, Seconds, Stability
from pipeline.records.record import Count, Identifier

Side = Literal["one", "other"]


class BenchSelfSample(BenchSample):
    """One timed block of a framework that is compared with itself: two sides, each a process of its own a launch."""

    table: ClassVar[str] = "core.bench_self_sample"
    key: ClassVar[tuple[str, ...]] = (
        "run_id", "case_name", "size", "dtype", "device", "framework", "mode", "repetition", "side", "launch_index",
        "round_index", "attempt_index",
    )  # fmt: skip

    repetition: Count
    """Which set of processes: each repetition starts all of them anew."""
    side: Side


class DerivedSelfComparison(BenchRow):
    """The ratio of a framework's step time to its own, with the interval that any comparison gets; the truth is 1."""

    table: ClassVar[str] = "core.derived_self_comparison"
    key: ClassVar[tuple[str, ...]] = (
        "run_id", "case_name", "size", "dtype", "device", "framework", "mode", "repetition",
    )  # fmt: skip

    run_id: Identifier
    case_name: Identifier
    size: Identifier
    dtype: Identifier
    device: Identifier
    framework: Identifier
    mode: Identifier
    repetition: Count
    launches_count: Annotated[int, Field(ge=1)]
    samples_count: Annotated[int, Field(ge=1)]
    """Of both sides together."""
    disturbed_count: Count
    ratio: Seconds
    ratio_low: Seconds
    ratio_high: Seconds
    spread: Duration
    """The wider one of the two sides."""
    stability: Stability
    """Stable where both sides are."""


class BenchPeak(RunRow):
    """The most that a plain product or a plain copy reached on this machine, in the same run as the cases."""

    table: ClassVar[str] = "core.bench_peak"
    key: ClassVar[tuple[str, ...]] = ("run_id", "device", "measure")

    device: Identifier
    measure: Identifier
    """`product` or `copy`."""
    unit: Identifier
    """`flop/s` or `byte/s`."""
    workload: Identifier
    library: Identifier
    """What computed it."""
    threads_count: Annotated[int, Field(ge=1)]
    repeats_count: Count
    """Out of how many the best was taken."""
    outcome: Outcome
    message: str | None
    value: float | None
    """Null where there is none: see the outcome."""
