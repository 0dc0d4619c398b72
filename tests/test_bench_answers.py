"""What a benchmark run says on the terminal of its comparisons, and when too little is no success."""

from datetime import UTC, datetime

import pytest
from test_ratios import samples

from pipeline.errors import Unmeasured
from pipeline.estimate.ratios import derive_performance
from pipeline.jobs.bench import refuse_gaps, unsure_groups, verdicts_of
from pipeline.records.benchmarks import BenchRun, BenchVariant, Machine, MachineResults

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def result_of(found, outcome="measured"):
    """A run with these samples, and one variant that ended in this way."""
    variant = BenchVariant(
        run_id="r", case_name="mlp_training", size="small", dtype="float32", device="cpu", framework="pytorch",
        mode="eager", launch_index=0, workload="1", outcome=outcome, message=None,
    )  # fmt: skip
    run = BenchRun(
        run_id="r", machine_id="m", started_at=NOW, finished_at=NOW, is_interrupted=False, settings="{}",
        environment="{}",
    )  # fmt: skip
    return MachineResults(
        machine=Machine(machine_id="m", title="A machine", is_virtual=True, fingerprint="{}"),
        rows=(run, variant, *found),
    )


def test_verdicts_are_counted_and_what_disturbed_is_told_with_what_to_do():
    found = [
        *samples("pytorch", [1.0, 1.01, 0.99, 1.0]),
        *samples("tensorflow", [2.0, 2.02, 1.98, 2.0]),
        *(
            each.model_copy(update={"disturbances": "other load, steal"})
            for each in samples("jax", [1.0, 3.0, 0.5, 1.1], disturbed=True)
        ),
    ]
    said = verdicts_of(result_of(found), derive_performance(found, 0.15))
    assert said == (
        "; compared with the same in pytorch: 1 slower, 1 without a verdict (samples were disturbed, "
        "33% by other load, 33% by steal; measure while little else runs, or longer by --full)"
    )
    assert unsure_groups(found) == [("matmul", "small", "float32", "cpu")]
    decided = [each for each in found if each.framework != "jax"]
    assert unsure_groups(decided) == []
    assert verdicts_of(result_of([]), []) == ""


def test_what_has_too_few_samples_for_a_verdict_gets_the_time_that_is_left_before_what_is_wide():
    def of_case(name, framework, seconds):
        return [each.model_copy(update={"case_name": name}) for each in samples(framework, seconds)]

    few = [*of_case("few", "pytorch", [1.0, 1.01]), *of_case("few", "tensorflow", [2.0, 2.02])]
    wide = [*of_case("wide", "pytorch", [1.0, 1.01, 0.99, 1.0]), *of_case("wide", "tensorflow", [0.5, 3.0, 0.4, 2.5])]
    assert [name for name, *_ in unsure_groups([*wide, *few])] == ["few", "wide"]


@pytest.mark.parametrize("rounds_count", [0, 1, 2])
def test_a_run_whose_time_was_over_before_a_comparison_is_no_success(rounds_count):
    found = [*samples("pytorch", [1.0, 1.1][:rounds_count]), *samples("tensorflow", [2.0, 2.1][:rounds_count])]
    derived = derive_performance(found, 0.15)
    with pytest.raises(Unmeasured, match="the time was over before a comparison; give a larger --budget"):
        refuse_gaps(result_of(found, "not run: time budget"), derived, is_chosen=False)


def test_a_comparison_in_time_is_a_success_whatever_was_left_out():
    found = [*samples("pytorch", [1.0, 1.1, 1.0, 1.1]), *samples("tensorflow", [2.0, 2.1, 2.0, 2.1])]
    refuse_gaps(result_of(found, "not run: time budget"), derive_performance(found, 0.15), is_chosen=False)
