"""Modes with a further setting: measured in full runs, and compared with the framework's own mode alone."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from test_bench_real import ENTRIES, Child
from test_bench_run import run_fakes
from test_ratios import noisy_launches, samples

from pipeline.bench.frameworks.pytorch import PyTorch, _graphs_made
from pipeline.bench.frameworks.pytorch_words import words
from pipeline.bench.operations import Operations
from pipeline.bench.plan import BenchOptions, make_plan, registered_frameworks
from pipeline.bench.registry import CASES, SPECIAL_MEASUREMENTS, adapter_class, case_named
from pipeline.estimate.ratios import derive_performance
from pipeline.jobs.bench import verdicts_of
from pipeline.records.benchmarks import BenchSample, BenchSpecialMeasurement, BenchVariant, usual_mode

needs_torch = pytest.mark.skipif(not find_spec("torch"), reason="PyTorch is not installed; the extra `bench` brings it")
needs_compiler = pytest.mark.skipif(not which("g++"), reason="what is compiled here needs a C++ compiler")
COMPILES = pytest.mark.filterwarnings("ignore")
"""The compiler warns of itself, which here would be an error."""
FURTHER = [
    (entry, mode, case.name, size)
    for entry in registered_frameworks()
    for mode, is_measured in adapter_class(entry.adapter).further_modes.items()
    for case in CASES
    for size in case.sizes
    if is_measured(case, size)
]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return partial(run_fakes, tmp_path / "cache", launches_count=2, repeats_count=0)


def planned(tmp_path, **choices):
    chosen = BenchOptions(
        cache_folder=tmp_path, devices=("cpu", "cuda"), dtypes_by_device={"cpu": ("bfloat16",)}, **choices
    )
    return make_plan(chosen).variants


def test_only_full_runs_have_them_on_the_processor_in_float32(tmp_path):
    full = [each for each in planned(tmp_path, full=True) if each.mode != usual_mode(each.mode)]
    found = {(each.framework, each.mode, each.case_name, each.size) for each in full}
    assert found == {(entry.id, *rest) for entry, *rest in FURTHER}
    assert {each.framework for each in full} == {"pytorch"}, "Keras on it has no such settings of its own"
    assert {(each.device, each.dtype) for each in full} == {("cpu", "float32")}
    assert {each.mode for each in full} == {
        "eager, channels last",
        "compiled, frozen",
        "compiled, frozen, max-autotune",
    }
    assert not [each for each in full if each.mode.startswith("compiled") and case_named(each.case_name).is_deep]
    for choices in ({}, {"quick": True}, {"cases": ("cnn_inference",)}):
        assert all(each.mode == usual_mode(each.mode) for each in planned(tmp_path, **choices))
    for special in SPECIAL_MEASUREMENTS:
        for entry in registered_frameworks():
            adapter = adapter_class(entry.adapter)
            assert not set(special.modes(adapter)) & set(adapter.further_modes)


def test_a_run_measures_them_beside_the_usual_mode_and_no_verdict_counts_them(bench):
    asked = {"full": True, "cases": ("matmul",), "rounds_count": 4, "special_measurements": ("dispatch",)}
    result = bench("Varied", **asked)
    assert {(row.mode, row.outcome) for row in result.of(BenchVariant) if row.size == "small"} == {
        ("eager", "measured"), ("compiled", "measured"), ("eager, twice", "measured"),
    }  # fmt: skip
    assert {row.mode for row in result.of(BenchVariant) if row.size == "large"} == {"eager", "compiled"}
    assert {row.mode for row in result.of(BenchSpecialMeasurement)} == {"eager", "compiled"}
    derived = derive_performance(result.of(BenchSample), 0.15)
    (twice,) = [row for row in derived if row.mode == "eager, twice"]
    assert twice.reference_framework == twice.framework == "varied"
    assert twice.ratio_low < twice.ratio < twice.ratio_high
    assert twice.ratio > 1, "it computes everything twice"
    assert "compared" not in verdicts_of(result, derived), "nothing was compared with another framework"


def test_what_frameworks_are_compared_by_does_not_change_for_them():
    generator = np.random.default_rng(5)
    usual = [
        *samples("pytorch", *noisy_launches(generator, 1.0), mode="compiled"),
        *samples("jax", *noisy_launches(generator, 0.5), mode="compiled"),
    ]
    further = samples("pytorch", *noisy_launches(generator, 0.25), mode="compiled, frozen")
    without = derive_performance(usual, 0.15)
    found = {(row.framework, row.mode): row for row in derive_performance([*usual, *further], 0.15)}
    own = found.pop(("pytorch", "compiled, frozen"))
    assert list(found.values()) == without
    assert (own.reference_framework, own.verdict, own.ratio) == ("pytorch", "faster", pytest.approx(0.25, rel=0.1))


@pytest.fixture
def framework():
    """PyTorch's adapter in this process, whose threads are left as they are: they can be set only once."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed; the extra `bench` brings it")
    found = PyTorch()
    found.torch, found.device, found.operations = torch, "cpu", Operations(**words(torch))
    return found


@needs_torch
@needs_compiler
@pytest.mark.slow
def test_every_further_mode_is_right_and_is_what_it_is_called(tmp_path):
    (entry,) = [each for each in ENTRIES if each.id == "pytorch"]
    # Deep networks take minutes to refer to; a full run compares them before timing.
    wanted = [each[1:] for each in FURTHER if not case_named(each[2]).is_deep]
    with Child(entry, tmp_path) as child:
        for mode, case, size in wanted:
            child.build(case, size, mode)
    with Child(entry, tmp_path) as later:  # which finds in the cache what the first one tried
        later.build("mlp_inference", "large", "compiled, frozen, max-autotune")
    found = [*child.found.items(), *later.found.items()]
    assert {what: outcome for what, outcome in found if outcome[0] != "right"} == {}
    assert len(found) == len(wanted) + 1


@pytest.mark.slow
def test_channels_last_is_how_weights_and_results_lie_in_memory(framework):
    case = case_named("convolution")
    problem = case.problem("small", "float32", 2024)
    found = {}
    for mode in ("eager", "eager, channels last"):
        state = framework.setup(case, problem, mode)
        result = state.step()
        tensors = (*state.weights.values(), result)
        found[mode] = {each.is_contiguous(memory_format=framework.torch.channels_last) for each in tensors}
        outputs = framework.outputs(case, problem, state, result)["output"]
        found[mode, "output"] = outputs
    assert (found["eager"], found["eager, channels last"]) == ({False}, {True})
    assert np.allclose(found["eager", "output"], found["eager, channels last", "output"], atol=1e-4)


@needs_compiler
@COMPILES
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["compiled", "compiled, frozen", "compiled, frozen, max-autotune"])
def test_frozen_weights_are_copies_that_the_graph_holds(framework, mode):
    """Those of a product are packed anew: what becomes of the first ones changes nothing; compiled alone reads them."""
    from torch._dynamo.utils import counters
    from torch._inductor.utils import fresh_cache

    torch, case = framework.torch, case_named("mlp_inference")
    counters.clear()
    state = framework.setup(case, case.problem("large", "float32", 2024), mode)
    with fresh_cache():
        first = state.step().clone()
    assert state.is_compiled() is True
    assert (counters["inductor"]["select_algorithm_autotune"] > 0) is mode.endswith("max-autotune")
    with torch.no_grad():
        for name, weight in state.weights.items():
            if name.endswith(" weights"):
                weight.zero_()
    assert bool(torch.equal(state.step(), first)) is (mode != "compiled")


@needs_compiler
@COMPILES
@pytest.mark.slow
def test_a_graph_that_froze_nothing_is_told(framework):
    case = case_named("mlp_inference")
    asked = [_graphs_made(counted)[1] for counted in ("", "weight_pack_matcher_count")]
    framework.setup(case, case.problem("small", "float32", 2024), "compiled").step()
    assert [question() for question in asked] == [True, False]
