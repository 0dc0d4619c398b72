"""One quick run of the real frameworks; `pytest -m bench` runs it alone."""

from importlib.util import find_spec

import pytest

from pipeline.bench.registry import CASES
from pipeline.bench.run import BenchOptions, run_benchmarks
from pipeline.estimate.ratios import derive_performance, margin_for

INSTALLED = [
    name for name, package in (("pytorch", "torch"), ("tensorflow", "tensorflow"), ("jax", "jax")) if find_spec(package)
]
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not INSTALLED, reason="no framework is installed; install the extra `bench` to run this"),
]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    # A folder with a space in its name, as people have.
    cache_folder = tmp_path_factory.mktemp("home of the observatory") / "data" / "cache"
    return run_benchmarks(
        BenchOptions(
            run_id="real", cache_folder=cache_folder, quick=True, frameworks=tuple(INSTALLED), budget_seconds=120
        )
    )


def rows(result, framework, **wanted):
    return [
        row
        for row in result.variants
        if row.framework == framework and all(getattr(row, name) == value for name, value in wanted.items())
    ]


@pytest.mark.parametrize("framework", INSTALLED)
def test_every_case_is_measured_in_every_mode_and_right(result, framework):
    attempted = [row for row in rows(result, framework) if row.outcome != "not run: quick"]
    assert {row.case_name for row in attempted} == {case.name for case in CASES}
    trouble = [row.message for row in attempted if row.outcome == "unsupported"]
    assert all("C++" in message or "Cxx" in message for message in trouble), trouble
    for row in attempted:
        assert row.outcome in {"measured", "unsupported"}, (row.case_name, row.mode, row.outcome, row.message)
        assert row.outcome == "unsupported" or row.outputs_agree


@pytest.mark.parametrize("framework", INSTALLED)
def test_the_framework_states_the_threads_it_was_given(result, framework):
    import json

    (worker,) = [worker for worker in result.workers if worker.framework == framework]
    stated = json.loads(worker.read_back)
    assert stated["intra_op_threads"] in {worker.threads_count, None}
    assert stated.get("inter_op_threads", 1) == 1
    precision = [stated.get(name) for name in ("tensor_float_32", "cudnn_allow_tf32")]
    assert True not in precision
    assert worker.resident_bytes is None or worker.resident_bytes > 50_000_000


def test_memory_and_first_steps_are_told_apart(result):
    for row in result.variants:
        if row.outcome != "measured":
            continue
        assert row.first_step_seconds > 0
        assert (row.is_from_cache is None) == (row.mode == "eager")
        assert row.peak_memory_bytes is None or row.peak_memory_bytes < 2_000_000_000
    in_memory = [row.peak_memory_bytes for row in result.variants if row.size == "large" and row.outcome == "measured"]
    # The large convolution's images alone are 6 MB.
    assert None in in_memory or max(in_memory) > 6_000_000


@pytest.mark.skipif(len(INSTALLED) < 2, reason="a ratio needs two frameworks")
def test_ratios_are_derived_for_what_was_measured(result):
    derived = derive_performance(result.samples, margin_for(result.machine))
    assert {row.framework for row in derived} == set(INSTALLED)
    for row in derived:
        assert row.step_seconds_low <= row.step_seconds_median <= row.step_seconds_high
        if row.ratio is not None:
            assert row.ratio_low <= row.ratio_high
            assert 0.001 < row.ratio < 1000
