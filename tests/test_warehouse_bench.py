"""Benchmark rows in the warehouse."""

import pytest

from pipeline.errors import ContractBroken
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchVariant, BenchWorker, DerivedPerformance, Machine
from pipeline.warehouse.bench import load_bench

VARIANT = {
    "run_id": "r", "case_name": "matmul", "size": "small", "dtype": "float32", "device": "cpu",
    "framework": "pytorch", "mode": "eager",
}  # fmt: skip


def rows(now):
    return [
        Machine(machine_id="m", title="A machine", is_virtual=True, fingerprint='{"cores_count": 4}'),
        BenchRun(
            run_id="r", machine_id="m", started_at=now, finished_at=now, is_interrupted=False,
            settings='{"threads_count": 3}', environment="{}",
        ),
        BenchWorker(
            run_id="r", launch_index=0, framework="pytorch", device="cpu", framework_version="2.13",
            threads_count=3, import_seconds=2.5, resident_bytes=None, read_back='{"intra_op_threads": 3}',
        ),
        BenchVariant(**VARIANT, launch_index=0, workload="128 x 128", outcome="measured", message=None),
        *(
            BenchSample(
                **VARIANT, launch_index=0, round_index=index, order_index=0, steps_count=10, step_seconds=0.001,
                cpu_seconds=0.003, other_cpus=None, is_disturbed=False,
            )
            for index in range(3)
        ),
        DerivedPerformance(
            **VARIANT, samples_count=3, launches_count=1, disturbed_count=0, step_seconds_median=0.001,
            step_seconds_q25=0.001, step_seconds_q75=0.001, step_seconds_low=0.001, step_seconds_high=0.001,
            reference_framework="pytorch", ratio=None, ratio_low=None, ratio_high=None, margin_fraction=0.15,
            spread=0.0, stability="too few samples", verdict="reference",
        ),
    ]  # fmt: skip


def everything(connection):
    tables = ("machine", "bench_run", "bench_worker", "bench_variant", "bench_sample", "derived_performance")
    return {table: sorted(connection.execute(f"from core.{table}").fetchall()) for table in tables}


def test_loading_twice_changes_nothing(warehouse, now):
    assert load_bench(warehouse, rows(now)) == 8
    once = everything(warehouse)
    assert {name: len(found) for name, found in once.items()} == {
        "machine": 1, "bench_run": 1, "bench_worker": 1, "bench_variant": 1, "bench_sample": 3,
        "derived_performance": 1,
    }  # fmt: skip
    load_bench(warehouse, reversed(rows(now)))
    assert everything(warehouse) == once


def test_a_row_with_the_same_key_is_replaced(warehouse, now):
    load_bench(warehouse, rows(now))
    load_bench(warehouse, [Machine(machine_id="m", title="Renamed", is_virtual=False, fingerprint="{}")])
    assert warehouse.execute("select title, is_virtual from core.machine").fetchall() == [("Renamed", False)]


def test_what_was_loaded_is_in_the_views(warehouse, now):
    load_bench(warehouse, rows(now))
    found = warehouse.execute(
        "select case_name, framework, framework_version, threads_count, step_seconds_median, verdict, outcome, "
        "workload from performance"
    ).fetchall()
    assert found == [("matmul", "pytorch", "2.13", 3, 0.001, "reference", "measured", "128 x 128")]
    assert len(warehouse.execute("from benchmark_samples").fetchall()) == 3


def test_a_case_counts_in_the_group_that_it_declares(warehouse, now):
    known = VARIANT | {"case_name": "a case of another program", "framework": "tensorflow"}
    measured = {"launch_index": 0, "workload": "1", "outcome": "measured", "message": None}
    reference = next(row for row in rows(now) if isinstance(row, DerivedPerformance))
    compared = reference.model_copy(update=known | {"ratio": 2.0, "verdict": "slower"})
    load_bench(warehouse, [*rows(now), BenchVariant(**known, **measured, case_group="CPU maths"), compared])
    found = warehouse.execute("select kind, framework, cases_count, slower_count from performance_by_kind").fetchall()
    assert found == [("CPU maths", "tensorflow", 1, 1)]


def test_a_failing_load_leaves_nothing_of_it(warehouse, now):
    class Odd(Machine):
        colour: str

    odd = Odd(machine_id="n", title="Odd", is_virtual=False, fingerprint="{}", colour="red")
    with pytest.raises(ContractBroken, match="have different columns"):
        load_bench(warehouse, [*rows(now), odd])
    assert not any(everything(warehouse).values())


def test_no_rows_are_no_load(warehouse):
    assert load_bench(warehouse, []) == 0
