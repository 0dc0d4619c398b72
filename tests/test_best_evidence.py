"""What the view `performance` says after any sequence of runs: an answer is not lost without evidence against it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.estimate.ratios import Ratio, verdict_on

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = ("bench_run", "bench_worker", "bench_variant", "derived_performance", "machine")
VARIANT = ("matmul", "small", "float32", "cpu")
DIRECTIONS = {"faster", "slower"}


@st.composite
def runs(draw):
    """One run: what it is, what it measured, and what it found by itself."""
    log = draw(st.floats(-1, 1.5))
    return {
        "is_quick": draw(st.booleans()),
        "is_interrupted": draw(st.booleans()),
        "threads": draw(st.sampled_from([3, 3, 3, 1])),
        "version": draw(st.sampled_from(["2.21", "2.21", "2.21", "2.22"])),
        "sides": draw(st.sampled_from(["both", "both", "both", "pytorch", "tensorflow", "few"])),
        "ratio": float(np.exp(log)),
        "low": float(np.exp(log - draw(st.floats(0.01, 1.5)))),
        "high": float(np.exp(log + draw(st.floats(0.01, 1.5)))),
    }


def put_run(connection, number, run):
    name, day = f"run{number}", FIRST_DAY + timedelta(days=number)
    protocol = f'{{"threads_count": {run["threads"]}, "cores_count": 4, "is_quick": {str(run["is_quick"]).lower()}}}'
    connection.execute(
        "insert into core.bench_run values (?, 'm', ?, ?, ?, ?, '{}')",
        [name, day, day, run["is_interrupted"], protocol],
    )
    frameworks = {"pytorch", "tensorflow"} if run["sides"] in {"both", "few"} else {run["sides"]}
    for framework in frameworks:
        version = run["version"] if framework == "tensorflow" else "2.13"
        connection.execute(
            "insert into core.bench_worker (run_id, launch_index, framework, device, framework_version, threads_count, "
            "import_seconds, read_back) values (?, 0, ?, 'cpu', ?, ?, 1, '{}')",
            [name, framework, version, run["threads"]],
        )
        connection.execute(
            "insert into core.bench_variant (run_id, case_name, size, dtype, device, framework, mode, launch_index, "
            "workload, outcome) values (?, ?, ?, ?, ?, ?, 'eager', 0, '128', 'measured')",
            [name, *VARIANT, framework],
        )
        compared = framework == "tensorflow" and len(frameworks) > 1
        ratio = Ratio(run["ratio"], run["low"], run["high"]) if compared else None
        verdict = "reference" if framework == "pytorch" else verdict_on(ratio, 0.15)
        connection.execute(
            "insert into core.derived_performance select ?, ?, ?, ?, ?, ?, 'eager', 12, 2, 0, 1, 1, 1, 1, 1, "
            "'pytorch', ?, ?, ?, 0.15, 0.01, 'stable', ?",
            [name, *VARIANT, framework, *(ratio or (None,) * 3), "not comparable" if run["sides"] == "few" and compared
             else verdict],
        )  # fmt: skip


def answer(connection):
    found = connection.execute(
        "select verdict, ratio, ratio_low, ratio_high, threads_count, framework_version, runs_count, "
        "between_runs_deviation, run_id from performance where framework = 'tensorflow'"
    ).fetchall()
    assert len(found) <= 1
    return found[0] if found else None


def emptied(connection):
    for table in TABLES:
        connection.execute(f"delete from core.{table}")
    connection.execute(
        "insert into core.machine (machine_id, title, is_virtual, fingerprint) values ('m', 'A machine', true, '{}')"
    )
    return connection


def is_evidence(run):
    """Whether it compares both sides by a whole run with the usual threads."""
    return run["sides"] == "both" and not run["is_quick"] and run["threads"] == 3


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(runs(), min_size=2, max_size=4))
def test_an_answer_is_not_lost_without_new_evidence_against_it(warehouse, sequence):
    connection = emptied(warehouse)
    before, speaking = None, []
    for number, run in enumerate(sequence):
        put_run(connection, number, run)
        now = answer(connection)
        if speaking and not is_evidence(run):
            assert now == before, "what lacks a side, is quick or has other threads adds nothing to what is known"
        elif speaking and run["version"] == speaking[0]["version"] and before[0] in DIRECTIONS and now[0] != before[0]:
            alone = verdict_on(Ratio(run["ratio"], run["low"], run["high"]), 0.15)
            nearer = any(abs(np.log(run["ratio"])) < abs(np.log(earlier["ratio"])) for earlier in speaking)
            assert alone != before[0] or now[7] > 0
            assert nearer or now[7] > 0, "runs that say at least as much, and agree, make it surer"
        if is_evidence(run):
            same = [each for each in speaking if each["version"] == run["version"]]
            others = [each for each in sequence[:number] if is_evidence(each) and each["version"] == run["version"]]
            speaking = [*(same or others), run]
            assert now[6] == len(speaking), "runs of the same versions are pooled, also after others in between"
            assert now[2] <= now[1] <= now[3]
            assert min(each["low"] for each in speaking) <= now[2] * (1 + 1e-9)
            assert now[3] <= max(each["high"] for each in speaking) * (1 + 1e-9)
            if now[6] > 1:
                assert now[0] == verdict_on(Ratio(*now[1:4]), 0.15), "one rule for a run and for several"
        before = now


RUN = {
    "is_quick": False, "is_interrupted": False, "threads": 3, "version": "2.21", "sides": "both", "ratio": 1.3,
    "low": 1.2, "high": 1.4,
}  # fmt: skip


@pytest.mark.parametrize(
    "later",
    [
        {"sides": "tensorflow"},
        {"sides": "pytorch"},
        {"sides": "few", "ratio": 1.0},
        {"is_quick": True, "ratio": 1.0, "low": 0.5, "high": 2.0},
        {"threads": 1, "ratio": 0.5, "low": 0.4, "high": 0.6},
        {"version": "2.22", "sides": "tensorflow"},
        {"ratio": 1.6, "low": 0.9, "high": 2.8, "is_interrupted": True},
    ],
)
def test_a_poorer_run_never_takes_an_answer_away(warehouse, later):
    connection = emptied(warehouse)
    put_run(connection, 0, RUN)
    put_run(connection, 1, RUN | later)
    assert answer(connection)[0] == "slower"


def test_newer_versions_speak_and_a_contradiction_is_told(warehouse):
    connection = emptied(warehouse)
    put_run(connection, 0, RUN)
    put_run(connection, 1, RUN | {"ratio": 0.6, "low": 0.55, "high": 0.65})
    verdict, _, low, high, *_, deviation, _ = answer(connection)
    assert (verdict, deviation > 0.3) == ("no difference shown", True)
    assert (low, high) == pytest.approx((0.55, 1.4), rel=0.2)
    put_run(connection, 2, RUN | {"version": "2.22", "ratio": 0.5, "low": 0.4, "high": 0.6})
    assert answer(connection)[:6] == ("faster", 0.5, 0.4, 0.6, 3, "2.22")


@pytest.mark.parametrize("between", [0.0, 0.04])
def test_intervals_of_several_runs_hold_the_truth(warehouse, between):
    """Runs with intervals of 12 % to either side, as measured ones have, and truths that differ from run to run."""
    generator, held, all_count = np.random.default_rng(3), 0, 300
    own = 0.06
    logs = between * generator.standard_normal((all_count, 3)) + own * generator.standard_normal((all_count, 3))
    variances = np.full(3, own**2)
    for row in logs:
        sums = [3, *(float(each) for each in (np.sum(1 / variances), np.sum(1 / variances**2)))]
        sums += [float(np.sum(row / variances)), float(np.sum(row**2 / variances))]
        (extra,) = warehouse.execute("select between_runs_variance(?, ?, ?, ?, ?)", sums).fetchone()
        reach = 1.96 * np.sqrt((own**2 + extra) / 3)
        held += abs(row.mean()) <= reach
    assert held / all_count >= (0.93 if between == 0 else 0.87), f"{held} of {all_count}"
