"""Exported networks: asked in a process of their own, held to the reference, and a reason where there is none."""

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from bench_fakes import Shipped

from pipeline.bench.operations import Unsupported
from pipeline.bench.plan import BenchOptions, registered_frameworks
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.run import open_context
from pipeline.bench.runner import run_measurements
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.special_measurements import deployment
from pipeline.bench.special_rounds import SpecialRound, special_rounds
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time
from pipeline.reference.frameworks import BenchEntry

HERE = Path(__file__).parent
SPECIAL = special_measurement_named("deployment")
FIGURES = set(SPECIAL.measures)
RUNTIMES = {
    "ONNX": ("onnxruntime", "onnxscript", "tf2onnx"),
    "LiteRT": ("ai_edge_litert",),
    "OpenVINO": ("openvino",),
    "ExecuTorch": ("executorch",),
}
REFUSED = {("jax", "ONNX"): "no exporter to ONNX", ("jax", "OpenVINO"): "not exported: "}
REAL = [
    (entry, form)
    for entry in registered_frameworks()
    if find_spec(adapter_class(entry.adapter).package)
    for form in adapter_class(entry.adapter).exports
]


def taken_round(folder, special, entry, mode):
    """What one round gives: the outcome and what was said, and the figures by name."""
    options = BenchOptions(run_id="t", cache_folder=folder, threads_count=1, devices=("cpu",), registered=(entry,))
    place = {"mode": mode, "device": "cpu", "threads_count": 1, "round_index": 0}
    with open_context(options) as context:
        rows = run_measurements(context, [SpecialRound(context, special, entry, place)], lambda event: None)
    ((outcome, message),) = {(row.outcome, row.message) for row in rows}
    return outcome, message, {row.measure: row.value for row in rows if row.value is not None}


def shipped(folder, entry, network, form):
    return taken_round(folder, SPECIAL, entry, f"{network}, {form}")


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    """The folder of a round, with what is asked and what is to be answered."""
    folder = tmp_path_factory.mktemp("questions")
    SPECIAL.prepare(folder, 2024)
    return folder


def tools_for(folder, form, cpu_seconds=process_time):
    return SpecialTools(
        framework=Shipped(), mode=f"CNN, {form}", seed=2024, pace=SamplingTimes(), folder=folder, import_seconds=0,
        clock=Clock(wall_seconds=perf_counter, cpu_seconds=cpu_seconds, busy_seconds=lambda: 0),
    )  # fmt: skip


@pytest.fixture
def fake(questions):
    """Both children of a round in this process, of a fake framework's format."""

    def measured(form, cpu_seconds=process_time):
        tools = tools_for(questions, form, cpu_seconds)
        return {**SPECIAL.measure(tools)[0], **SPECIAL.measure(replace(tools, place=1))[0]}

    return measured


def test_wrong_answers_are_no_figure_unless_the_format_rounds(fake):
    exact = fake("exact")
    assert (exact["error"], exact["answers changed"]) == (0, 0)
    with pytest.raises(OutputsDiffer, match=r"answers are off by 0\.1 of the largest; 0\.0001 is allowed"):
        fake("wrong")
    assert fake("wrong int8")["error"] == pytest.approx(0.1)


def test_how_many_processors_compute_is_told(fake):
    assert fake("exact", cpu_seconds=lambda: 2 * perf_counter())["processors"] >= 2


def test_what_answers_without_the_framework_cannot_find_it(questions, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made_up_framework.py").touch()
    monkeypatch.setattr(Shipped, "package", "made_up_framework")
    found, open_one = [], Shipped().opened

    def runtime(_module, path):
        found.append(find_spec("made_up_framework"))
        return open_one("exact", Path(path))

    monkeypatch.setitem(deployment._RUNTIMES, "exact", ("json", runtime))
    assert find_spec("made_up_framework")
    SPECIAL.measure(tools := tools_for(questions, "exact"))
    SPECIAL.measure(replace(tools, place=1))
    assert found == [None]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("broken", "not exported: no such operation"),
        ("unreadable", "the file is not run: cannot load it: invalid graph"),
        (
            "ONNX without its package",
            "not exported: No module named 'an_exporter'; `pip install 'framework-observatory[deploy]'` brings it",
        ),
    ],
)
def test_what_cannot_be_shipped_says_why(fake, form, said):
    with pytest.raises(Unsupported) as refused:
        fake(form)
    assert str(refused.value).splitlines()[0] == said


def test_what_was_exported_is_asked_in_a_process_of_its_own(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    entry = BenchEntry(id="shipped", title="Shipped", adapter="bench_fakes:Shipped")
    outcome, _, figures = shipped(tmp_path, entry, "CNN", "exact")
    assert outcome == "measured"
    assert figures.keys() == FIGURES
    assert figures["size"] == 10
    assert 0 < figures["latency p50"] <= figures["latency p95"] <= figures["latency p99"]


def test_both_networks_are_shipped_in_every_format_by_one_thread(tmp_path):
    registered = (BenchEntry(id="shipped", title="Shipped", adapter="bench_fakes:Shipped"),)
    options = BenchOptions(
        run_id="t", cache_folder=tmp_path, special_measurements=("deployment",), registered=registered
    )
    with open_context(options) as context:
        places = [each._place for each in special_rounds(context)]
    assert {place["mode"] for place in places} == {f"{n}, {f}" for n in ("CNN", "transformer") for f in Shipped.exports}
    assert {place["threads_count"] for place in places} == {1}


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(("entry", "form"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in REAL])
def test_real_frameworks_ship_a_network_or_say_why_not(tmp_path, entry, form):
    if form == "AOTInductor":
        pytest.skip("a compiler needs most of a minute for it")
    outcome, message, figures = shipped(tmp_path, entry, "CNN", form)
    if said := REFUSED.get((entry.id, form)):
        assert (outcome, said in message or "[deploy]" in message) == ("unsupported", True)
        return
    needed = [name for name in RUNTIMES.get(form.split()[0], ()) if not find_spec(name)]
    if outcome == "unsupported" and needed:
        assert "[deploy]" in message
        pytest.skip(message)
    assert (outcome, message) == ("measured", None)
    assert figures.keys() == FIGURES
    assert figures["error"] < (0.05 if "int8" in form else 1e-4)
    assert figures["size"] < 1e6
    assert figures["processors"] < 1.5, "one thread"


OPENED = """
import sys
from pathlib import Path
from pipeline.bench.frameworks.pytorch import PyTorch
from pipeline.bench.special_measurements.deployment import _NETWORKS, _SIZE
adapter, path, case = PyTorch(), Path(sys.argv[1]), _NETWORKS["CNN"]
adapter.start(1, "cpu")
if path.exists():
    adapter.opened("TorchScript", path)
    print("torch._inductor" in sys.modules)
else:
    adapter.export(case, case.problem(_SIZE, "float32", 0), "TorchScript", path)
"""


@pytest.mark.slow
@pytest.mark.bench
def test_loading_a_trace_does_not_pay_for_the_compiler(tmp_path):
    if not find_spec("torch"):
        pytest.skip("PyTorch is not installed; install the extra `bench`")
    command = [sys.executable, "-W", "ignore", "-c", OPENED, str(tmp_path / "model")]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said == ["", "False\n"]
