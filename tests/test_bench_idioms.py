"""The programs as frameworks' users write them: held to the reference, refused with a remedy, and run for real."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from bench_fakes import Steady
from test_bench_deployment import taken_round

from pipeline.bench.contract import State
from pipeline.bench.operations import Unsupported
from pipeline.bench.plan import registered_frameworks
from pipeline.bench.reference import expected
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time

SPECIAL = special_measurement_named("idiom")
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)
REAL = [
    (entry, mode)
    for entry in registered_frameworks()
    if find_spec(adapter_class(entry.adapter).package)
    for mode in adapter_class(entry.adapter).modes
]
PROGRAM = """
NETWORKS = {"MLP": dict, "CNN": dict}
loss = None

def filled(network, values):
    return values

def training(network, loss, learning_rate, mode, batch):
    inputs, labels = batch
    assert len(inputs) == len(labels)
    return lambda: sum(range(50))
"""


class Written(Steady):
    """NumPy with a program of its own, whose gradients are the reference's times a factor."""

    def __init__(self, factor=1.0, is_compiled=True):
        self.factor, self.is_compiled = factor, is_compiled

    def put_all(self, arrays, dtype):
        return {name: laid.values for name, laid in arrays.items()}

    def watched(self, word, mode):
        return word, lambda: self.is_compiled

    def setup(self, case, problem, mode):
        return State(step=lambda: sum(range(100)))

    def outputs(self, case, problem, state, result):
        assert [state.weights[name].shape for name in problem.parameters] == [
            laid.values.shape for laid in problem.parameters.values()
        ]
        return {name: self.factor * values for name, values in expected(case, problem).items()}


@pytest.fixture
def measured(tmp_path, monkeypatch):
    monkeypatch.setenv("OBSERVATORY_REFERENCE_FOLDER", str(tmp_path))
    (tmp_path / "idioms").mkdir()
    (tmp_path / "idioms" / "numpy.py").write_text(PROGRAM, encoding="utf-8")
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)

    def of(framework):
        tools = SpecialTools(
            framework=framework, mode="compiled", seed=2024, clock=clock, pace=BRISK, folder=tmp_path,
            import_seconds=0,
        )  # fmt: skip
        return SPECIAL.measure(tools)

    return of


def test_both_ways_are_timed_and_set_in_ratio(measured):
    (found,) = measured(Written())
    assert found.keys() == SPECIAL.measures.keys()
    assert all(value > 0 for value in found.values())


def test_a_program_that_computes_something_else_is_found_out(measured):
    with pytest.raises(
        OutputsDiffer, match=r"the MLP's layers: .* is off by 0\.1 of the reference's .*; 0\.001 is allowed"
    ):
        measured(Written(factor=1.1))


def test_a_program_that_is_not_compiled_is_found_out(measured):
    with pytest.raises(RuntimeError, match="no graph was compiled"):
        measured(Written(is_compiled=False))


def test_what_is_missing_is_named_with_what_brings_it(measured, tmp_path):
    class WithoutProgram(Written):
        package = "jumpy"

    with pytest.raises(Unsupported, match=r"data/reference/idioms has no jumpy\.py"):
        measured(WithoutProgram())
    (tmp_path / "idioms" / "numpy.py").write_text(f"import no_such_layers\n{PROGRAM}", encoding="utf-8")
    with pytest.raises(Unsupported, match=r"need `no_such_layers`, .*'framework-observatory\[idioms\]'"):
        measured(Written())


def test_a_hidden_package_is_found_again_once_it_is_shown():
    code = (
        "from importlib.util import find_spec; from pipeline.bench import isolation;"
        "isolation.hide(['colorsys', 'cmd']);"
        "before = find_spec('colorsys'); isolation.show('colorsys'); import colorsys;"
        "assert before is None and find_spec('cmd') is None, 'only what is shown is found'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(("entry", "mode"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in REAL])
def test_real_frameworks_train_as_their_users_write_it(tmp_path, entry, mode):
    missing = [each for each in ("flax", "optax") if find_spec(each) is None]  # which JAX's users alone need
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, mode)
    if outcome == "unsupported":
        assert any(word in message for word in (*missing, "C++", "Cxx", "backend"))
        pytest.skip(message)
    assert (outcome, message) == ("measured", None)
    assert figures.keys() == SPECIAL.measures.keys()
    assert all(0 < figure < 1000 for figure in figures.values())
