"""Exported networks behind HTTP: real sockets, answers that are compared, and the real frameworks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from socket import create_connection
from time import sleep

import numpy as np
import pytest
from bench_fakes import Shipped
from test_bench_deployment import HERE, REAL, REFUSED, RUNTIMES, taken_round

from pipeline.bench.frameworks.pytorch import PyTorch
from pipeline.bench.operations import Unsupported
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.special_measurements import deployment
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time
from pipeline.reference.frameworks import BenchEntry

SPECIAL = special_measurement_named("serving")
SERVED = [each for each in REAL if f"CNN, {each[1]}" in SPECIAL.modes(adapter_class(each[0].adapter))]


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Those of a round with a fake framework, short enough for a test."""
    monkeypatch.setattr(deployment, "_FIXED_SECONDS", 0.4)
    monkeypatch.setattr(deployment, "_SECONDS", 0.2)
    monkeypatch.setattr(deployment, "_RATES", (100, 150, 200))
    SPECIAL.prepare(tmp_path, 2024)
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)
    return SpecialTools(
        framework=Shipped(), mode="CNN, exact", seed=2024, clock=clock, pace=SamplingTimes(), folder=tmp_path,
        import_seconds=0,
    )  # fmt: skip


def taken(tools):
    """The figures of a round whose three children are threads of this process."""
    assert SPECIAL.measure(tools) == [{}]
    with ThreadPoolExecutor() as pool:
        server, client = (pool.submit(SPECIAL.measure, replace(tools, place=place)) for place in (1, 2))
        assert server.result() == [{}]
        return client.result()[0]


def test_every_answer_over_http_is_timed_and_compared(tools):
    figures = taken(tools)
    assert figures.keys() | {"pressure"} == SPECIAL.measures.keys()
    assert 0 < figures["p50"] <= figures["p99"]
    assert figures["rate"] in (0, 100, 150, 200)


def test_an_answer_that_http_changes_is_no_figure(tools, monkeypatch):
    opened, calls = Shipped.opened, []

    def changing(self, form, path):
        answer = opened(self, form, path)

        def later(given):
            calls.append(given)
            return answer(given) * (1 if len(calls) <= 32 else 1.001)  # those without HTTP are asked first

        return later

    monkeypatch.setattr(Shipped, "opened", changing)
    with pytest.raises(OutputsDiffer, match=r"an answer over HTTP is off by 0\.001 of the largest of the same model's"):
        taken(tools)


def test_what_is_wrong_or_cannot_be_loaded_is_not_served(tools):
    wrong, unreadable = (replace(tools, mode=f"CNN, {form}") for form in ("wrong", "unreadable"))
    SPECIAL.measure(wrong)
    with pytest.raises(OutputsDiffer, match="answers are off by 0\\.1 of the largest"):
        SPECIAL.measure(replace(wrong, place=1))
    with pytest.raises(Unsupported, match="the file is not run: cannot load it: invalid graph"):
        SPECIAL.measure(replace(unreadable, place=1))
    assert not (tools.folder / "address").exists(), "nobody is to ask it"


def test_time_spent_waiting_behind_an_earlier_request_is_part_of_a_latency(tools):
    """One answer takes 0.5 s; those due meanwhile are quick themselves and yet late."""
    SPECIAL.measure(tools)
    asked = np.load(tools.folder / "asked.npy")[:1]
    given, calls = np.zeros((32, 10), dtype=np.float32), []
    given[:, 0] = 1
    np.save(tools.folder / "given.npy", given)

    def answer(_question):
        calls.append(1)
        sleep(0.5 if len(calls) == 1 else 0)
        return given[:1]

    address = tools.folder / "address"
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(deployment.serve_one, answer, asked, address)
        while not address.exists():
            assert not served.done()
            sleep(0.01)
        with create_connection(("127.0.0.1", int(address.read_text())), 60) as link, link.makefile("rb") as answers:
            late = deployment.Client(tools, link, answers).latencies(100, 0.3)
        served.result()
    assert len(late) == 30
    assert min(late) >= 0.2, "each was due within 0.3 s, and none can be answered before 0.5 s"


def test_a_round_has_three_processes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    entry = BenchEntry(id="shipped", title="Shipped", adapter="bench_fakes:Shipped")
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, "CNN, broken")
    assert (outcome, message) == ("unsupported", "Unsupported: not exported: no such operation")
    assert figures == {}
    outcome, message, _ = taken_round(tmp_path, SPECIAL, entry, "CNN, unreadable")
    assert (outcome, message) == ("unsupported", "Unsupported: the file is not run: cannot load it: invalid graph")


def test_what_is_deprecated_or_made_for_devices_is_not_served():
    shipped, served = (special_measurement_named(name).modes(PyTorch) for name in ("deployment", "serving"))
    assert set(shipped) - set(served) == {
        f"{network}, {form}" for network in ("CNN", "transformer") for form in ("TorchScript", "ExecuTorch")
    }


@pytest.mark.slow
def test_a_whole_round_in_its_own_processes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    entry = BenchEntry(id="shipped", title="Shipped", adapter="bench_fakes:Shipped")
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, "CNN, exact")
    assert (outcome, message) == ("measured", None)
    assert figures.keys() | {"pressure"} == SPECIAL.measures.keys()


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize(("entry", "form"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in SERVED])
def test_real_frameworks_answer_over_http_or_say_why_not(tmp_path, entry, form):
    if form == "AOTInductor":
        pytest.skip("a compiler needs most of a minute for it")
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, f"CNN, {form}")
    if said := REFUSED.get((entry.id, form)):
        assert (outcome, said in message or "[deploy]" in message) == ("unsupported", True)
        return
    if outcome == "unsupported" and not all(map(find_spec, RUNTIMES.get(form.split()[0], ()))):
        pytest.skip(message)
    assert (outcome, message) == ("measured", None)
    assert figures.keys() | {"pressure"} == SPECIAL.measures.keys()
    assert 0 < figures["p50"] <= figures["p99"]
