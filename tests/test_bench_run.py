"""The harness with real worker children; the frameworks are NumPy, well and ill behaved (tests/bench_fakes.py)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from pipeline.bench.plan import _QUICK, BenchOptions, RequestLimits, make_plan
from pipeline.bench.registry import CASES, case_named
from pipeline.bench.run import run_benchmarks
from pipeline.bench.timing import SamplingTimes
from pipeline.errors import BadInput
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchVariant, BenchWorker
from pipeline.reference.frameworks import BenchEntry

HERE = Path(__file__).parent
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)


def entry(name):
    return BenchEntry(id=name.lower(), title=name, adapter=f"bench_fakes:{name}")


def run_fakes(cache_folder, *names, on_event=lambda event: None, stop=None, **options):
    chosen = {"run_id": "test", "cases": ("matmul",), "threads_count": 1, "rounds_count": 2, "launches_count": 1}
    chosen |= {"repeats_count": 0}  # whatever else goes on here
    chosen |= {"pace": BRISK}
    registered = tuple(map(entry, names))
    return run_benchmarks(
        BenchOptions(cache_folder=cache_folder, registered=registered, **{**chosen, **options}), on_event, stop
    )


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Run the harness on fakes named by class."""
    monkeypatch.syspath_prepend(HERE)
    return partial(run_fakes, tmp_path / "cache")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One run of a steady framework beside all kinds of bad ones that need no deadline."""
    folder = tmp_path_factory.mktemp("mixed")
    names = ("Steady", "Absent", "AbsentInside", "Unstartable", "Lying", "NotANumber", "Raising", "Unprepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        result = run_fakes(folder, *names, launches_count=2)
    assert list(folder.iterdir()) == []
    return result


def outcomes(result, framework, **wanted):
    return {
        (row.size, row.mode): row.outcome
        for row in result.of(BenchVariant)
        if row.framework == framework and all(getattr(row, name) == value for name, value in wanted.items())
    }


def messages(result, framework):
    return {row.message for row in result.of(BenchVariant) if row.framework == framework and row.message}


ALL_MEASURED = {
    ("small", "eager"): "measured",
    ("small", "compiled"): "measured",
    ("large", "eager"): "measured",
    ("large", "compiled"): "measured",
}
COMPILED = {("small", "compiled"), ("large", "compiled")}


def spoiled(outcome):
    return {key: outcome if key in COMPILED else "measured" for key in ALL_MEASURED}


def test_every_variant_is_sampled_in_every_launch_and_round(mixed):
    assert outcomes(mixed, "steady", launch_index=0) == ALL_MEASURED
    assert outcomes(mixed, "steady", launch_index=1) == ALL_MEASURED
    samples = [sample for sample in mixed.of(BenchSample) if sample.framework == "steady"]
    places = {(s.size, s.mode, s.launch_index, s.round_index) for s in samples}
    assert places == {(*key, launch, rnd) for key in ALL_MEASURED for launch in (0, 1) for rnd in (0, 1)}
    assert len(samples) == len(places)
    assert not mixed.of(BenchRun)[0].is_interrupted


def test_each_round_has_an_order_of_its_own(mixed):
    orders = [
        [
            (s.framework, s.size, s.mode, s.launch_index)
            for s in sorted(mixed.of(BenchSample), key=lambda s: s.order_index)
            if s.round_index == rnd
        ]
        for rnd in (0, 1)
    ]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    for order in orders:
        groups = [group for group, _ in groupby((size, launch) for _, size, _, launch in order)]
        assert len(groups) == len(set(groups)), "what is compared is measured one after the other"


def test_every_measured_row_tells_how_it_was_checked_and_warmed_up(mixed):
    rows = [row for row in mixed.of(BenchVariant) if row.framework == "steady"]
    for row in rows:
        assert row.outputs_agree
        assert 0 <= row.relative_error < row.tolerance == 1e-4
        assert row.warmup_steps_count > 0
        assert row.is_from_cache is (None if row.mode == "eager" else False)
    workers = [worker for worker in mixed.of(BenchWorker) if worker.framework == "steady"]
    assert [worker.launch_index for worker in workers] == [0, 1]
    assert {worker.threads_count for worker in workers} == {1}
    assert [json.loads(worker.read_back)["omp_num_threads"] for worker in workers] == ["1"] * 2
    assert json.loads(mixed.of(BenchRun)[0].settings)["threads_count"] == 1
    assert mixed.of(BenchRun)[0].machine_id == mixed.machine.machine_id


def test_bad_frameworks_leave_their_reason_and_the_others_unharmed(mixed):
    assert outcomes(mixed, "absent") == dict.fromkeys(ALL_MEASURED, "missing")
    assert outcomes(mixed, "absentinside") == dict.fromkeys(ALL_MEASURED, "missing")
    assert outcomes(mixed, "unstartable") == dict.fromkeys(ALL_MEASURED, "crashed")
    assert outcomes(mixed, "lying") == spoiled("outputs differ")
    assert outcomes(mixed, "notanumber") == dict.fromkeys(ALL_MEASURED, "outputs differ")
    assert outcomes(mixed, "raising") == spoiled("failed")
    assert outcomes(mixed, "unprepared") == spoiled("failed")
    assert messages(mixed, "unstartable") == {
        "the worker ended with code 7 during `start`; its last words: cannot open shared object file"
    }
    assert messages(mixed, "raising") == {"RuntimeError: no kernel for this shape"}
    assert messages(mixed, "unprepared") == {"RuntimeError: the compiler is damaged"}
    assert all("is off by 0.001" in message for message in messages(mixed, "lying"))


def test_a_reason_that_all_launches_share_stands_once(mixed):
    for name in ("absent", "unstartable", "notanumber"):
        assert {row.launch_index for row in mixed.of(BenchVariant) if row.framework == name} == {0}


def test_what_differs_is_not_timed_and_its_error_is_kept(mixed):
    assert {sample.mode for sample in mixed.of(BenchSample) if sample.framework == "lying"} == {"eager"}
    assert not [sample for sample in mixed.of(BenchSample) if sample.framework == "notanumber"]
    lying = [row for row in mixed.of(BenchVariant) if row.framework == "lying" and row.mode == "compiled"]
    assert [row.relative_error for row in lying] == pytest.approx([0.001, 0.001], rel=0.01)
    assert {row.relative_error for row in mixed.of(BenchVariant) if row.framework == "notanumber"} == {None}


def test_a_crash_costs_only_the_variant_that_crashed(bench):
    result = bench("Exiting", cases=("matmul", "mlp_inference"), launches_count=2)
    assert outcomes(result, "exiting", case_name="mlp_inference", launch_index=0) == ALL_MEASURED
    assert outcomes(result, "exiting", case_name="mlp_inference", launch_index=1) == ALL_MEASURED
    assert outcomes(result, "exiting", case_name="matmul", launch_index=0) == spoiled("crashed")
    assert messages(result, "exiting") == {
        "the worker ended with code 3 during `build`; its last words: assertion failed: tile > 0"
    }


def test_a_worker_killed_while_it_is_measured_is_replaced_and_what_it_held_built_again(bench):
    result = bench("KilledLater", cases=("matmul", "mlp_inference"))
    assert outcomes(result, "killedlater", case_name="mlp_inference") == ALL_MEASURED
    assert outcomes(result, "killedlater", case_name="matmul") == spoiled("crashed")
    assert all(
        message.startswith("the worker was killed by SIGKILL, as the system does when memory runs out during `warm`")
        for message in messages(result, "killedlater")
    )


def test_a_hang_ends_at_its_deadline(bench):
    result = bench("Hanging", limits=RequestLimits(build_seconds=1.5))
    assert outcomes(result, "hanging") == spoiled("timed out")
    assert messages(result, "hanging") == {"no answer to `build` within 1.5 s"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process really writes to")
def test_memory_that_runs_out_is_an_outcome(bench):
    result = bench("Greedy")
    assert outcomes(result, "greedy") == spoiled("out of memory")


def test_a_missing_operation_is_unsupported(bench):
    result = bench("Steady", cases=("mlp_training", "convolution"))
    assert set(outcomes(result, "steady", case_name="mlp_training").values()) == {"unsupported"}
    assert messages(result, "steady") == {
        "Unsupported: this framework's adapter has no operation cross_entropy",
        "Unsupported: this framework's adapter has no operation convolution",
    }


def test_a_quick_run_says_what_it_left_out(bench):
    result = bench("Steady", "Absent", quick=True)
    expected = {**ALL_MEASURED, ("large", "compiled"): "not run: quick"}
    assert outcomes(result, "steady") == expected
    assert messages(result, "steady") == {"a quick run leaves it out; a full run measures it"}
    assert outcomes(result, "absent") == dict.fromkeys(ALL_MEASURED, "missing")


def test_a_quick_run_ends_with_each_case_before_the_next_so_that_a_slow_start_leaves_answers():
    stages = make_plan(BenchOptions(cache_folder=Path("unused"), quick=True)).stages
    assert all(len({variant.group for variant in stage}) == 1 for stage in stages)
    modes = ["eager" if stage[0].mode == "eager" else "compiled" for stage in stages]
    assert modes == sorted(modes, reverse=True)


def test_deep_networks_come_last_so_that_they_take_no_answer_from_the_others():
    stages = make_plan(BenchOptions(cache_folder=Path("unused"))).stages
    are_deep = [case_named(stage[0].case_name).is_deep for stage in stages]
    assert set(are_deep) == {False, True}
    assert are_deep == sorted(are_deep)


def test_the_time_of_a_run_begins_when_its_frameworks_are_imported(bench, monkeypatch):
    monkeypatch.setattr("pipeline.bench.plan._QUICK", replace(_QUICK, budget_seconds=1.0, rounds_count=2))
    result = bench("SlowStarter", "Steady", quick=True, rounds_count=2)
    assert outcomes(result, "slowstarter")["small", "eager"] == "measured"


def test_what_a_compiler_left_half_written_is_gone_before_the_next_run(bench, tmp_path):
    cache = tmp_path / "cache"
    (cache / "torch").mkdir(parents=True)
    for name, age_seconds in [("torch/whole.so", 100), ("worker-0.unanswered", 50), ("torch/half.so", 40)]:
        (cache / name).touch()
        os.utime(cache / name, (now := time.time() - age_seconds, now))
    bench("Steady")
    assert [file.name for file in cache.rglob("*") if file.is_file()] == ["whole.so"]


def test_what_is_half_written_when_its_time_is_over_is_gone_after_the_run(bench, tmp_path):
    bench("SlowCompiler", quick=True, budget_seconds=3)
    assert [file for file in (tmp_path / "cache").rglob("*") if file.is_file()] == []


def test_a_compiler_that_takes_too_long_is_cut_off_with_the_time_and_the_rest_stands(bench):
    result = bench("SlowCompiler", quick=True, budget_seconds=3)
    assert outcomes(result, "slowcompiler") == {
        ("small", "eager"): "measured",
        ("large", "eager"): "measured",
        ("small", "compiled"): "not run: time budget",
        ("large", "compiled"): "not run: quick",
    }


def test_without_time_nothing_is_built_and_that_is_recorded(bench):
    result = bench("Steady", budget_seconds=0.01)
    assert outcomes(result, "steady") == dict.fromkeys(ALL_MEASURED, "not run: time budget")
    assert result.of(BenchSample) == ()


def test_stopping_from_another_thread_keeps_what_was_measured(bench):
    stop = threading.Event()

    def stop_after_a_round(event):
        if event.kind == "round":
            stop.set()

    result = bench("Steady", "Absent", rounds_count=1000, stop=stop, on_event=stop_after_a_round)
    assert result.of(BenchRun)[0].is_interrupted
    # Case by case: the first has samples, what comes behind it had not begun.
    assert outcomes(result, "steady") == {
        key: "measured" if key[0] == "small" else "not run: interrupted" for key in ALL_MEASURED
    }
    assert outcomes(result, "absent") == dict.fromkeys(ALL_MEASURED, "missing")
    assert {sample.round_index for sample in result.of(BenchSample)} <= {0, 1}


def test_what_was_not_reached_before_a_stop_says_so(bench):
    stop = threading.Event()
    stop.set()
    result = bench("Steady", stop=stop)
    assert outcomes(result, "steady") == dict.fromkeys(ALL_MEASURED, "not run: interrupted")


def test_progress_never_goes_back_and_ends_below_its_total(bench):
    events = []
    bench("Steady", "Raising", quick=True, on_event=events.append)
    counts = [event.done_count for event in events]
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= events[-1].total_count
    assert [events[0].kind, events[-1].kind] == ["started", "finished"]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"


def gone_within(pids, seconds=20):
    for _ in range(seconds * 10):
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def running(tmp_path):
    """A run in its own process, after its first round, with the pids of its workers."""
    pids = tmp_path / "pids"
    pids.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "bench_interrupted.py"), str(tmp_path / "cache")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BENCH_FAKES_PIDS": str(pids), "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"},
    )
    with process:
        for line in process.stdout:
            if line.strip() == "round":
                break
        yield process, [int(path.name) for path in pids.iterdir()]
        process.kill()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_ctrl_c_leaves_what_was_measured_and_no_worker(running):
    process, pids = running
    process.send_signal(signal.SIGINT)
    said = json.loads(process.stdout.read().strip().splitlines()[-1])
    assert said["interrupted"] is True
    assert said["samples"] >= 2
    assert process.wait() == 0
    assert pids
    assert gone_within(pids)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_killed_controller_leaves_no_worker(running):
    process, pids = running
    process.kill()
    assert pids
    assert gone_within(pids)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cases": ("sorting",)}, "no benchmark case sorting; choose from: matmul, mlp_inference"),
        ({"frameworks": ("chainer",)}, "no benchmark framework chainer; choose from: steady"),
        ({"threads_count": 10_000}, "10000 threads cannot be had here"),
        ({"rounds_count": -1}, "must be greater than zero"),
        ({"budget_seconds": -5}, "must be greater than zero"),
        ({"budget_seconds": 0}, "the time budget must be greater than zero"),
        ({"budget_seconds": float("nan")}, "the time budget must be greater than zero"),
        ({"rounds_count": 0}, "the number of rounds must be greater than zero"),
        ({"launches_count": 0}, "the number of launches must be greater than zero"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_starts(bench, options, message):
    with pytest.raises(BadInput, match=message):
        bench("Steady", **options)


def test_a_cache_folder_that_cannot_be_made_is_refused(bench, tmp_path):
    (tmp_path / "cache").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(BadInput, match="set OBSERVATORY_HOME"):
        bench("Steady")


def test_every_case_has_a_small_and_a_large_size():
    """But for what is written out step by step, whose large form takes a compiler longer than a run may last."""
    assert {tuple(case.sizes) for case in CASES if not case.is_unrolled} == {("small", "large")}
    assert {tuple(case.sizes) for case in CASES if case.is_unrolled} == {("small",)}
