"""The real frameworks in worker children; `pytest -m bench` runs them alone, and `-m slow` the long half."""

import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from shutil import which
from threading import Event, Lock

import pytest

from pipeline.bench.plan import BenchOptions, registered_frameworks
from pipeline.bench.process import Lost, WorkerProcess
from pipeline.bench.registry import CASES, adapter_class, case_named, special_measurement_named
from pipeline.bench.run import run_benchmarks
from pipeline.bench.timing import SamplingTimes
from pipeline.bench.worker import WorkerSpec
from pipeline.bench.worker_slot import compare, read_outputs, reference
from pipeline.estimate.ratios import derive_performance, margin_for
from pipeline.records.benchmarks import BenchSample, BenchVariant, BenchWorker

HERE = Path(__file__).parent
SEED = 2024
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)


def needed(entry):
    """Return the packages that an adapter imports: Keras on a backend needs both."""
    adapter = adapter_class(entry.adapter)
    return [each.package for each in (adapter, getattr(adapter, "backend", adapter))]


WITHOUT_COMPILER = set() if which("clang") else {"tinygrad"}
ENTRIES = [
    entry
    for entry in registered_frameworks()
    if all(find_spec(package) for package in needed(entry)) and entry.id not in WITHOUT_COMPILER
]
INSTALLED = [entry.id for entry in ENTRIES]
USUAL = [entry.id for entry in ENTRIES if entry.tier != "full"]
SHORT = [case.name for case in CASES if not case.is_deep]
IN_ALL_MODES = (*SHORT, "resnet50_inference", "language_model_prefill")
"""Compiling what is left takes minutes; the other modes and the smaller networks stand for it."""
LARGE = [name for name in SHORT if not name.endswith("_training")]
SIXTEEN_BITS = ("bfloat16", "float16")
NEEDS_COMPILER = ("C++", "Cxx")
REFERENCE = Lock()
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not USUAL, reason="no framework is installed; install the extra `bench` to run this"),
]


@dataclass
class Child:
    """A worker of one framework, and what it answered to each build."""

    entry: object
    folder: Path
    device: str = "cpu"
    found: dict = field(default_factory=dict)

    def __enter__(self):
        spec = WorkerSpec(
            adapter=self.entry.adapter,
            threads_count=1,
            device=self.device,
            seed=SEED,
            pace=BRISK,
        )
        evidence = self.folder / f"{self.entry.id}.log"
        self.process = WorkerProcess(spec, self.folder, Event(), evidence_file=evidence, is_quick=False)
        try:
            self.started = self.process.ask("start", 600)
        except Lost:  # a child that sees no such device lives on, with half a gigabyte
            self.process.close()
            raise
        return self

    def __exit__(self, *_error):
        self.process.close()

    def build(self, name, size, mode, dtype="float32"):
        variant = {"case_name": name, "size": size, "mode": mode, "dtype": dtype}
        file = self.folder / f"{self.entry.id}.npz"
        try:
            self.process.ask("build", 1800, key=0, variant=variant, file=str(file))
        except Lost as lost:
            self.found[name, size, mode, dtype] = (lost.outcome, lost.message)
            return
        with REFERENCE:  # whoever comes second takes it from the cache
            wanted = reference(name, size, dtype, SEED)[0]
        agreement = compare(read_outputs(file), wanted, case_named(name).tolerances[dtype])
        self.found[name, size, mode, dtype] = ("right" if agreement.agrees else "differs", agreement.sentence)

    def special(self, name, mode):
        folder = self.folder / f"{self.entry.id} {name} {mode}"
        folder.mkdir()
        special_measurement_named(name).prepare(folder, SEED)
        try:
            return self.process.ask("special_measurement", 600, name=name, mode=mode, folder=str(folder))["values"]
        except Lost as lost:
            return lost.outcome


def troubles(found):
    """What is neither right nor a missing C++ compiler."""
    return {
        what: (outcome, message)
        for what, (outcome, message) in found.items()
        if outcome != "right" and not (outcome == "unsupported" and any(word in message for word in NEEDS_COMPILER))
    }


def in_all(folder, use, entries=ENTRIES):
    """Give `use` a started child of each framework, all at once; return the answers by framework."""

    def one(entry):
        with Child(entry, folder) as child:
            return use(child, adapter_class(entry.adapter))

    with ThreadPoolExecutor(len(entries)) as pool:
        return {entry.id: answer for entry, answer in zip(entries, pool.map(one, entries), strict=True)}


def wanted(child, adapter):
    """The variants that a framework builds: name, size, mode and dtype."""
    for case in CASES:
        modes = adapter.modes if case.name in IN_ALL_MODES else {"eager"} & set(adapter.modes)
        yield from ((case.name, "small", mode, "float32") for mode in modes)
    for name, dtype in product(SHORT, SIXTEEN_BITS):
        if dtype in case_named(name).dtypes:
            yield name, "small", adapter.modes[0], dtype
    if child.entry.id in USUAL:
        yield from ((name, "large", mode, "float32") for name, mode in product(LARGE, adapter.modes))


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """What became of each variant by framework, and of accuracy and loading; each framework starts once."""

    def use(child, adapter):
        for variant in wanted(child, adapter):
            child.build(*variant)
        if child.entry.id not in USUAL:
            return child.found, None, None
        trained = child.special("accuracy", adapter.modes[0])
        return child.found, trained, [child.special("loader", mode) for mode in ("serial", "parallel")]

    return in_all(tmp_path_factory.mktemp("built"), use)


@pytest.fixture(scope="module")
def built(used):
    """What became of each variant by framework."""
    return {name: found for name, (found, *_) in used.items()}


@pytest.mark.slow
def test_a_product_and_a_training_are_right_in_the_first_mode_of_every_usual_framework(tmp_path):
    """One of each kind; the slow tests build every case."""

    def use(child, adapter):
        for name in ("matmul", "mlp_training"):
            child.build(name, "small", adapter.modes[0])
        return child.found

    found = in_all(tmp_path, use, [entry for entry in ENTRIES if entry.id in USUAL])
    assert {name: troubles(of_one) for name, of_one in found.items()} == {name: {} for name in USUAL}
    assert all(len(of_one) == 2 for of_one in found.values())


@pytest.mark.slow
def test_the_same_training_gives_the_same_accuracy(used):
    first, *others = [used[name][1] for name in USUAL]
    assert len(first) == 5
    assert all(0.96 < of_seed["accuracy"] < 0.995 for of_seed in first)
    for trained in others:
        for of_seed, of_first in zip(trained, first, strict=True):
            # Rounding grows over so many steps, until a handful of the 597 images is told otherwise.
            assert of_seed["accuracy"] == pytest.approx(of_first["accuracy"], abs=0.015)
            assert of_seed["loss"] == pytest.approx(of_first["loss"], rel=0.1)


@pytest.mark.slow
def test_files_are_loaded_by_those_who_have_a_loader(used):
    """The batches are held against the files inside the special measurement."""
    for name in USUAL:
        loaded = used[name][2]
        if name == "jax":
            assert loaded == ["unsupported", "unsupported"]
        else:
            assert all(values[0]["throughput"] > 0 for values in loaded)


STEPPED = [
    pytest.param(entry, mode, marks=pytest.mark.slow, id=f"{entry.id} {mode}")
    for entry in ENTRIES
    for mode in adapter_class(entry.adapter).modes
]


@pytest.mark.parametrize(("entry", "mode"), STEPPED)
@pytest.mark.parametrize("case", ["mlp_adam_training", "recomputed"])
def test_five_steps_end_where_the_reference_ends(tmp_path, entry, mode, case):
    """In float32 the correction of Adam's first steps alone is good to some thousandths of a step."""
    chosen = adapter_class(entry.adapter).environment(1, str(tmp_path), is_quick=True)
    asked = [sys.executable, HERE / "bench_steps_child.py", entry.adapter, mode, case, "5"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, **chosen})
    if told.returncode and any(word in told.stderr for word in NEEDS_COMPILER):
        pytest.skip("this mode needs a C++ compiler")
    assert float(told.stdout.split()[-1]) < 2e-3, told.stderr  # what libraries say of themselves comes before it


def those(found, **values):
    """The variants with these values of name, size, mode and dtype."""
    return {
        variant: outcome
        for variant, outcome in found.items()
        if values.items() <= dict(zip(("name", "size", "mode", "dtype"), variant, strict=True)).items()
    }


@pytest.mark.slow
def test_every_case_is_right_in_every_mode_of_every_framework(built):
    found = {name: those(of_one, size="small", dtype="float32") for name, of_one in built.items()}
    assert {name: troubles(of_one) for name, of_one in found.items()} == {name: {} for name in INSTALLED}
    assert all({variant[0] for variant in of_one} >= set(SHORT) for of_one in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_every_mode_of_every_usual_framework_is_right_at_the_large_size(built, name):
    """Not so training, whose steps take minutes to compile or to refer to; a full run compares them before timing."""
    found = {framework: those(built[framework], name=name, size="large") for framework in USUAL}
    assert {framework: troubles(of_one) for framework, of_one in found.items()} == {name: {} for name in USUAL}
    assert all(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("dtype", SIXTEEN_BITS)
def test_sixteen_bits_are_right_or_said_to_be_unsupported(built, dtype):
    found = {name: those(of_one, dtype=dtype) for name, of_one in built.items()}
    assert all(found.values())
    outcomes = {outcome for of_one in found.values() for outcome, _ in of_one.values()}
    assert outcomes <= {"right", "unsupported"}, {name: troubles(of_one) for name, of_one in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cuda", "rocm", "metal", "tpu"])
def test_a_device_is_used_or_said_to_be_missing(tmp_path, device):
    def one(entry):
        try:
            with Child(entry, tmp_path, device) as child:
                child.build("mlp_training", "small", adapter_class(entry.adapter).modes[0])
                return troubles(child.found)
        except Lost as lost:
            said_so = lost.outcome == "unsupported" and f"sees no {device} device" in lost.message
            return {} if said_so else {"start": (lost.outcome, lost.message)}

    with ThreadPoolExecutor(len(ENTRIES)) as pool:
        assert list(pool.map(one, ENTRIES)) == [{}] * len(ENTRIES)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    # A folder with a space in its name, as people have.
    cache_folder = tmp_path_factory.mktemp("home of the observatory") / "data" / "cache"
    return run_benchmarks(
        BenchOptions(
            run_id="real",
            cache_folder=cache_folder,
            quick=True,
            cases=("mlp_training",),
            frameworks=tuple(USUAL),
            rounds_count=2,
            pace=BRISK,
            budget_seconds=120,
        )
    )


def rows(result, framework):
    return [row for row in result.of(BenchVariant) if row.framework == framework]


@pytest.mark.slow
@pytest.mark.parametrize("framework", USUAL)
def test_every_mode_is_measured_and_right(result, framework):
    attempted = [row for row in rows(result, framework) if row.outcome != "not run: quick"]
    modes = set(next(adapter_class(entry.adapter) for entry in ENTRIES if entry.id == framework).modes)
    assert {row.mode for row in attempted} == modes
    for row in attempted:
        needs_compiler = row.outcome == "unsupported" and any(word in row.message for word in NEEDS_COMPILER)
        assert row.outcome == "measured" or needs_compiler, (row.case_name, row.mode, row.outcome, row.message)
        assert needs_compiler or row.outputs_agree


@pytest.mark.slow
@pytest.mark.parametrize("framework", USUAL)
def test_the_framework_states_what_it_was_given(result, framework):
    (worker,) = [worker for worker in result.of(BenchWorker) if worker.framework == framework]
    stated = json.loads(worker.read_back)
    assert stated["intra_op_threads"] in {worker.threads_count, None}
    assert stated.get("inter_op_threads", 1) == 1
    precision = [stated.get(name) for name in ("tensor_float_32", "cudnn_allow_tf32")]
    assert True not in precision
    assert stated["flushes_denormals"] is True
    assert stated["device"]["kind"] == "cpu"
    assert stated["hidden_packages_in_memory"] == []
    assert stated["hidden_packages"]
    assert stated.get("blas") != "mkl" or "MKL" in worker.blas_path
    assert framework != "tensorflow" or platform.machine() != "x86_64" or "oneDNN v" in worker.blas_path
    assert framework != "jax" or stated["matmul_by"]
    assert worker.resident_bytes is None or worker.resident_bytes > 50_000_000


@pytest.mark.slow
def test_memory_and_first_steps_are_told_apart(result):
    for row in result.of(BenchVariant):
        if row.outcome != "measured":
            continue
        assert row.first_step_seconds > 0
        assert (row.is_from_cache is None) == (row.mode == "eager")
        assert row.is_compiled is (None if row.mode == "eager" else True)
        assert row.peak_memory_bytes is None or row.peak_memory_bytes < 2_000_000_000
    in_memory = [
        row.peak_memory_bytes for row in result.of(BenchVariant) if row.size == "large" and row.outcome == "measured"
    ]
    # The large batch alone is 1.6 MB.
    assert None in in_memory or max(in_memory) > 1_600_000


@pytest.mark.slow
@pytest.mark.skipif(len(USUAL) < 2, reason="a ratio needs two frameworks")
def test_ratios_are_derived_for_what_was_measured(result):
    derived = derive_performance(result.of(BenchSample), margin_for(result.machine))
    assert {row.framework for row in derived} == set(USUAL)
    for row in derived:
        assert row.step_seconds_low <= row.step_seconds_median <= row.step_seconds_high
        if row.ratio is not None:
            assert row.ratio_low <= row.ratio_high
            assert 0.001 < row.ratio < 1000
