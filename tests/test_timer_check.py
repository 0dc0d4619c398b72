"""The harness against a framework's own timer, in real worker children."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.bench.plan import BenchOptions
from pipeline.bench.timing import SamplingTimes
from pipeline.errors import BadInput
from pipeline.jobs.bench_checks import TimerCheck, check_timer, median_deviation, timer_report
from pipeline.reference.frameworks import BenchEntry

HERE = Path(__file__).parent
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)


def options(folder, **more):
    given = {"cases": ("matmul",), "threads_count": 1, "rounds_count": 3, "pace": BRISK} | more
    return BenchOptions(run_id="test", cache_folder=folder / "cache", **given)


def entry(name):
    return BenchEntry(id=name.lower(), title=name, adapter=f"bench_fakes:{name}")


def checked(monkeypatch, folder, name):
    monkeypatch.syspath_prepend(HERE)
    found = check_timer(options(folder, registered=(entry(name),)), framework=name.lower())
    return {check.mode: check for check in found}


def test_each_mode_has_both_figures_and_a_timer_that_says_half_is_found_out(monkeypatch, tmp_path):
    checks = checked(monkeypatch, tmp_path, "Doubling")
    assert set(checks) == {"eager", "compiled"}
    for check in checks.values():
        assert check.own_seconds > 0
        assert check.other_seconds == 2.0, "what the fake's own timer says"
        assert check.ratio == check.own_seconds / 2
    assert median_deviation(list(checks.values())) > 0.9


def test_a_framework_without_a_timer_says_so(monkeypatch, tmp_path):
    checks = checked(monkeypatch, tmp_path, "Steady")
    assert {check.message for check in checks.values()} == {
        "unsupported: Unsupported: this framework brings no benchmark timer"
    }
    assert median_deviation(list(checks.values())) is None


def test_a_framework_that_is_not_there_and_a_mode_that_fails_are_told(monkeypatch, tmp_path):
    assert all("missing" in check.message for check in checked(monkeypatch, tmp_path, "Absent").values())
    assert "no kernel for this shape" in checked(monkeypatch, tmp_path, "Raising")["compiled"].message


@pytest.mark.parametrize(("disturbed_share", "says"), [(0.05, False), (0.4, True)])
def test_a_busy_machine_is_told(disturbed_share, says):
    check = TimerCheck(
        case_name="matmul", mode="eager", own_seconds=1.0, other_seconds=1.0, disturbed_share=disturbed_share
    )
    told = timer_report([check]).sentences[-1]
    assert told.startswith("The machine was busy: other load disturbed 40% of the samples") == says


def test_a_case_that_is_none_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(BadInput, match="no benchmark case naps"):
        check_timer(options(tmp_path, cases=("naps",)))


def test_the_median_deviation_is_over_the_variants_that_have_both():
    checks = [
        TimerCheck(case_name="matmul", mode="eager", own_seconds=own, other_seconds=1.0) for own in (1.01, 0.98, 1.5)
    ]
    assert median_deviation([*checks, TimerCheck(case_name="matmul", mode="eager", message="crashed")]) == (
        pytest.approx(0.02)
    )


@pytest.mark.parametrize(("own", "holds", "words"), [(1.02, True, "they agree"), (1.04, False, "they do not agree")])
def test_beyond_three_per_cent_they_do_not_agree(own, holds, words):
    report = timer_report([TimerCheck(case_name="matmul", mode="eager", own_seconds=own * 1e-5, other_seconds=1e-5)])
    assert report.holds is holds
    assert report.sentences[0] == f"matmul, eager: harness {10 * own:.1f} µs, Timer 10.0 µs, ratio {own:.3f}"
    assert report.sentences[1].endswith(words + ".")


def test_nothing_timed_is_no_agreement():
    report = timer_report([TimerCheck(case_name="matmul", mode="eager", message="missing: it is not installed")])
    assert not report.holds
    assert report.sentences == ("matmul, eager: missing: it is not installed", "Nothing could be timed by both.")


@pytest.mark.bench
@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed; install the extra `bench`")
def test_pytorch_brings_a_timer(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(HERE)
    (check,) = check_timer(options(tmp_path, registered=(entry("EagerPyTorch"),)), framework="eagerpytorch")
    assert check.message is None
    assert 0 < check.other_seconds < 1
    assert "torch" not in sys.modules
