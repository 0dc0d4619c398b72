"""What a run keeps for the passport and the roofline: from real worker children into the views."""

import json
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.bench.registry import CASES, case_named
from pipeline.bench.run import run_benchmarks
from pipeline.bench.special_measurement import plain_peaks
from pipeline.bench.timing import Clock
from pipeline.jobs.bench import keep_measured
from pipeline.records.benchmarks import BenchPeak, BenchVariant, BenchWorker


@pytest.fixture
def options(fake_options):
    return partial(fake_options, cases=("matmul",))


@pytest.mark.slow
def test_a_run_is_held_against_peaks_that_it_took_itself(options, warehouse):
    result = run_benchmarks(options("Steady", peaks=True))
    found = {row.measure: row for row in result.of(BenchPeak)}
    assert {name: row.outcome for name, row in found.items()} == {"product": "measured", "copy": "measured"}
    assert found["product"].value > found["product"].threads_count * 1e8
    assert found["copy"].value > 1e8
    keep_measured(SimpleNamespace(connection=warehouse), result)
    rows = warehouse.execute(
        "select size, bound_by, peak_share, product_peak, operations_per_second from main.roofline where mode = 'eager'"
    ).fetchall()
    assert {row[0] for row in rows} == {"small", "large"}
    for _, _, share, product_peak, reached in rows:
        assert product_peak >= found["product"].value
        assert 0 < reached <= product_peak
        # But for the last digit, since the two are divided in different orders.
        assert 1 + 1e-9 >= share >= (1 - 1e-9) * reached / product_peak


def test_without_peaks_there_is_no_roofline(options, warehouse):
    keep_measured(SimpleNamespace(connection=warehouse), run_benchmarks(options("Steady")))
    assert warehouse.execute("from main.roofline").fetchall() == []


def test_peaks_that_could_not_be_taken_say_why(options, monkeypatch):
    monkeypatch.setattr("pipeline.bench.special_rounds._PEAK_SECONDS", 0.01)
    result = run_benchmarks(options("Steady", peaks=True))
    assert [(row.measure, row.outcome, row.value) for row in result.of(BenchPeak)] == [
        ("product", "timed out", None),
        ("copy", "timed out", None),
    ]
    assert {variant.outcome for variant in result.of(BenchVariant)} == {"measured"}, (
        "the cases are measured all the same"
    )


@pytest.mark.slow
def test_a_worker_tells_its_memory_policy_and_the_hash_of_its_data(options, monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")
    result = run_benchmarks(options("Steady", "Lying"))
    assert {json.loads(worker.memory_policy)["MALLOC_ARENA_MAX"] for worker in result.of(BenchWorker)} == {"2"}
    assert {worker.blas_path for worker in result.of(BenchWorker)} == {None}, "NumPy as a framework does not tell"
    built = [variant for variant in result.of(BenchVariant) if variant.outcome == "measured"]
    assert {len({v.problem_sha256 for v in built if v.size == size}) for size in ("small", "large")} == {1}
    assert {variant.step_operations for variant in built} == {2 * 128**3, 2 * 768**3}


def test_the_best_of_the_repeats_counts_and_a_slow_machine_is_not_kept_waiting(monkeypatch):
    monkeypatch.setattr("pipeline.bench.special_measurement._PEAK_SIDE", 8)
    monkeypatch.setattr("pipeline.bench.special_measurement._PEAK_NUMBERS", 64)
    moments = iter(np.cumsum([0, 2.0, 0, 0.5, 0, 4.0] * 2))
    clock = Clock(wall_seconds=lambda: next(moments), cpu_seconds=lambda: 0, busy_seconds=lambda: None)
    product, copy = plain_peaks(2, clock)
    assert (product["repeats_count"], product["value"]) == (3, 2 * 8**3 / 0.5)
    assert (copy["repeats_count"], copy["value"]) == (3, 2 * 4 * 64 / 0.5)


@pytest.mark.parametrize("case", [case for case in CASES if case.least_numbers("small")], ids=lambda case: case.name)
def test_the_numbers_that_a_case_declares_are_those_of_its_arrays(case):
    for size in case.sizes:
        problem = case.problem(size, "float32", 0)
        arrays = [laid.values for laid in {**problem.inputs, **problem.parameters}.values()]
        read = sum(values.size for values in arrays)
        written = next(iter(problem.inputs.values())).values.size
        assert case.least_numbers(size) == read + written


def test_operations_are_those_of_the_plain_algorithm():
    assert case_named("matmul").operations_count("small") == 2 * 128 * 128 * 128
    assert case_named("convolution").operations_count("small") == 2 * (56 * 56 * 64) * (3 * 3 * 64)
    assert case_named("elementwise").operations_count("small") == 5 * 1000
    assert case_named("copy").operations_count("small") is None
    assert case_named("lstm").operations_count("small") is None
