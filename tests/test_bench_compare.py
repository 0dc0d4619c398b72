"""Changes between runs, and steps in their history: found where they are, and seldom where they are not."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_bench_exchange import NOW, rows_of_run

from pipeline.bench.machine import this_machine
from pipeline.errors import BadInput
from pipeline.estimate.change_points import FEWEST_RUNS, change_between, steps_in
from pipeline.estimate.ratios import derive_performance
from pipeline.jobs.bench_checks import compare_here
from pipeline.jobs.context import open_job
from pipeline.jobs.publish import release
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchWorker
from pipeline.settings import Settings
from pipeline.warehouse.bench import load_bench

OBSERVATORY = Path(sys.executable).with_name("observatory")


def noisy(generator, middle, launches=2, samples=6, deviation=0.03):
    return [middle * np.exp(deviation * generator.standard_normal(samples)) for _ in range(launches)]


def test_an_interval_between_two_runs_holds_the_truth():
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(60):
        found = change_between(noisy(generator, 1.2, launches=4), noisy(generator, 1.0, launches=4))
        assert found.low <= found.value <= found.high
        held += found.low <= 1.2 <= found.high
    assert held >= 51


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=6), st.floats(0.1, 10))
def test_a_run_against_itself_scaled_is_that_factor(step_seconds, factor):
    own = [np.array(step_seconds)]
    found = change_between([own[0] * factor], own)
    assert found.value == pytest.approx(factor)
    assert found.low <= found.value <= found.high


def test_a_step_is_found_where_it_is():
    generator = np.random.default_rng(6)
    found_right = 0
    for _ in range(50):
        history = np.exp(0.05 * generator.standard_normal(14)) * np.where(np.arange(14) >= 8, 1.4, 1.0)
        (step, *more) = steps_in(list(history), 0.05) or [None]
        found_right += step is not None and not more and abs(step.place - 8) <= 1 and 1.2 < step.ratio < 1.6
    assert found_right >= 45


@pytest.mark.parametrize("margin", [0.05, 0.15])
def test_a_history_without_a_step_seldom_shows_one(margin):
    generator = np.random.default_rng(7)
    shown = sum(bool(steps_in(list(np.exp(0.06 * generator.standard_normal(12))), margin)) for _ in range(200))
    assert shown <= 14


def test_a_short_history_and_one_that_never_moves_show_nothing():
    assert steps_in([1.0] * (FEWEST_RUNS - 4) + [2.0] * 3, 0.05) == []
    assert steps_in([0.001] * 20, 0.05) == []
    assert steps_in([1.0] * 8 + [1.04] * 8, 0.05) == []


def history_of(settings, factors, versions):
    """Publish one run a factor, a day apart, of this machine."""
    here = this_machine()
    with open_job(settings, "bench") as job:
        for day, (factor, version) in enumerate(zip(factors, versions, strict=True)):
            run_id = f"202601{day + 1:02}T000000Z"
            rows = [
                row.model_copy(update={"started_at": NOW + timedelta(days=day)})
                if isinstance(row, BenchRun)
                else row.model_copy(update={"framework_version": version})
                if isinstance(row, BenchWorker)
                else row
                for row in rows_of_run(NOW, here.machine_id, run_id, 0.001 * factor, ("pytorch",))
            ]
            samples = [row for row in rows if isinstance(row, BenchSample)]
            load_bench(job.connection, [here, *rows, *derive_performance(samples, 0.05)])
        release(job)


@pytest.mark.slow
def test_the_last_two_runs_are_compared_and_the_history_is_told(tmp_path):
    settings = Settings(home=tmp_path)
    factors = [1 + 0.01 * (day % 2) for day in range(8)] + [1.5, 1.52, 1.51, 3.0]
    history_of(settings, factors, ["2.12"] * 8 + ["2.13"] * 4)
    found = compare_here(settings)
    (change,) = found.changes
    assert change[:6] == ("matmul small float32", "cpu", "pytorch", "eager", "1.51 ms", "3.01 ms")
    assert (change[6], change[8], change[9]) == ("1.99", "slower", "2.13")
    assert [row[4:] for row in found.steps] == [("2026-01-23", "1.51", "12", "2.12 to 2.13")]
    assert found.remark == ""
    (slower,) = found.sure_slowdowns
    assert slower == pytest.approx(0.99, abs=0.02)

    def compared(*options):
        return subprocess.run(
            [OBSERVATORY, "bench", "compare", *options],
            env={"OBSERVATORY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=False,
        )

    told = compared()
    assert [compared("--fail-above", limit).returncode for limit in ("10%", "200%", "ten")] == [1, 0, 2]
    for words in (this_machine().machine_id, "slower", "Steps in the history of runs", "2.12 to 2.13"):
        assert words in told.stdout


def test_a_first_run_says_that_there_is_nothing_to_compare_with(prepared_home):
    settings = Settings(home=prepared_home)
    with pytest.raises(BadInput, match="observatory run"):
        compare_here(settings)
    history_of(settings, [1.0], ["2.13"])
    found = compare_here(settings)
    assert found.changes == found.steps == []
    assert found.remark == (
        "1 of 1 were not measured here before in the same way. "
        f"Steps are looked for from {FEWEST_RUNS} runs on; the longest history has 1."
    )
