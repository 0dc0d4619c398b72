"""A full run on its way: one launch at a time, one budget for the whole, and how far it is."""

import re
from functools import partial
from pathlib import Path

import pytest
from test_bench_run import is_alive, run_fakes

from pipeline.bench.plan import BenchEvent
from pipeline.bench.runner import Progress
from pipeline.jobs.bench import progress_line, summary_of
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchSelfSample, BenchSpecialMeasurement, BenchVariant

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
CASES = ("matmul", "mlp_inference")


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return partial(run_fakes, tmp_path / "cache", launches_count=2, repeats_count=0)


def most_alive(bench, folder, monkeypatch, **options):
    """Run the harness on one framework; return how many of its workers were seen alive at once, and the result."""
    folder.mkdir()
    monkeypatch.setenv("BENCH_FAKES_PIDS", str(folder))
    seen = []

    def look(event):
        if event.kind == "round":
            seen.append(sum(is_alive(int(path.name)) for path in folder.iterdir()))

    result = bench("Steady", on_event=look, **options)
    return max(seen), result


@pytest.mark.slow
def test_only_a_full_run_has_one_launch_after_the_other(bench, tmp_path, monkeypatch):
    one, full = most_alive(bench, tmp_path / "full", monkeypatch, full=True, cases=CASES)
    both, usual = most_alive(bench, tmp_path / "usual", monkeypatch, cases=CASES)
    assert (one, both) == (1, 2)
    for result in (full, usual):
        assert {sample.launch_index for sample in result.of(BenchSample)} == {0, 1}
        assert {row.outcome for row in result.of(BenchVariant)} == {"measured"}


@pytest.mark.slow
def test_launches_that_are_apart_have_orders_of_their_own(bench):
    result = bench("Steady", full=True, cases=CASES, rounds_count=8)
    orders = {
        launch: [
            (sample.round_index, sample.case_name, sample.size, sample.mode)
            for sample in sorted(result.of(BenchSample), key=lambda sample: (sample.round_index, sample.order_index))
            if (sample.launch_index, sample.case_name) == (launch, "matmul")
        ]
        for launch in (0, 1)
    }
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_the_budget_of_a_full_run_is_spent_case_by_case_and_both_launches_have_their_share(bench, monkeypatch):
    # A clock of one second an event: nothing here depends on how fast this machine is.
    events = []
    for module in ("case_measurement", "runner"):
        monkeypatch.setattr(f"pipeline.bench.{module}.perf_counter", lambda: float(len(events)))
    result = bench("Steady", full=True, cases=CASES, rounds_count=100_000, budget_seconds=40, on_event=events.append)
    found = {
        case: {(row.launch_index, row.outcome) for row in result.of(BenchVariant) if row.case_name == case}
        for case in CASES
    }
    assert found == {
        "matmul": {(0, "measured"), (1, "measured")},
        "mlp_inference": {(0, "not run: time budget"), (1, "not run: time budget")},
    }
    assert not result.of(BenchRun)[0].is_interrupted


def test_a_short_budget_is_spent_case_by_case_so_that_each_finished_case_has_all_its_rounds(bench, monkeypatch):
    # A clock of one second an event, as above.
    events = []
    for module in ("case_measurement", "runner"):
        monkeypatch.setattr(f"pipeline.bench.{module}.perf_counter", lambda: float(len(events)))
    result = bench("Steady", cases=CASES, rounds_count=6, budget_seconds=35, on_event=events.append)
    rounds = {}
    for sample in result.of(BenchSample):
        rounds.setdefault((sample.case_name, sample.size), set()).add(sample.round_index)
    assert rounds["matmul", "small"] == rounds["mlp_inference", "small"] == set(range(6)), "cheap and small first"
    unmeasured = {
        (row.case_name, row.size, row.outcome) for row in result.of(BenchVariant) if row.outcome != "measured"
    }
    assert unmeasured == {("mlp_inference", "large", "not run: time budget")}


def test_time_that_is_left_goes_to_what_is_least_sure(bench):
    unsure = ("matmul", "large", "float32", "cpu")
    asked = []

    def answer(samples):
        asked.append(len(samples))
        return [unsure] if len(asked) < 3 else []

    result = bench("Steady", cases=("matmul",), rounds_count=4, unsure=answer)
    rounds = {
        size: {sample.round_index for sample in result.of(BenchSample) if sample.size == size}
        for size in ("small", "large")
    }
    assert rounds == {"small": set(range(4)), "large": set(range(8))}
    assert asked[0] < asked[1] < asked[2], "each time with the samples so far"


def test_a_hang_is_found_out_within_the_budget_and_the_rest_is_measured(bench):
    result = bench("Hanging", cases=("matmul",), budget_seconds=8)
    found = {(row.size, row.mode): row.outcome for row in result.of(BenchVariant) if row.launch_index == 0}
    assert found["small", "compiled"] == "timed out"
    assert {found[size, "eager"] for size in ("small", "large")} == {"measured"}


def test_a_busy_machine_is_given_more_time_and_told_why(bench, monkeypatch):
    monkeypatch.setenv("BENCH_FAKES_JOSTLED", "100000")
    events = []
    bench("Jostled", cases=("matmul",), budget_seconds=None, rounds_count=2, on_event=events.append)
    (told,) = [event.sentence for event in events if "may take up to" in event.sentence]
    assert re.fullmatch(r"\d+ of \d+ samples were disturbed \(.*other load.*\): this run may take up to 270 s", told)


@pytest.mark.slow
def test_what_disturbs_one_framework_alone_is_its_own_threads_and_lengthens_no_run(bench, monkeypatch):
    monkeypatch.setenv("BENCH_FAKES_JOSTLED", "100000")
    events = []
    # Four variants are left alone and two are not.
    chosen = {"cases": ("matmul",), "budget_seconds": None, "rounds_count": 2}
    result = bench("Jostled", "Calm", "Calmer", on_event=events.append, **chosen)
    assert {row.framework for row in result.of(BenchSample) if row.is_disturbed} == {"jostled"}
    assert not [event.sentence for event in events if "may take up to" in event.sentence]


def test_the_pace_is_counted_from_the_first_step_for_frameworks_are_imported_before(monkeypatch):
    now, heard = [0.0], []
    monkeypatch.setattr("pipeline.bench.runner.perf_counter", lambda: now[0])
    progress = Progress([11], heard.append)
    now[0] = 60
    progress.tell("worker", "it is ready")
    now[0] = 61
    progress.tell("built", "a step", steps_count=1)
    assert [event.left_seconds for event in heard] == [None, 10]


def test_special_measurements_and_the_certificate_are_within_the_budget_of_a_full_run(bench):
    result = bench("Steady", full=True, cases=(), budget_seconds=0.01)
    assert {row.outcome for row in result.of(BenchVariant)} == {"not run: time budget"}
    assert {row.outcome for row in result.of(BenchSpecialMeasurement)} == {"not run: time budget"}
    assert result.of(BenchSelfSample) == ()


def test_named_special_measurements_are_begun_within_the_budget_and_the_cases_leave_them_half(bench, monkeypatch):
    asked = {"cases": ("matmul",), "special_measurements": ("dispatch",)}
    late = bench("Steady", budget_seconds=0.01, **asked)
    assert {(row.outcome, row.message) for row in late.of(BenchSpecialMeasurement)} == {
        ("not run: time budget", "the run's time was over before; a longer time budget measures it")
    }
    assert "the time was over before all of dispatch; a larger --budget takes them" in summary_of(late)
    # A clock of one second an event, as above: the cases would go on for as long as they may.
    events = []
    for module in ("case_measurement", "runner"):
        monkeypatch.setattr(f"pipeline.bench.{module}.perf_counter", lambda: float(len(events)))
    result = bench("Steady", rounds_count=100_000, budget_seconds=40, on_event=events.append, **asked)
    assert {row.outcome for row in result.of(BenchSpecialMeasurement)} == {"measured"}
    finished = next(place for place, event in enumerate(events) if event.kind == "finished")
    assert 20 <= finished < 36, "half of the budget, and what had been begun"
    assert "the time was over" not in summary_of(result)


@pytest.mark.parametrize(("types", "builds_count"), [((), 4), (("bfloat16",), 8)])
def test_progress_counts_the_whole_run_and_ends_at_its_total(bench, types, builds_count):
    events = []
    chosen = {"special_measurements": ("dispatch",), "dtypes_by_device": {"cpu": types}}
    bench("Steady", full=True, cases=CASES, on_event=events.append, **chosen)
    counts = [event.done_count for event in events]
    assert counts == sorted(counts)
    (total,) = {event.total_count for event in events}
    # Of two cases, each launch: the builds, two rounds; and two modes three times in the special one, by three steps.
    assert total == 2 * 2 * (builds_count + 2) + 18
    assert counts[-1] == total - 3, "the last one that is begun"
    assert events[0].left_seconds == 2.5 * total, "a full run says from the start how long it will be"
    assert all(event.left_seconds is not None for event in events)


def test_before_the_first_step_the_usual_pace_is_told_if_there_is_one_and_then_its_own():
    heard = []
    for usual_seconds in (None, 2):
        progress = Progress([10], heard.append)
        progress.usual_step_seconds = usual_seconds
        progress.tell("started", "it begins")
    progress.tell("built", "a step", steps_count=10)
    assert [event.left_seconds for event in heard] == [None, 20, 0]


def test_what_is_left_is_at_the_pace_so_far_and_within_the_budget():
    heard = []
    progress = Progress([10, 10], heard.append, budget_seconds=0)
    progress.begin(1)
    progress.tell("round", "round 1", steps_count=5)
    assert (heard[0].done_count, heard[0].total_count, heard[0].left_seconds) == (15, 20, 0)


@pytest.mark.parametrize(
    ("left_seconds", "sentence"),
    [
        (None, "round 1"),
        (0.4, "round 1 (5 of 20, about 0 s left)"),
        (99, "round 1 (5 of 20, about 99 s left)"),
        (100, "round 1 (5 of 20, about 2 min left)"),
        (3599, "round 1 (5 of 20, about 1 h 0 min left)"),
        (5400, "round 1 (5 of 20, about 1 h 30 min left)"),
    ],
)
def test_progress_is_told_in_words(left_seconds, sentence):
    event = BenchEvent(kind="round", sentence="round 1", done_count=5, total_count=20, left_seconds=left_seconds)
    assert progress_line(event) == sentence
