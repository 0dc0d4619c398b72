"""Compiled steps on batches of several sizes: graphs counted, every size held to the reference, and run for real."""

from importlib.util import find_spec

import pytest
from bench_fakes import Steady
from test_bench_deployment import taken_round

from pipeline.bench.contract import State
from pipeline.bench.plan import registered_frameworks
from pipeline.bench.reference import expected
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time

SPECIAL = special_measurement_named("changing_shapes")
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)
GRAPHS = {
    ("jax", "compiled"): 6,
    ("keras_jax", "compiled"): 6,
    ("keras_pytorch", "compiled"): None,
    ("keras_tensorflow", "compiled"): 2,
    ("keras_tensorflow", "xla"): None,
    ("pytorch", "compiled, automatic"): 2,
    ("pytorch", "compiled, dynamic"): 1,
    ("tensorflow", "compiled"): 6,
    ("tensorflow", "compiled, open signature"): 1,
    ("tensorflow", "xla"): 6,
    ("tinygrad", "compiled"): 6,
}
"""Of six sizes: one each, or, where sizes are left open from the second one on or from the first, two or one."""
REAL = [
    (entry, mode)
    for entry in registered_frameworks()
    if find_spec(adapter_class(entry.adapter).package)
    for mode in SPECIAL.modes(adapter_class(entry.adapter))
]


class Reshaped(Steady):
    """Counts the sizes that it sees; what it makes of one of them may be off."""

    def __init__(self, wrong_batch=None, count=None, is_compiled=None):
        self.wrong_batch, self.count, self.is_compiled = wrong_batch, count, is_compiled

    def setup(self, case, problem, mode):
        given, seen = dict(problem.inputs), set()

        def step():
            seen.add(len(given["labels" if case.is_training else "tokens"].values))
            return sum(range(100))

        weights = {name: laid.values for name, laid in problem.parameters.items()}
        state = State(step=step, weights=weights, give=given.update, is_compiled=lambda: self.is_compiled)
        state.graphs_count = self.count or (lambda: len(seen))
        state.given = given
        return state

    def outputs(self, case, problem, state, result):
        assert all((state.given[name].values == laid.values).all() for name, laid in problem.inputs.items())
        (batch,) = {len(laid.values) for laid in problem.inputs.values()}
        factor = 1.1 if batch == self.wrong_batch else 1
        return {name: factor * values for name, values in expected(case, problem).items()}


@pytest.fixture
def measured(tmp_path):
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)

    def of(framework):
        tools = SpecialTools(
            framework=framework, mode="compiled, in some way", seed=2024, clock=clock, pace=BRISK, folder=tmp_path,
            import_seconds=0,
        )  # fmt: skip
        return SPECIAL.measure(tools)

    return of


def test_graphs_are_counted_and_steps_timed(measured):
    (found,) = measured(Reshaped())
    assert found.keys() == SPECIAL.measures.keys()
    assert {found[f"{network}, {name}"] for network in ("MLP", "transformer") for name in ("shapes", "graphs")} == {6}
    assert all(value > 0 for value in found.values())


def test_what_is_wrong_at_one_size_is_found_out(measured):
    with pytest.raises(OutputsDiffer, match=r"a batch of 9: .* is off by 0\.1 of the reference's"):
        measured(Reshaped(wrong_batch=9))


def test_a_step_that_is_not_compiled_is_found_out(measured):
    with pytest.raises(RuntimeError, match="no graph was compiled"):
        measured(Reshaped(count=lambda: 0, is_compiled=False))


def test_what_is_compiled_and_not_counted_is_timed_all_the_same(measured):
    (found,) = measured(Reshaped(count=lambda: None, is_compiled=True))
    assert found.keys() == {name for name in SPECIAL.measures if not name.endswith(", graphs")}


def test_every_framework_is_asked_for_what_it_compiles():
    assert {
        (entry.id, mode) for entry in registered_frameworks() for mode in SPECIAL.modes(adapter_class(entry.adapter))
    } == GRAPHS.keys()


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(("entry", "mode"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in REAL])
def test_real_frameworks_make_as_many_graphs_as_they_say_of_themselves(tmp_path, entry, mode):
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, mode)
    if entry.id == "keras_pytorch":
        assert (outcome, figures) == ("unsupported", {})
        assert "Keras compiles nothing on PyTorch unless it is told to" in message
        return
    if outcome == "unsupported":
        assert any(word in message for word in ("C++", "Cxx", "clang"))
        pytest.skip(message)
    assert (outcome, message) == ("measured", None)
    counted = {} if (graphs := GRAPHS[entry.id, mode]) is None else {"graphs": graphs}
    assert {name: value for name, value in figures.items() if name.endswith((", graphs", ", shapes"))} == {
        f"{network}, {name}": value
        for network in ("MLP", "transformer")
        for name, value in {"shapes": 6, **counted}.items()
    }
    assert {name for name in figures if name.endswith((", further shapes", ", step over fixed"))} == {
        f"{network}, {name}" for network in ("MLP", "transformer") for name in ("further shapes", "step over fixed")
    }
    assert all(0 < figure < 1000 for figure in figures.values())
