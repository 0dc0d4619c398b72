"""Special measurements: rounds in fresh children, outcomes instead of errors, loaders held against their files."""

import json
import threading
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from bench_fakes import Doubling, Steady

from pipeline.bench.contract import SampleFiles
from pipeline.bench.operations import Unsupported
from pipeline.bench.plan import BenchOptions, make_plan, parts_of, protocol_of, registered_frameworks
from pipeline.bench.reference import trained
from pipeline.bench.registry import CASES, SPECIAL_MEASUREMENTS, case_named, special_measurement_named
from pipeline.bench.run import open_context, run_benchmarks
from pipeline.bench.runner import run_measurements
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools
from pipeline.bench.special_measurements import accuracy, costs
from pipeline.bench.special_rounds import special_rounds, wanted_special_measurements
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time
from pipeline.errors import BadInput, ContractBroken
from pipeline.records.benchmarks import BenchSpecialMeasurement
from pipeline.reference.frameworks import BenchEntry

HERE = Path(__file__).parent
BRISK = SamplingTimes(block_seconds=0.005, minimum_steps=2, warmup_block_seconds=0.002, warmup_seconds=0.02)


@pytest.fixture
def taken(tmp_path, monkeypatch):
    """Run special_measurements on fakes named by class; the matrix product is measured before, as in every run."""
    monkeypatch.syspath_prepend(HERE)

    def run(wanted, *names, on_event=lambda event: None, stop=None):
        registered = tuple(BenchEntry(id=name.lower(), title=name, adapter=f"bench_fakes:{name}") for name in names)
        options = BenchOptions(
            run_id="test", cache_folder=tmp_path / "cache", registered=registered, cases=("matmul",),
            special_measurements=wanted,            threads_count=1, rounds_count=1, launches_count=1, pace=BRISK,
        )  # fmt: skip
        return run_benchmarks(options, on_event, stop)

    return run


@pytest.fixture
def taken_by_itself(tmp_path, monkeypatch):
    """Take what a usual run takes of special measurements of fakes, without its cases."""
    monkeypatch.syspath_prepend(HERE)

    def run(*names):
        registered = tuple(BenchEntry(id=name.lower(), title=name, adapter=f"bench_fakes:{name}") for name in names)
        options = BenchOptions(run_id="test", cache_folder=tmp_path / "cache", registered=registered, threads_count=1)
        with open_context(replace(options, devices=("cpu",))) as context:
            rounds = list(special_rounds(context))
            return run_measurements(context, rounds, lambda event: None)

    return run


def test_every_special_measurement_of_the_folder_is_registered():
    stems = {path.stem for path in (HERE.parent / "pipeline/bench/special_measurements").glob("*.py")} - {"__init__"}
    modules = [import_module(f"pipeline.bench.special_measurements.{stem}") for stem in stems]
    found = [each for module in modules for each in vars(module).values() if isinstance(each, SpecialMeasurement)]
    assert {each.name for each in SPECIAL_MEASUREMENTS} == {each.name for each in found}
    assert len(SPECIAL_MEASUREMENTS) == len(found)
    assert all(any(isinstance(each, SpecialMeasurement) for each in vars(module).values()) for module in modules)
    with pytest.raises(ContractBroken, match="no special measurement naps; register it"):
        special_measurement_named("naps")


def test_a_timer_that_says_otherwise_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "_TIMED", (case_named("matmul"),))
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)
    tools = SpecialTools(
        framework=Doubling(), mode="eager", seed=2024, clock=clock, pace=BRISK, folder=tmp_path, import_seconds=0
    )
    tools.framework.start(1, "cpu")
    ((ratio,),) = (values.values() for values in costs.OWN_TIMER.measure(tools))
    assert 0 < ratio < 0.1, "the fake's own timer says two seconds"
    assert costs.OWN_TIMER.modes(Doubling) == Doubling.modes
    assert not costs.OWN_TIMER.modes(Steady), "a framework without a timer is not asked"


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed; install the extra `bench`")
def test_pytorch_brings_a_timer(taken):
    rows = [row for row in taken(("own_timer",), "EagerPyTorch").of(BenchSpecialMeasurement) if row.mode == "eager"]
    assert {row.outcome for row in rows} == {"measured"}
    assert {row.measure for row in rows} == costs.OWN_TIMER.measures.keys()
    assert all(row.value > 0 for row in rows)
    # A busy machine may put any distance between two clocks at one time, and not at most times.
    assert 0.2 < median(row.value for row in rows) < 5


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed; install the extra `bench`")
def test_a_process_that_gives_freed_memory_back_holds_less(taken):
    rows = taken(("peak_memory",), "EagerPyTorch").of(BenchSpecialMeasurement)
    above = {}
    for row in rows:
        assert row.outcome in {"measured", "unsupported"}, row.message
        if row.mode.startswith("eager") and row.measure == "above import":
            above.setdefault(row.mode, []).append(row.value)
    assert above.keys() == {"eager", "eager, memory given back at once", "eager, activations computed again"}
    assert max(above["eager, memory given back at once"]) < min(above["eager"])
    assert all(value > 0 for value in above["eager, activations computed again"]), (
        "its own modules may take what it saves"
    )


def test_a_system_that_takes_no_orders_about_memory_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(costs.system_load, "_c_library_function", lambda name: lambda *_: 0)
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)
    tools = SpecialTools(
        framework=Steady(), mode="eager, memory given back at once", seed=2024, clock=clock, pace=BRISK,
        folder=tmp_path, import_seconds=0,
    )  # fmt: skip
    with pytest.raises(Unsupported, match="cannot be told what to give back"):
        costs.PEAK_MEMORY.measure(tools)


@pytest.mark.slow
def test_a_figure_or_a_reason_for_every_framework_mode_and_round(taken):
    result = taken(("dispatch", "cold_start"), "Steady", "Absent", "Unstartable")
    found = {}
    for row in result.of(BenchSpecialMeasurement):
        found.setdefault((row.probe_name, row.framework), []).append(row)
    rounds, modes, measures = 3, 2, {"call", "call, pipelined", "operation"}
    assert len(found["dispatch", "steady"]) == rounds * modes * len(measures)
    assert {row.measure for row in found["dispatch", "steady"]} == measures
    assert {row.outcome for row in found["dispatch", "steady"]} == {"measured"}
    assert all(row.value > 0 for row in found["dispatch", "steady"] if row.measure == "call")
    read_back = json.loads(found["dispatch", "steady"][0].conditions)["framework"]
    assert read_back.keys() == {
        "omp_num_threads", "dropped_variables", "hidden_packages", "hidden_packages_in_memory", "instructions",
        "sampled_on_cpus",
    }  # fmt: skip
    assert (read_back["omp_num_threads"], read_back["hidden_packages_in_memory"]) == ("1", [])
    assert {"torch", "tensorflow", "jax"} <= set(read_back["hidden_packages"])
    # NumPy has no cross-entropy, and says so for every measure.
    cold = found["cold_start", "steady"]
    assert {row.outcome for row in cold} == {"unsupported"}
    assert {row.measure for row in cold} == {"import", "first step", "steady step"}
    assert {row.value for row in cold} == {None}
    assert "no operation cross_entropy" in cold[0].message
    assert {row.outcome for row in found["dispatch", "absent"]} == {"missing"}
    assert {row.outcome for row in found["dispatch", "unstartable"]} == {"crashed"}
    assert len(
        {
            (row.probe_name, row.framework, row.mode, row.round_index, row.measure)
            for row in result.of(BenchSpecialMeasurement)
        }
    ) == (len(result.of(BenchSpecialMeasurement)))
    assert set(result.of(BenchSpecialMeasurement)) <= set(result.rows)


def test_a_full_run_has_everything_one_case_after_the_other(tmp_path):
    types = {"cpu": ("bfloat16",)}
    options = BenchOptions(run_id="test", cache_folder=tmp_path, full=True, dtypes_by_device=types)
    parts = parts_of(options)
    assert [part.cases for part in parts] == [(case.name,) for case in CASES]
    planned = {variant for part in parts for variant in make_plan(part).variants}
    generated = {(each.framework, each.mode) for each in planned if each.case_name == "language_model_generation"}
    assert ("pytorch", "eager") in generated
    assert ("jax", "compiled") in generated
    assert ("pytorch", "compiled") not in generated  # its compiler would need a quarter of an hour
    assert {variant.framework for variant in planned} == {entry.id for entry in registered_frameworks()}
    assert {(variant.case_name, variant.size) for variant in planned} == {
        (case.name, size) for case in CASES for size in case.sizes
    }
    assert "xla" in {variant.mode for variant in planned}
    assert {variant.dtype for variant in planned} == {"float32", "bfloat16"}
    assert wanted_special_measurements(options) == tuple(each.name for each in SPECIAL_MEASUREMENTS)
    assert protocol_of(options).budget_seconds > protocol_of(replace(options, full=False)).budget_seconds
    assert protocol_of(options).pace.warmup_seconds > protocol_of(replace(options, full=False)).pace.warmup_seconds


def test_a_usual_run_leaves_out_what_takes_long(tmp_path):
    options = BenchOptions(run_id="test", cache_folder=tmp_path)
    (part,) = parts_of(options)
    planned = make_plan(part).variants
    assert {case_named(variant.case_name).tier(variant.size) for variant in planned} == {"quick", "default"}
    assert not {variant.framework for variant in planned} & {
        "keras_jax",
        "keras_pytorch",
        "keras_tensorflow",
        "tinygrad",
    }
    assert "xla" not in {variant.mode for variant in planned}
    modes = {(variant.framework, variant.mode) for variant in planned}
    assert {(name, mode) for name in ("pytorch", "tensorflow", "jax") for mode in ("eager", "compiled")} <= modes
    assert wanted_special_measurements(options) == ("loader", "peak_memory", "accuracy")
    for chosen in ({"quick": True}, {"cases": ("matmul",)}, {"budget_seconds": 9}):
        assert wanted_special_measurements(replace(options, **chosen)) == ()
    resnet = {(v.framework, v.mode) for v in planned if v.case_name == "resnet50_inference" and v.size == "small"}
    assert ("pytorch", "eager") in resnet
    assert ("tensorflow", "compiled") in resnet
    assert ("pytorch", "compiled") not in resnet  # its compiler alone takes minutes


def test_a_usual_run_takes_one_child_of_each_in_the_first_mode(taken_by_itself):
    rows = taken_by_itself("Steady")
    assert {(row.probe_name, row.mode, row.round_index) for row in rows} == {
        ("loader", "serial", 0), ("peak_memory", "eager", 0), ("accuracy", "eager", 0)
    }  # fmt: skip


def test_choices_that_cannot_be_are_refused(tmp_path):
    options = BenchOptions(run_id="test", cache_folder=tmp_path)
    with pytest.raises(BadInput, match="either quick or full"):
        run_benchmarks(replace(options, quick=True, full=True))
    with pytest.raises(BadInput, match="no special measurement naps; choose from: dispatch, "):
        run_benchmarks(replace(options, special_measurements=("naps",)))


def test_a_run_without_special_measurements_has_none(taken):
    assert taken((), "Steady").of(BenchSpecialMeasurement) == ()


def test_a_stopped_run_keeps_what_was_measured(taken):
    stop = threading.Event()
    begun = []

    def on_event(event):
        if event.sentence.startswith("Dispatch"):
            begun.append(event)
        if len(begun) == 3:
            stop.set()

    kept = taken(("dispatch",), "Steady", on_event=on_event, stop=stop).of(BenchSpecialMeasurement)
    taken = {(row.round_index, row.mode) for row in kept if row.outcome != "not run: interrupted"}
    assert taken == {(0, "eager"), (0, "compiled")}
    assert {row.round_index for row in kept} == {0, 1, 2}, "the rest says that it is missing"


@pytest.fixture
def files(tmp_path):
    costs.LOADING.prepare(tmp_path, 1)
    return SampleFiles(paths=tuple(sorted(tmp_path.glob("*.bin"))), samples_a_file=256, shape=(32, 32, 3))


def test_the_files_are_the_same_for_the_same_seed(files, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    costs.LOADING.prepare(again, 1)
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in files.paths)
    assert len(files) == sum(path.stat().st_size for path in files.paths) / (32 * 32 * 3)


def test_every_second_sample_is_mirrored(files):
    whole = np.frombuffer(files.paths[1].read_bytes(), dtype=np.uint8).reshape(256, 32, 32, 3)
    assert np.abs(files[256] * 255 - whole[0]).max() < 1e-3
    assert np.abs(files[257][:, ::-1] * 255 - whole[1]).max() < 1e-3


def test_a_loader_that_brings_something_else_is_not_measured(files):
    samples = np.stack([files[place] for place in range(len(files))])
    batches = [samples[start : start + 64] for start in range(0, len(samples), 64)]
    costs.compare_batches(files, batches)
    with pytest.raises(OutputsDiffer, match="4032 samples came out of 4096"):
        costs.compare_batches(files, batches[:-1])
    with pytest.raises(OutputsDiffer, match="sample 0 is not"):
        costs.compare_batches(files, [batches[0][::-1], *batches[1:]])


def test_the_digits_are_those_that_their_publisher_counts():
    images, labels = accuracy.digits()
    assert images.shape == (1797, 8, 8, 1)
    assert (images.min(), images.max()) == (0, 1)
    # By digit, as optdigits.names states them of the test part.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    means = np.stack([images[labels == digit].mean(axis=0).ravel() for digit in range(10)])
    nearest = ((images.reshape(-1, 1, 64) - means) ** 2).sum(axis=-1).argmin(axis=1)
    assert (nearest == labels).mean() > 0.85, "an image shows what its label says"


def test_each_start_has_batches_of_its_own_and_each_image_once_in_every_turn():
    first, again, other = ([*accuracy.batches(start)] for start in (0, 0, 1))
    assert len(first) == 144
    assert all((one["images"].values == two["images"].values).all() for one, two in zip(first, again, strict=True))
    assert not (first[0]["images"].values == other[0]["images"].values).all()
    turn = np.concatenate([batch["images"].values for batch in first[:12]])
    assert len(np.unique(turn.reshape(1200, 64), axis=0)) == len(np.unique(accuracy.digits()[0][:1200], axis=0))
    left_in = np.concatenate([batch["left in"].values for batch in first])
    assert set(np.unique(left_in)) == {np.float32(0), np.float32(1 / 0.75)}
    assert left_in.mean() == pytest.approx(1, abs=0.02)
    assert not (first[0]["left in"].values == first[1]["left in"].values).all()


@pytest.mark.slow
def test_training_in_float64_learns_and_is_judged_by_the_images_held_out():
    """By the reference: what every framework's training is to come near."""
    problem = accuracy.DIGITS.problem("start 0", "float64", 2024)
    begun = {name: laid.values for name, laid in problem.parameters.items()}
    assert accuracy.accuracy_of(begun) < 0.3
    loss, weights = trained(accuracy.DIGITS, problem, islice(accuracy.batches(0), 24))
    assert loss < 1.2
    assert accuracy.accuracy_of(weights) > 0.75
    turned = {**weights, "class weights": np.roll(weights["class weights"], 1, axis=1)}
    assert accuracy.accuracy_of(turned) < 0.3, "another digit than the one that was learned is wrong"
