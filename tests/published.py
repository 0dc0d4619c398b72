"""Rows of the page's tests: one benchmark run, and one survey with hostile words; and views that are computed once."""

from contextlib import contextmanager
from datetime import UTC, datetime

from pipeline.records.benchmarks import BenchRun, BenchSample, BenchSpecialMeasurement, BenchVariant, BenchWorker

DATABASE = "published/observatory.duckdb"


@contextmanager
def computed_once(connection, *views):
    """Let views of `main` be tables of their rows within the block, which others read; those that are read come first.

    Without it whatever reads them computes them anew.
    """
    connection.begin()
    try:
        for name in views:
            connection.execute(
                f"create table main.computed as from main.{name}; drop view main.{name}; "
                f"alter table main.computed rename to {name}"
            )
        yield
    finally:
        connection.rollback()


def rows_of_run(now, machine_id, run_id="20260101T000000Z", seconds=0.001, frameworks=("pytorch", "tensorflow")):
    """Yield what one run measured: a matrix product, in the second framework at half the speed of the first."""
    own = {"run_id": run_id, "device": "cpu"}
    yield BenchRun(
        run_id=run_id, machine_id=machine_id, started_at=now, finished_at=now, is_interrupted=False,
        settings='{"threads_count": 3}', environment='{"kernel": "6.1"}',
    )  # fmt: skip
    for factor, framework in enumerate(frameworks, start=1):
        variant = own | {
            "case_name": "matmul", "size": "small", "dtype": "float32", "framework": framework, "mode": "eager",
        }  # fmt: skip
        yield BenchWorker(
            **own, launch_index=0, framework=framework, framework_version="2.13", threads_count=3, import_seconds=2.5,
            resident_bytes=None, read_back='{"device": {"kind": "cpu"}}',
        )  # fmt: skip
        yield BenchVariant(**variant, launch_index=0, workload="128 x 128", outcome="measured", message=None)
        yield BenchSpecialMeasurement(
            **own, probe_name="dispatch", framework=framework, mode="eager", threads_count=3, round_index=0,
            repetition=0, measure="call", unit="s", workload="an addition", outcome="measured", message=None,
            value=1e-6, framework_version="2.13", conditions="{}",
        )  # fmt: skip
        for place in range(6):
            yield BenchSample(
                **variant, launch_index=0, round_index=place, order_index=0, steps_count=10,
                step_seconds=seconds * factor * (1 + place / 1000), cpu_seconds=0.003, other_cpus=None,
                is_disturbed=False,
            )  # fmt: skip


def put_hostile(connection):
    """Put one survey whose names try to leave the place where they are shown."""
    bad = "</script><script>alert(1)</script>"
    connection.execute(
        "insert into ref.framework (framework, title, is_deep_learning) values ('pytorch', ?, true)", [bad]
    )
    _put_survey(connection, bad, bad, title="A <b>bold</b> title", bias="<img src=x onerror=alert(1)>")


def _put_survey(connection, option, words, title="A survey", bias="some"):
    """Put a survey of two years and two frameworks; `option` and `words` stand wherever a text may stand."""
    connection.execute(
        "insert into ref.series by name select 'survey.stackoverflow' as series_id, ? as title, ? as unit, "
        "? as population, 'use' as measure, ? as known_bias, ? as bias_direction, 'so' as source_id",
        [title, words, words, bias, words],
    )
    address = "https://example.org/"
    connection.execute(
        "insert into ref.source values ('so', ?, ?, ?, ?, date '2024-01-01')", [words, address, words, words]
    )
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    connection.executemany(
        "insert into core.survey_count values ('so', ?, ?, 'stackoverflow', ?, 'all respondents', ?, ?, 10, 100, 0.1, "
        "false, ?)",
        [
            ["0" * 64, moment, year, f"{option} {name}", name, words]
            for year in (2023, 2024)
            for name in ("pytorch", "tensorflow")
        ],
    )


MACHINE = ("m1", "A small machine, 2 cores", True, "{}")
RUN = (
    "r1",
    "m1",
    datetime(2026, 1, 2, tzinfo=UTC),
    datetime(2026, 1, 2, tzinfo=UTC),
    False,
    '{"threads_count": 2}',
    "{}",
)
# case, framework, mode, outcome, message, ratio and its interval, verdict
MEASURED = (
    ("matmul", "pytorch", "eager", "measured", None, None, "reference"),
    ("matmul", "tensorflow", "eager", "measured", None, (2.0, 1.8, 2.2), "slower"),
    ("matmul", "pytorch", "compiled", "measured", None, None, "reference"),
    ("matmul", "tensorflow", "compiled", "measured", None, (0.5, 0.4, 0.6), "faster"),
    ("matmul", "jax", "compiled", "missing", "JAX is not installed", None, None),
)


def put_measured(connection):
    """Put one benchmark run: slower in one mode, faster in the other, one framework missing; a survey beside it."""
    connection.execute(
        "insert into core.machine (machine_id, title, is_virtual, fingerprint) values (?, ?, ?, ?)", MACHINE
    )
    connection.execute("insert into core.bench_run values (?, ?, ?, ?, ?, ?, ?)", RUN)
    for framework in ("pytorch", "tensorflow"):
        connection.execute(
            "insert into core.bench_worker (run_id, launch_index, framework, device, framework_version, threads_count, "
            "import_seconds, read_back) values ('r1', 0, ?, 'cpu', '1.0', 2, 1, '{}')",
            [framework],
        )
    for case, framework, mode, outcome, *rest in MEASURED:
        found = dict(zip(("message", "ratio", "verdict"), rest, strict=True))
        _put_variant(connection, (case, "small", "float32", "cpu", framework, mode), outcome, **found)
    _put_survey(connection, "pytorch", "")


def _put_variant(connection, key, outcome, *, message, ratio, verdict):
    names = "run_id, case_name, size, dtype, device, framework, mode"
    connection.execute(
        f"insert into core.bench_variant ({names}, launch_index, workload, outcome, message) "
        "values ('r1', ?, ?, ?, ?, ?, ?, 0, '64 x 64', ?, ?)",
        [*key, outcome, message],
    )
    if verdict is not None:
        connection.execute(
            f"insert into core.derived_performance ({names}, samples_count, launches_count, disturbed_count, "
            "step_seconds_median, step_seconds_q25, step_seconds_q75, step_seconds_low, step_seconds_high, "
            "reference_framework, ratio, ratio_low, ratio_high, margin_fraction, spread, stability, verdict) "
            "values ('r1', ?, ?, ?, ?, ?, ?, 8, 2, 0, 1, 1, 1, 1, 1, 'pytorch', ?, ?, ?, 0.15, 0.01, 'stable', ?)",
            [*key, *(ratio or (None, None, None)), verdict],
        )
