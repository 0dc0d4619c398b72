"""Devices: each framework is asked what it sees; what is measured where, and what one alone can use, is told."""

import json
import os
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_bench_run import ALL_MEASURED, outcomes, run_fakes

from pipeline.bench import machine
from pipeline.bench import run as devices
from pipeline.bench.plan import BenchOptions, make_plan, protocol_of, registered_frameworks
from pipeline.bench.registry import adapter_class
from pipeline.bench.run import devices_to_measure, dtypes_by_device, told_of
from pipeline.errors import BadInput
from pipeline.records.benchmarks import BenchRun, BenchSample, BenchSpecialMeasurement, BenchVariant, BenchWorker
from pipeline.reference.frameworks import BenchEntry
from pipeline.warehouse.bench import load_bench

HERE = Path(__file__).parent
SMI = """#!/bin/sh
case "$1" in
  *compute_cap*) {detailed} ;;
  --query-gpu=name,driver_version,memory.total,power.limit) echo "A Device, 550.54, 81559 MiB, 700.00 W" ;;
  --query-gpu=name,memory.total) echo "A Device, 81559 MiB" ;;
esac
"""
DETAILED = 'echo "A Device, 550.54, 9.0, 81559 MiB, 700.00 W, Enabled, 1980 MHz, 2619 MHz, 345 MHz, 2619 MHz"'


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    return partial(run_fakes, tmp_path / "cache")


@pytest.fixture
def with_sign(monkeypatch):
    """A machine on which something speaks for a device."""
    monkeypatch.setattr(devices, "has_sign_of_accelerator", lambda: True)


def test_unasked_both_are_measured_and_what_one_alone_can_use_is_said(bench, with_sign, warehouse):
    events = []
    result = bench("Steady", "Accelerated", on_event=events.append)
    for device in ("cpu", "cuda"):
        assert outcomes(result, "accelerated", device=device) == ALL_MEASURED
    assert outcomes(result, "steady", device="cpu") == ALL_MEASURED
    assert outcomes(result, "steady", device="cuda") == dict.fromkeys(ALL_MEASURED, "unsupported")
    told = {row.message for row in result.of(BenchVariant) if row.outcome == "unsupported"}
    assert told == {"Unsupported: this framework sees no cuda device"}
    assert "cuda can be used by Accelerated alone: nothing can be compared there" in [each.sentence for each in events]
    assert {(row.framework, row.device) for row in result.of(BenchWorker)} == {
        ("steady", "cpu"), ("accelerated", "cpu"), ("accelerated", "cuda"),
    }  # fmt: skip
    found = json.loads(result.of(BenchRun)[0].environment)["devices"]
    assert found["accelerated"][1] == {
        "device": "cuda", "name": "A device", "compute_capability": "9.0", "memory_bytes": 1 << 30,
    }  # fmt: skip
    assert json.loads(result.of(BenchRun)[0].settings)["devices"] == ["cpu", "cuda"]
    load_bench(warehouse, [result.machine, *result.rows])
    assert warehouse.execute("select distinct device from performance order by all").fetchall() == [("cpu",), ("cuda",)]


@pytest.mark.slow
def test_one_thread_feeds_a_device_so_that_a_neighbour_disturbs_the_processors_steps_alone(bench, monkeypatch):
    monkeypatch.setattr("pipeline.bench.plan.usable_cores_count", lambda: 2)
    result = bench("Neighboured", devices=("cpu", "cuda"), threads_count=2)
    loaded = {"cpu": set(), "cuda": set()}
    for sample in result.of(BenchSample):
        loaded[sample.device].add("other load" in (sample.disturbances or ""))
    assert loaded == {"cpu": {True}, "cuda": {False}}


def test_memory_on_the_device_is_what_the_frameworks_own_counter_rose_by(bench):
    result = bench("Accelerated", "AlsoAccelerated", devices=("cuda",))
    peaks = {
        name: {row.device_peak_bytes for row in result.of(BenchVariant) if row.framework == name}
        for name in ("accelerated", "alsoaccelerated")
    }
    # The first counts on from 5000, each of four variants 2000 more, of which 1000 were held before.
    assert peaks == {"accelerated": {6000, 8000, 10000, 12000}, "alsoaccelerated": {2000}}
    assert {row.device_reserved_bytes for row in result.of(BenchVariant)} == {8000}
    on_cpu = bench("Accelerated", devices=("cpu",))
    assert {(row.device_peak_bytes, row.device_reserved_bytes) for row in on_cpu.of(BenchVariant)} == {(None, None)}


def test_a_device_that_nobody_sees_is_refused_with_what_there_is(bench):
    with pytest.raises(BadInput) as refused:
        bench("Steady", "Accelerated", "Absent", "AskedInVain", devices=("tpu",))
    assert str(refused.value) == (
        "no framework sees a tpu device here (steady sees cpu; accelerated sees cpu, cuda); choose from: cpu, cuda."
    )
    with pytest.raises(BadInput, match="no kind of device gpu; choose from: cpu, cuda, rocm, metal, tpu"):
        bench("Steady", devices=("gpu",))


def test_without_a_sign_of_one_nobody_is_asked_and_who_breaks_when_asked_is_measured(bench, with_sign, monkeypatch):
    assert outcomes(bench("AskedInVain"), "askedinvain") == ALL_MEASURED
    monkeypatch.setattr(devices, "has_sign_of_accelerator", lambda: False)
    result = bench("Accelerated")
    assert {row.device for row in result.of(BenchVariant)} == {"cpu"}
    assert json.loads(result.of(BenchRun)[0].environment)["devices"] == {}


@pytest.mark.slow
def test_special_measurements_are_taken_on_each_device_that_has_a_part_in_them(bench):
    result = bench("Accelerated", devices=("cpu", "cuda"), special_measurements=("loader", "peak_memory"))
    assert {(row.probe_name, row.device) for row in result.of(BenchSpecialMeasurement)} == {
        ("loader", "cpu"), ("peak_memory", "cpu"), ("peak_memory", "cuda"),
    }  # fmt: skip


def test_a_full_run_has_the_number_types_of_each_device(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    found = {"a": ({"device": "cpu"}, {"device": "cuda", "compute_capability": "8.6"})}
    options = BenchOptions(
        run_id="r", cache_folder=tmp_path, full=True, cases=("matmul",), devices=("cpu", "cuda"),
        dtypes_by_device={**dtypes_by_device(found), "cpu": ("bfloat16",)},
        registered=(BenchEntry(id="a", title="A", adapter="bench_fakes:Accelerated"),),
    )  # fmt: skip
    plan = make_plan(options)
    assert {each.dtype for each in plan.variants if each.device == "cuda"} == {"float32", "bfloat16", "float16"}
    assert {each.dtype for each in plan.variants if each.device == "cpu"} == {"float32", "bfloat16"}


@pytest.mark.parametrize(
    ("facts", "dtypes"),
    [
        ({"device": "cuda", "compute_capability": "9.0"}, ("bfloat16", "float16")),
        ({"device": "cuda", "compute_capability": "7.5"}, ("float16",)),
        ({"device": "cuda", "compute_capability": "6.1"}, ()),
        ({"device": "cuda", "compute_capability": None}, ()),
        ({"device": "metal"}, ("float16",)),
        ({"device": "tpu"}, ("bfloat16",)),
    ],
)
def test_what_a_device_computes_in_follows_from_its_kind(facts, dtypes):
    assert dtypes_by_device({"a": ({"device": "cpu"}, facts)}) == {facts["device"]: dtypes}


def test_who_can_use_what_is_told_and_time_is_given_to_each(tmp_path):
    cpu, cuda = {"device": "cpu"}, {"device": "cuda"}
    found, titles = {"a": (cpu, cuda), "b": (cpu, cuda), "c": (cpu,)}, {"a": "A", "b": "B", "c": "C"}
    assert list(told_of(("cpu", "cuda"), found, titles)) == ["cuda can be used by A, B"]
    options = BenchOptions(run_id="r", cache_folder=tmp_path)
    assert devices_to_measure(options, found) == ("cpu", "cuda")
    assert devices_to_measure(options, {}) == ("cpu",)
    both = BenchOptions(run_id="r", cache_folder=tmp_path, devices=("cpu", "cuda"))
    assert protocol_of(both).budget_seconds == 2 * protocol_of(options).budget_seconds


@pytest.mark.parametrize("detailed", [DETAILED, "exit 2"])
def test_the_drivers_account_is_kept_also_of_one_that_knows_less(tmp_path, monkeypatch, detailed):
    command = tmp_path / "nvidia-smi"
    command.write_text(SMI.format(detailed=detailed))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (facts,) = machine.environment_facts()["accelerators"]
    assert (facts["name"], facts["driver_version"], facts["memory.total"]) == ("A Device", "550.54", "81559 MiB")
    assert facts.get("compute_cap") == ("9.0" if detailed == DETAILED else None)
    assert facts.get("clocks.max.sm") == ("1980 MHz" if detailed == DETAILED else None)
    assert machine.hardware_facts()["accelerators"] == ["A Device, 81559 MiB"]
    assert devices.has_sign_of_accelerator()


@pytest.mark.slow
@pytest.mark.bench
def test_the_real_frameworks_say_what_they_see(tmp_path):
    """In real children; where there is no accelerator each sees the processor alone."""
    import threading

    from pipeline.bench.plan import RunContext
    from pipeline.bench.run import ask_frameworks

    installed = tuple(entry for entry in registered_frameworks() if find_spec(adapter_class(entry.adapter).package))
    options = BenchOptions(run_id="r", cache_folder=tmp_path, registered=installed, full=True)
    context = RunContext(options=options, protocol=protocol_of(options), stop=threading.Event(), scratch=tmp_path)
    found = ask_frameworks(context)
    assert found
    assert all(answer[0] == {"device": "cpu"} for answer in found.values())
    if not devices.has_sign_of_accelerator():
        assert all(len(answer) == 1 for answer in found.values())
