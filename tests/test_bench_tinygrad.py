"""tinygrad in worker children, as a full run measures it: right where it computes, and a reason where it does not."""

import json
import subprocess
import sys
from importlib.util import find_spec
from shutil import which

import pytest

from pipeline.bench.plan import BenchOptions
from pipeline.bench.process import hidden_roots
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import run_benchmarks
from pipeline.bench.timing import SamplingTimes
from pipeline.records.benchmarks import BenchSample, BenchVariant, BenchWorker
from pipeline.reference import known_frameworks

ADAPTER = "pipeline.bench.frameworks.tinygrad:Tinygrad"
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)
installed = pytest.mark.skipif(
    find_spec("tinygrad") is None, reason="tinygrad is not installed; install the extra `tinygrad` to run this"
)
with_clang = pytest.mark.skipif(which("clang") is None, reason="tinygrad compiles by clang; install it to run this")


def measured(folder, *cases, **choices):
    options = BenchOptions(
        run_id="test", cache_folder=folder, cases=cases, frameworks=("tinygrad",), threads_count=1, launches_count=1,
        rounds_count=1, pace=BRISK, budget_seconds=600, devices=("cpu",), dtypes_by_device={"cpu": ()}, **choices,
    )  # fmt: skip
    return run_benchmarks(options)


@installed
@with_clang
@pytest.mark.slow
@pytest.mark.bench
def test_steps_are_right_in_both_modes_and_the_compiled_one_was_captured(tmp_path):
    result = measured(tmp_path, "matmul", "convolution", "attention", "mlp_training")
    small = [row for row in result.of(BenchVariant) if row.size == "small"]
    assert {(row.case_name, row.mode) for row in small} == {
        (case, mode)
        for case in ("matmul", "convolution", "attention", "mlp_training")
        for mode in ("compiled", "eager")
    }
    assert {(row.outcome, row.outputs_agree) for row in result.of(BenchVariant)} == {("measured", True)}
    for row in result.of(BenchVariant):
        assert (row.is_compiled, row.is_from_cache) == ((True, False) if row.mode == "compiled" else (None, None))
    sampled = {(sample.case_name, sample.size, sample.mode) for sample in result.of(BenchSample)}
    assert sampled == {(row.case_name, row.size, row.mode) for row in result.of(BenchVariant)}
    (worker,) = result.of(BenchWorker)
    stated = json.loads(worker.read_back)
    assert stated["intra_op_threads"] == worker.threads_count
    assert stated["beam_search"] == 0
    assert "clang" in stated["compiler"]
    assert {"jax", "keras", "tensorflow", "torch"} <= set(stated["hidden_packages"])
    assert stated["hidden_packages_in_memory"] == []


@installed
@pytest.mark.bench
def test_without_clang_it_is_unsupported_and_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "gcc")
    rows = measured(tmp_path, "matmul").of(BenchVariant)
    assert {(row.outcome, row.message.rpartition("; ")[2]) for row in rows} == {("unsupported", "install clang")}


@installed
@with_clang
@pytest.mark.bench
def test_another_device_than_the_processor_is_said_to_be_unsupported(tmp_path):
    started = (
        "import sys; from pipeline.bench.registry import adapter_class; adapter_class(sys.argv[1])().start(1, 'cuda')"
    )
    ran = subprocess.run([sys.executable, "-c", started, ADAPTER], capture_output=True, text=True, check=False)
    assert ran.stderr.splitlines()[-1].endswith("Unsupported: this adapter of tinygrad sees no cuda device")


SWITCHED_OFF = """
import sys
from pipeline.bench.registry import adapter_class, case_named
adapter = adapter_class(sys.argv[1])()
adapter.start(1, "cpu")
case = case_named("copy")
state = adapter.setup(case, case.problem("small", "float32", 0), "compiled")
adapter.sync(state.step())
print(state.is_compiled())
"""


@installed
@with_clang
@pytest.mark.bench
@pytest.mark.parametrize(("switch", "is_compiled"), [("0", "False"), ("1", "True")])
def test_a_jit_that_is_switched_off_is_found_out(switch, is_compiled, monkeypatch):
    monkeypatch.setenv("JIT", switch)
    ran = subprocess.run([sys.executable, "-c", SWITCHED_OFF, ADAPTER], capture_output=True, text=True, check=True)
    assert ran.stdout.split()[-1] == is_compiled


OTHER_INPUTS = """
import sys
from pipeline.bench.registry import adapter_class, case_named
adapter = adapter_class(sys.argv[1])()
adapter.start(1, "cpu")
case = case_named("mlp_adam_training")
first, other = (case.problem("small", "float32", seed) for seed in (1, 2))
for mode in ("eager", "compiled"):
    state = adapter.setup(case, first, mode)
    for problem in (first, other, first, other):
        state.give(problem.inputs)
        print(float(adapter.read(state.loss_in(state.step()))))
"""


@installed
@with_clang
@pytest.mark.slow
@pytest.mark.bench
def test_a_captured_step_takes_the_inputs_that_it_is_given_and_keeps_what_the_optimiser_needs():
    ran = subprocess.run([sys.executable, "-c", OTHER_INPUTS, ADAPTER], capture_output=True, text=True, check=True)
    losses = [float(line) for line in ran.stdout.split()]
    assert losses[:4] == pytest.approx(losses[4:], rel=1e-4)
    assert losses[2] < losses[0]
    assert losses[3] < losses[1]


def test_the_child_is_given_threads_and_a_clang_whatever_the_starter_compiles_with(tmp_path, monkeypatch):
    clang = tmp_path / "clang-99"
    clang.write_text("#!/bin/sh\n", encoding="ascii")
    clang.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for named, taken in (("clang-99", str(clang)), ("gcc", "clang")):
        monkeypatch.setenv("CC", named)
        given = adapter_class(ADAPTER).environment(3, str(tmp_path), is_quick=False)
        assert (given["NUM_CPU_THREADS"], given["CC"], given["DEV"]) == ("3", taken, "CPU")


def test_it_is_measured_in_full_runs_only_and_hidden_from_the_others():
    ((entry, bench),) = [(entry, bench) for entry, bench in known_frameworks().bench() if bench.id == "tinygrad"]
    assert (bench.tier, bench.adapter) == ("full", ADAPTER)
    others = [adapter_class(way.adapter) for _, way in known_frameworks().bench() if way.id != "tinygrad"]
    assert all(set(entry.code.import_roots) <= set(hidden_roots(adapter)) for adapter in others)
