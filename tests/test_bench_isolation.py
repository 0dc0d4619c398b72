"""What a child is kept from, and what the harness proves before it calls a time a framework's own."""

import json
import platform
import subprocess
import sys

import pytest

from pipeline.bench import system_load
from pipeline.bench.process import hidden_roots
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import run_benchmarks
from pipeline.records.benchmarks import BenchSample, BenchVariant, BenchWorker
from pipeline.reference import known_frameworks


@pytest.fixture
def looked_around(fake_options, monkeypatch):
    """What a child saw whose starter had set some variables."""
    for name in ("KMP_BLOCKTIME", "OMP_WAIT_POLICY", "PYTHONSTARTUP", "A_SECRET", "CXX", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.setenv(name, "1")
    (worker,) = run_benchmarks(fake_options("Curious", cases=("matmul",), launches_count=1)).of(BenchWorker)
    return json.loads(worker.read_back)


def test_a_child_gets_what_is_allowed_and_finds_no_framework_but_its_own(looked_around):
    seen, dropped = set(looked_around["environment"]), set(looked_around["dropped_variables"])
    assert {"KMP_BLOCKTIME", "OMP_WAIT_POLICY", "PYTHONSTARTUP"} <= dropped - seen
    assert {"CXX", "PATH", "MALLOC_TRIM_THRESHOLD_", "OMP_NUM_THREADS"} <= seen - dropped
    assert "A_SECRET" not in seen | dropped, "it is not passed on, and its name is nobody's business"
    assert looked_around["found"] == ["prefect", "numpy.fft"]
    assert {"jax", "keras", "tensorflow", "torch"} <= set(looked_around["hidden_packages"])
    assert looked_around["hidden_packages_in_memory"] == []


def test_each_adapter_is_kept_from_what_it_can_do_without():
    for framework, entry in known_frameworks().bench():
        adapter = adapter_class(entry.adapter)
        hidden = set(hidden_roots(adapter))
        assert not hidden & {*adapter.packages(), *framework.code.import_roots}
        assert len(hidden) >= 2


def test_what_was_not_compiled_is_not_timed_as_compiled(fake_options):
    result = run_benchmarks(fake_options("Uncompiled", cases=("matmul",)))
    assert {(row.mode, row.outcome) for row in result.of(BenchVariant)} == {
        ("eager", "measured"),
        ("compiled", "failed"),
    }
    assert any("no graph was compiled" in row.message for row in result.of(BenchVariant) if row.mode == "compiled")
    assert {sample.mode for sample in result.of(BenchSample)} == {"eager"}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's allocator can be told to keep memory")
def test_a_copy_is_no_measure_of_page_faults_and_every_sample_tells_them(fake_options):
    result = run_benchmarks(fake_options("Steady", cases=("copy",), rounds_count=3))
    faults = [sample.step_minor_faults for sample in result.of(BenchSample) if sample.size == "large"]
    assert faults
    assert max(faults) < 800, "a tenth of the 8,192 pages that each result takes"
    assert all(sample.step_switches is not None for sample in result.of(BenchSample))
    assert all(sample.step_system_seconds <= sample.cpu_seconds + 0.01 for sample in result.of(BenchSample))


@pytest.mark.skipif(len(system_load.usable_cpus() or ()) < 2, reason="one processor, or a system without limits")
def test_a_framework_is_sampled_on_as_many_processors_as_it_has_threads_and_builds_on_all(fake_options):
    result = run_benchmarks(fake_options("Handing", cases=("matmul",), threads_count=1))
    assert {(row.outcome, row.message) for row in result.of(BenchVariant)} == {("measured", None)}
    told = [json.loads(worker.read_back)["sampled_on_cpus"] for worker in result.of(BenchWorker)]
    assert told
    assert all(set(cpus) < system_load.usable_cpus() and len(cpus) == 1 for cpus in told)


def test_processors_are_chosen_by_core_and_speed(tmp_path):
    """Two fast cores of two processors each, as 0-1 and 2-3, and two slow cores of one."""
    for number, (siblings, clock) in enumerate([("0-1", 5), ("0-1", 5), ("2,3", 5), ("2,3", 5), ("4", 4), ("5", 4)]):
        for name, text in (("topology/thread_siblings_list", siblings), ("cpufreq/cpuinfo_max_freq", clock)):
            file = tmp_path / f"cpu{number}" / name
            file.parent.mkdir(parents=True)
            file.write_text(f"{text}\n")
    every = frozenset(range(6))
    chosen = [system_load.separate_cpus(count, every, tmp_path) for count in (1, 2, 4, 5)]
    assert chosen == [{2}, {0, 2}, {0, 2, 4, 5}, {0, 2, 3, 4, 5}]
    assert system_load.separate_cpus(2, frozenset({1, 3, 4}), tmp_path) == {1, 3}, "of those it may use"
    assert system_load.separate_cpus(2, every, tmp_path / "none") == {4, 5}, "where the system does not tell"


SWITCHED_OFF = """
import sys
from pipeline.bench.registry import adapter_class, case_named
adapter = adapter_class(sys.argv[1])()
adapter.start(1, "cpu")
case = case_named("matmul")
state = adapter.setup(case, case.problem("small", "float32", 0), "compiled")
adapter.sync(state.step())
print(state.is_compiled())
"""


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(
    ("adapter", "switch"), [("pytorch:PyTorch", "TORCHDYNAMO_DISABLE"), ("jax:Jax", "JAX_DISABLE_JIT")]
)
def test_a_compiler_that_is_switched_off_is_found_out(adapter, switch, monkeypatch):
    pytest.importorskip(adapter_class(f"pipeline.bench.frameworks.{adapter}").package)
    monkeypatch.setenv(switch, "1")
    code = [sys.executable, "-c", SWITCHED_OFF, f"pipeline.bench.frameworks.{adapter}"]
    assert subprocess.run(code, capture_output=True, text=True, check=True).stdout.split()[-1] == "False"


CALLS = """
import sys
from dataclasses import replace
from pipeline.bench.registry import adapter_class, case_named
import torch

def calls(step):
    seen = []
    step(), step()
    sys.setprofile(lambda frame, event, argument: seen.append(event) if event.endswith("call") else None)
    step()
    sys.setprofile(None)
    return len(seen)

adapter = adapter_class("pipeline.bench.frameworks.pytorch:PyTorch")()
adapter.start(1, "cpu")
case = case_named("elementwise")
problem = case.problem("small", "float32", 0)
state = adapter.setup(case, problem, "compiled")
state.step()
print(state.is_compiled())
a, b, c = adapter.put_all(problem.inputs, "float32").values()
plain = torch.compile(lambda a, b, c: torch.tanh(a * b + c) * a - b, dynamic=False)
print(calls(state.step), calls(lambda: plain(a, b, c)))

def in_two(operations, tensors):
    first = operations.tanh(tensors["a"])
    torch._dynamo.graph_break()
    return first + tensors["b"]

broken = adapter.setup(replace(case, name="broken", result=in_two), problem, "compiled")
broken.step()
print(broken.is_compiled())
"""


@pytest.mark.slow
@pytest.mark.bench
def test_a_compiled_step_costs_no_call_more_than_the_compiler_s_own_and_two_graphs_are_found_out():
    pytest.importorskip("torch")
    ran = subprocess.run([sys.executable, "-c", CALLS], capture_output=True, text=True, check=True).stdout
    is_one_graph, own, plain, is_broken_one_graph = ran.split()
    assert int(own) <= int(plain)
    assert (is_one_graph, is_broken_one_graph) == ("True", "False")
