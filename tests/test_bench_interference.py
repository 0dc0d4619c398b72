"""Disturbed samples: what is a sign, what is taken again, and that nothing of it is lost."""

import os
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_bench_run import run_fakes
from test_ratios import sample

from pipeline.bench import system_load
from pipeline.bench.timing import between, disturbances, look_around
from pipeline.estimate.ratios import counted, derive_performance
from pipeline.records.benchmarks import BenchSample, BenchSelfSample
from pipeline.warehouse.bench import load_bench
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.views import MIGRATIONS

HERE = Path(__file__).parent
CALM = {"stolen_seconds": 1.0, "waited_seconds": 10.0, "involuntary_switches_count": 100, "clock_mhz": 3000.0}
UNKNOWN = dict.fromkeys(CALM)
WALL = 0.1


def block(after, *, other_cpus=0.0, own_cpus=2.0):
    used = {"other_cpus": other_cpus, "wall_seconds": WALL, "steps_count": 10, "cpu_seconds": own_cpus * WALL / 10}
    return used | between(CALM, after, WALL)


def signs(*, other_cpus=0.0, own_cpus=2.0, threads=3, cores=4, **after):
    return disturbances(block(CALM | after, other_cpus=other_cpus, own_cpus=own_cpus), threads, cores)


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        ({}, ()),
        ({"other_cpus": 1.2}, ()),
        ({"other_cpus": 1.3}, ("other load",)),
        ({"stolen_seconds": 1.02}, ()),
        ({"stolen_seconds": 1.03}, ("steal",)),
        ({"waited_seconds": 10.02}, ()),
        ({"waited_seconds": 10.03}, ("pressure",)),
        ({"involuntary_switches_count": 109}, ()),
        ({"involuntary_switches_count": 110}, ("switches",)),
        ({"clock_mhz": 2750.0}, ()),
        ({"clock_mhz": 2600.0}, ("clock",)),
        ({"clock_mhz": 3400.0}, ("clock",)),
        ({"other_cpus": 2.0, "stolen_seconds": 2.0, "waited_seconds": 11.0}, ("other load", "steal", "pressure")),
    ],
)
def test_each_sign_has_a_limit_and_is_told_by_name(happened, told):
    assert signs(**happened) == told


@pytest.mark.parametrize(("own_cpus", "told"), [(2.9, ("pressure", "switches")), (2.92, ()), (3.1, ())])
def test_threads_that_had_their_processors_all_the_time_waited_for_each_other_alone(own_cpus, told):
    waited = {"waited_seconds": 10.08, "involuntary_switches_count": 900}
    assert signs(own_cpus=own_cpus, **waited) == told
    assert signs(own_cpus=own_cpus, stolen_seconds=2.0, clock_mhz=2000.0, **waited) == ("steal", *told, "clock")
    assert signs(own_cpus=own_cpus, other_cpus=1.3, **waited) == ("other load", *told)


def test_what_the_system_does_not_tell_is_no_sign():
    found = between(UNKNOWN, UNKNOWN, WALL)
    assert set(found.values()) == {None}
    assert disturbances(block(CALM, other_cpus=None) | found, 4, 4) == ()


@pytest.mark.parametrize(("count", "found"), [(299, ()), (301, ("switches",))])
def test_threads_that_put_each_other_aside_are_the_framework_s_own_habit(count, found):
    later = CALM | {"involuntary_switches_count": CALM["involuntary_switches_count"] + count}
    assert disturbances(block(later), 4, 4) == ("switches",)
    assert disturbances(block(later), 4, 4, [90, 100, None, 5000]) == found


def test_counters_are_read_from_the_system(tmp_path):
    stat = tmp_path / "stat"
    stat.write_text("cpu  9 0 0 0 0 0 0 9 0 0\ncpu0 1 0 0 0 0 0 0 30 0 0\ncpu1 1 0 0 0 0 0 0 50 0 0\n")
    tick = os.sysconf("SC_CLK_TCK")
    assert system_load.stolen_seconds(frozenset({1}), stat) == 50 / tick
    assert system_load.stolen_seconds(None, stat) == 80 / tick
    (tmp_path / "cpu").write_text("some avg10=1.00 avg60=0.5 avg300=0.1 total=2500000\nfull avg10=0.0 total=7\n")
    assert system_load.waited_seconds(tmp_path / "cpu") == 2.5
    for number, kilohertz in enumerate((2_000_000, 3_000_000)):
        folder = tmp_path / f"cpu{number}" / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{kilohertz}\n")
    assert system_load.clock_mhz(frozenset({0, 1}), tmp_path) == 2500
    assert system_load.clock_mhz(frozenset({0, 7}), tmp_path) is None
    assert system_load.waited_seconds(tmp_path / "absent") is None
    here = look_around(system_load.usable_cpus())
    assert here["involuntary_switches_count"] is None or here["involuntary_switches_count"] >= 0


ATTEMPTS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.booleans()), unique_by=lambda each: each[:2])


@given(ATTEMPTS)
def test_one_attempt_counts_and_it_is_the_first_quiet_one_else_the_first(attempts):
    samples = [
        sample("jax", 1.0 + attempt, rnd=rnd, disturbed=is_disturbed).model_copy(update={"attempt_index": attempt})
        for rnd, attempt, is_disturbed in attempts
    ]
    chosen = {each.round_index: each for each in counted(samples)}
    assert chosen.keys() == {rnd for rnd, *_ in attempts}
    for rnd, each in chosen.items():
        quiet = [attempt for r, attempt, is_disturbed in attempts if r == rnd and not is_disturbed]
        assert each.attempt_index == min(quiet or [attempt for r, attempt, _ in attempts if r == rnd])


def test_a_framework_against_itself_keeps_both_sides_and_every_repetition():
    own = sample("pytorch", 1.0).model_dump()
    places = [(repetition, side, attempt) for repetition in (0, 1) for side in ("one", "other") for attempt in (0, 1)]
    samples = [
        BenchSelfSample(
            **own | {"attempt_index": attempt, "is_disturbed": attempt == 0}, repetition=repetition, side=side
        )
        for repetition, side, attempt in places
    ]
    chosen = {(each.repetition, each.side, each.attempt_index) for each in counted(samples)}
    assert chosen == {place for place in places if place[2] == 1}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    # Both modes are built and warmed up within some blocks; the calls after them are those of the first samples.
    monkeypatch.setenv("BENCH_FAKES_JOSTLED", "120")
    return partial(run_fakes, tmp_path / "cache", cases=("matmul",), rounds_count=4, budget_seconds=60, repeats_count=2)


def test_what_was_disturbed_is_taken_again_and_every_attempt_is_kept(bench, warehouse):
    result = bench("Jostled")
    again = [each for each in result.of(BenchSample) if each.attempt_index]
    assert again
    firsts = {
        (each.size, each.mode, each.round_index): each for each in result.of(BenchSample) if not each.attempt_index
    }
    assert len(firsts) == 16
    for each in again:
        first = firsts[each.size, each.mode, each.round_index]
        assert first.is_disturbed
        assert "other load" in first.disturbances
    load_bench(warehouse, [result.machine, *result.rows, *derive_performance(counted(result.of(BenchSample)), 0.15)])
    kept = warehouse.execute("select count(*), count(*) filter (where is_counted) from benchmark_samples").fetchall()
    assert kept == [(len(result.of(BenchSample)), 16)]
    stored = warehouse.execute("select sum(repeats_count), sum(samples_count) from performance").fetchall()
    assert stored == [(len(again), 16)]
    counted_here = {
        (each.size, each.mode, each.round_index, each.attempt_index) for each in counted(result.of(BenchSample))
    }
    counted_there = warehouse.execute(
        "select size, mode, round_index, attempt_index from benchmark_samples where is_counted"
    ).fetchall()
    assert set(counted_there) == counted_here


def test_without_time_nothing_is_taken_again_and_nothing_is_dropped(bench):
    result = bench("Jostled", repeats_count=0)
    assert {each.attempt_index for each in result.of(BenchSample)} == {0}
    assert len(result.of(BenchSample)) == 16
    assert any(each.is_disturbed for each in result.of(BenchSample))


def test_samples_from_before_there_were_attempts_keep_their_place():
    """The earlier table's rows, as the migration finds them."""
    newest = MIGRATIONS / "0009_bench_travel.sql"
    with open_warehouse(None) as connection:
        for path in sorted(MIGRATIONS.glob("*.sql")):
            if path.name < newest.name:
                connection.execute(path.read_text(encoding="utf-8"))
        connection.execute(
            "insert into core.bench_sample values "
            "('r', 'matmul', 'small', 'float32', 'cpu', 'jax', 'compiled', 0, 1, 5, 10, 0.25, 0.5, 2.0, true)"
        )
        connection.execute(newest.read_text(encoding="utf-8"))
        found = connection.execute(
            "select round_index, attempt_index, order_index, step_seconds, disturbances from core.bench_sample"
        ).fetchall()
    assert found == [(1, 0, 5, 0.25, "other load")]
