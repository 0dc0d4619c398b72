"""Rows of a benchmark run. They are made on this machine, so a run, not a source and a page, is their provenance."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from pipeline.records.record import Count, Fraction, Identifier, JsonObject, LargeCount, PositiveCount, Row, UtcMoment

Outcome = Literal[
    "measured", "missing", "unsupported", "outputs differ", "crashed", "out of memory", "timed out", "failed",
    "no space left", "not run: quick", "not run: time budget", "not run: interrupted",
]  # fmt: skip
Verdict = Literal["reference", "faster", "slower", "same", "no difference shown", "not comparable"]
Stability = Literal["stable", "unstable", "too few samples"]
Side = Literal["one", "other"]

Seconds = Annotated[float, Field(ge=1e-12, le=1e12)]
Duration = Annotated[float, Field(ge=0, le=1e12)]
"""Also of what is no time: within these limits no ratio or sum of them overflows."""
VARIANT_KEY = "run_id case_name size dtype device framework mode"


def usual_mode(mode: str) -> str:
    """Return the mode itself, of one with a further setting, such as `compiled, frozen`, that without it."""
    return mode.partition(", ")[0]


class RunRow(Row, allow_inf_nan=False):
    """A row that belongs to one run; none of its figures is infinite."""

    run_id: Identifier


class Machine(Row, table="core.machine", key="machine_id"):
    """The hardware that was measured, without anything that names its owner."""

    machine_id: Identifier
    """Hash of the fingerprint."""
    title: Identifier
    is_virtual: bool
    """Neighbours on the same host may disturb it."""
    fingerprint: JsonObject
    """JSON object of hardware facts."""
    is_imported: bool = False
    """Its results came in a file; they are shown apart from those of the machine at hand."""
    identity: Identifier | None = None
    """Salted hash of the system's own id, by which two machines of one make differ; null where it tells none."""
    is_verified: bool | None = None
    """Of an import: its rows are those that its checksum was taken of; false without one."""
    notes: str | None = None
    """What is known to be off about its figures, of one that ships with the project as `source_id`."""
    source_id: str | None = None


_Kind = TypeVar("_Kind", bound=RunRow)


@dataclass(frozen=True, kw_only=True)
class MachineResults:
    """One or all runs of one machine."""

    machine: Machine
    rows: tuple[RunRow, ...]
    """Each run's own row, its workers, what became of each variant, the samples and all else that was measured."""
    is_verified: bool | None = None
    """Of an export: a checksum shows that it is as it was written; false where it is too old to carry one."""

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """Return the rows of one kind."""
        return tuple(row for row in self.rows if isinstance(row, kind) and type(row) is kind)


class BenchRun(RunRow, table="core.bench_run", key="run_id"):
    """One benchmark run on one machine."""

    machine_id: Identifier
    started_at: UtcMoment
    finished_at: UtcMoment
    is_interrupted: bool
    settings: JsonObject
    """JSON object: the protocol."""
    environment: JsonObject
    """JSON object: software versions and whatever else may change between runs on one machine."""


class BenchWorker(RunRow, table="core.bench_worker", key="run_id launch_index framework device"):
    """One child process: one framework in one launch, and what it reported of itself."""

    launch_index: Count
    framework: Identifier
    device: Identifier
    framework_version: Identifier
    threads_count: PositiveCount
    import_seconds: Duration
    resident_bytes: LargeCount | None
    """Memory held after the import, before any case."""
    read_back: JsonObject
    """JSON object: threads, precision switches, BLAS and build as the framework itself states them."""
    memory_policy: JsonObject | None = None
    """JSON object: the allocators' settings as the worker found them in its own environment."""
    blas_path: str | None = None
    """The code path that matrix products take on this processor, as their library reports it; null where none does."""


class VariantRow(RunRow):
    """A row about one thing that is timed: a case at a size, in one framework and mode."""

    case_name: Identifier
    size: Identifier
    dtype: Identifier
    device: Identifier
    framework: Identifier
    mode: Identifier


class BenchVariant(VariantRow, table="core.bench_variant", key=f"{VARIANT_KEY} launch_index"):
    """Outcome of one variant in one launch."""

    launch_index: Count
    workload: Identifier
    case_group: Identifier | None = None
    """The kind of case that people ask about, within which comparisons are counted, where it counts in one."""
    outcome: Outcome
    message: str | None
    build_seconds: Duration | None = None
    """From NumPy arrays to something that can be stepped; no step yet."""
    first_step_seconds: Duration | None = None
    """The first step, in which the compiled modes compile."""
    is_from_cache: bool | None = None
    """True where the compiler took its result from an earlier run's cache; null where nothing is compiled."""
    is_compiled: bool | None = None
    """A graph was compiled for the step; null in eager mode, and where nothing tells. Without one it is not timed."""
    warmup_steps_count: Count | None = None
    is_warmup_flat: bool | None = None
    """The last warm-up blocks agreed; false where the warm-up's time ended first."""
    peak_memory_bytes: LargeCount | None = None
    """Highest resident memory of the child while it was built and first run, above what it held before."""
    device_peak_bytes: LargeCount | None = None
    """The same on the device, by the framework's own counter; null on the processor and where it cannot tell."""
    device_reserved_bytes: LargeCount | None = None
    """What the framework had taken of the device's memory by then, used or not."""
    outputs_agree: bool | None = None
    relative_error: Duration | None = None
    """Largest difference to the float64 reference over the reference's largest value; of a gradient, by length."""
    tolerance: Seconds | None = None
    problem_sha256: str | None = None
    """Hash of all inputs and weights as the worker made them."""
    step_samples: LargeCount | None = None
    """Samples of the batch that a step takes, where the case has one."""
    step_operations: LargeCount | None = None
    """Floating-point operations of a step, where the case declares them."""
    step_bytes: LargeCount | None = None
    """The least that a step must read and write, where the case declares it."""


class BenchSample(VariantRow, table="core.bench_sample", key=f"{VARIANT_KEY} launch_index round_index attempt_index"):
    """One timed block of steps."""

    launch_index: Count
    round_index: Count
    order_index: Count
    """Place within its round; the order is drawn anew for each."""
    steps_count: PositiveCount
    step_seconds: Seconds
    cpu_seconds: Duration
    """Processor seconds per step, over all threads of the child."""
    other_cpus: Duration | None
    """Processors that anything else kept busy meanwhile; null where the system does not report it."""
    is_disturbed: bool
    attempt_index: Count = 0
    """0 for the round's own sample; more for a repeat of a disturbed one, which is kept beside it."""
    disturbances: Identifier | None = None
    """What disturbed it, in words; null where nothing is known to have."""
    stolen_cpus: Duration | None = None
    """Processors that the host took away meanwhile."""
    pressure_fraction: Fraction | None = None
    """The part of the time in which something waited for a processor."""
    involuntary_switches_count: Count | None = None
    """How often a thread of the child was put aside while it still had work."""
    clock_change_fraction: Duration | None = None
    """By how much the processors' clock differed between begin and end."""
    step_minor_faults: Duration | None = None
    """Pages of memory that the system handed out at first touch, per step."""
    step_switches: Duration | None = None
    """How often a thread of the child was put aside, waiting included, per step."""
    step_system_seconds: Duration | None = None
    """Of the processor seconds per step, those in the kernel."""
    step_instructions: Duration | None = None
    """Instructions per step outside the kernel, over all threads; null where the processor does not count them."""


class BenchSpecialMeasurement(
    RunRow,
    table="core.bench_probe",
    key="run_id probe_name framework mode device threads_count round_index repetition measure",
):
    """One figure of a special measurement, which is no steady step: a fresh child process for each round."""

    probe_name: Identifier
    framework: Identifier
    mode: Identifier
    device: Identifier
    threads_count: PositiveCount
    round_index: Count
    """Which child."""
    repetition: Count = 0
    """Which within the child."""
    measure: Identifier
    unit: Identifier
    workload: Identifier
    outcome: Outcome
    message: str | None = None
    value: float | None = None
    """Null where there is none: see the outcome."""
    framework_version: Identifier | None = None
    conditions: JsonObject = "{}"
    """JSON object: the allocators' settings, and what the framework says of itself."""


class DerivedPerformance(VariantRow, table="core.derived_performance", key=VARIANT_KEY):
    """Statistics of one variant's samples and its ratio to the reference framework in the same mode.

    Of a mode with a further setting the reference is the same framework, in that mode without it.
    """

    samples_count: PositiveCount
    launches_count: PositiveCount
    disturbed_count: Count
    step_seconds_median: Seconds
    step_seconds_q25: Seconds
    step_seconds_q75: Seconds
    step_seconds_low: Seconds
    step_seconds_high: Seconds
    reference_framework: Identifier
    ratio: Seconds | None
    ratio_low: Seconds | None
    ratio_high: Seconds | None
    margin_fraction: Seconds
    """Ratios within 1 / (1 + margin) .. 1 + margin are not called different; fixed before measuring."""
    spread: Duration
    """1.4826 times the median absolute deviation, over the median."""
    stability: Stability
    verdict: Verdict


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
    outcome: Outcome = "measured"
    message: str | None = None
    value: float | None = None
    """Null where there is none: see the outcome."""


TRAVELLING: tuple[type[RunRow], ...] = (
    BenchRun, BenchWorker, BenchVariant, BenchSample, BenchSelfSample, BenchSpecialMeasurement, BenchPeak,
)  # fmt: skip
"""The kinds of rows in an export; a new kind is a line here."""
OF_A_RUN: tuple[type[RunRow], ...] = (*TRAVELLING, DerivedPerformance, DerivedSelfComparison)
"""All kinds, those that are derived from others included."""
