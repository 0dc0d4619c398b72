"""A framework against itself: through real worker children, into the warehouse, out as the margin of the verdicts."""

import json
import threading
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from pipeline.bench.run import run_benchmarks
from pipeline.bench.special_rounds import USUAL_COMPARISONS, wanted_comparisons
from pipeline.errors import BadInput
from pipeline.estimate.ratios import derive_self_comparisons, margin_for
from pipeline.jobs.bench import keep_measured
from pipeline.jobs.bench_checks import certify_here
from pipeline.metrics.read import read_view
from pipeline.records.benchmarks import BenchRun, BenchSelfSample, DerivedSelfComparison
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench, supported_margin


@pytest.fixture
def options(fake_options):
    return partial(fake_options, rounds_count=3)


@pytest.mark.slow
def test_two_sides_in_processes_of_their_own_and_the_same_rounds(options, tmp_path, monkeypatch, warehouse):
    pids = tmp_path / "pids"
    pids.mkdir()
    monkeypatch.setenv("BENCH_FAKES_PIDS", str(pids))
    result = run_benchmarks(options("Absent", "Steady", comparisons_count=1))
    # NumPy lacks the convolution, gradients and attention; the product and the perceptron's inference are left.
    names = {(sample.case_name, sample.size, sample.mode) for sample in result.of(BenchSelfSample)}
    assert names == {
        (case, size, mode)
        for case, size in (("matmul", "large"), ("mlp_inference", "small"))
        for mode in ("eager", "compiled")
    }
    assert {sample.framework for sample in result.of(BenchSelfSample)} == {"steady"}, "Absent is not installed"
    assert len(list(pids.iterdir())) == 4, "two sides, two launches"
    places = {
        side: {
            (s.case_name, s.mode, s.launch_index, s.round_index) for s in result.of(BenchSelfSample) if s.side == side
        }
        for side in ("one", "other")
    }
    assert places["one"] == places["other"]
    assert len(places["one"]) == 4 * 2 * 3

    derived = derive_self_comparisons(result.of(BenchSelfSample))
    load_bench(warehouse, [result.machine, *result.rows, *derived])
    asked = "select comparisons_count, containing_count, threads_count from machine_certificate"
    ((comparisons_count, containing_count, threads_count),) = warehouse.execute(asked).fetchall()
    assert comparisons_count == len(derived) == 4
    assert containing_count == sum(row.ratio_low <= 1 <= row.ratio_high for row in derived)
    margin = supported_margin(warehouse, result.machine.machine_id, threads_count)
    assert margin is None, "four comparisons say nothing of a margin"


@pytest.mark.slow
def test_a_certificate_is_published_and_said_as_the_page_says_it(options, prepared_home, monkeypatch):
    result = run_benchmarks(options("Steady", comparisons_count=4))
    monkeypatch.setattr("pipeline.jobs.bench_checks.run_benchmarks", lambda *_given: result)
    settings = Settings(home=prepared_home)
    sentence, holds = certify_here(settings, comparisons_count=4, threads_count=1)
    (row,) = read_view(settings.published_file, "machine_certificate").itertuples()
    assert f"against itself: {row.containing_count} of 4 intervals hold the true ratio 1.00" in sentence
    assert holds == row.holds
    nothing = replace(result, rows=tuple(row for row in result.rows if isinstance(row, BenchRun)))
    monkeypatch.setattr("pipeline.jobs.bench_checks.run_benchmarks", lambda *_given: nothing)
    said = certify_here(settings, comparisons_count=4, threads_count=1)
    assert said == ("Nothing was compared: no framework is installed.", False)


def test_a_run_that_is_stopped_keeps_whole_repetitions_only(options):
    stop = threading.Event()

    def on_event(event):
        if event.kind == "round":
            stop.set()

    result = run_benchmarks(options("Steady", comparisons_count=50), on_event, stop)
    assert result.of(BenchSelfSample) == ()
    assert result.of(BenchRun)[0].is_interrupted


def test_only_a_whole_full_run_compares_a_framework_with_itself(options):
    assert wanted_comparisons(options("Steady", full=True)) == USUAL_COMPARISONS == 20
    assert wanted_comparisons(options("Steady", full=True, cases=("matmul",))) == 0
    assert wanted_comparisons(options("Steady")) == wanted_comparisons(options("Steady", quick=True)) == 0


def test_without_a_framework_nothing_is_compared(options):
    assert run_benchmarks(options("Absent", comparisons_count=1)).of(BenchSelfSample) == ()


def test_no_comparison_is_no_certificate(tmp_path):
    with pytest.raises(BadInput, match="0 comparisons certify nothing"):
        certify_here(Settings(home=tmp_path), comparisons_count=0, threads_count=1)


def comparison(repetition, ratio):
    return DerivedSelfComparison(
        run_id="before", case_name="matmul", size="large", dtype="float32", device="cpu", framework="pytorch",
        mode="eager", repetition=repetition, launches_count=2, samples_count=24, disturbed_count=0, ratio=ratio,
        ratio_low=ratio * 0.9, ratio_high=ratio * 1.1, spread=0.02, stability="stable",
    )  # fmt: skip


@pytest.mark.slow
def test_the_verdicts_have_the_margin_that_the_machine_supports(options, warehouse, empty_tables, now):
    result = run_benchmarks(options("Steady", cases=("matmul",)))
    for count, threads, margin in ((0, 1, None), (19, 1, None), (20, 1, 0.08), (40, 1, 0.08), (40, 2, None)):
        empty_tables(warehouse)
        settings = json.dumps({"threads_count": threads})
        changes = {"run_id": "before", "started_at": now, "finished_at": now, "settings": settings}
        before = result.of(BenchRun)[0].model_copy(update=changes)
        load_bench(warehouse, [before, *(comparison(place, 1.073) for place in range(count))])
        keep_measured(SimpleNamespace(connection=warehouse), result)
        own = margin_for(result.machine) if margin is None else margin
        margins = warehouse.execute("select distinct margin_fraction from main.performance").fetchall()
        assert margins == [(pytest.approx(own),)], (count, threads)
