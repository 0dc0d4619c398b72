"""The fingerprint of the machine that the tests run on, and what a process can see of load and memory."""

import gc
import getpass
import json
import os
import platform
import socket
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.bench import machine, system_load

ON_LINUX = platform.system() == "Linux"
only_on_linux = pytest.mark.skipif(not ON_LINUX, reason="reads /proc")

IDLE = """cpu  100 0 100 800 0 0 0 0 0 0
cpu0 50 0 50 400 0 0 0 0 0 0
cpu1 50 0 50 400 0 0 0 0 0 0
intr 12345
"""


def test_the_same_machine_has_the_same_id():
    first, again = machine.this_machine(), machine.this_machine()
    assert first == again
    assert len(first.machine_id) == 12


def test_the_id_changes_with_the_hardware_and_not_with_the_software(monkeypatch):
    before = machine.this_machine().machine_id
    monkeypatch.setattr(platform, "release", lambda: "99.0")
    monkeypatch.setattr(platform, "python_version", lambda: "9.9")
    assert machine.this_machine().machine_id == before
    monkeypatch.setattr(os, "cpu_count", lambda: 4096)
    assert machine.this_machine().machine_id != before


def test_nothing_names_the_owner():
    told = machine.this_machine().fingerprint + json.dumps(machine.environment_facts())
    for private in (socket.gethostname(), str(Path.home()), str(Path.cwd())):
        assert private not in told
    user = getpass.getuser()
    assert user not in told.replace("root", "") if user != "root" else "/root" not in told


def test_facts_of_this_machine():
    facts = machine.hardware_facts()
    assert facts["system"] == platform.system()
    assert facts["cores_count"] == os.cpu_count()
    assert facts["cpu_model"]
    assert machine.this_machine().title.startswith(str(facts["cpu_model"]))
    environment = machine.environment_facts()
    packages = environment["packages"]
    assert packages["numpy"] == np.__version__
    assert ("onnxruntime" in packages) == bool(find_spec("onnxruntime"))
    assert environment["python"] == platform.python_version()


@pytest.mark.parametrize(
    ("found", "named"),
    [([], "GiB, "), (["A device, 81559 MiB"], ", A device, "), (["A device, 1 MiB"] * 2, ", 2 × A device, ")],
)
def test_the_name_of_a_machine_tells_its_accelerators(monkeypatch, found, named):
    monkeypatch.setattr(machine, "_accelerators", lambda _columns: found)
    assert named in machine.this_machine().title
    assert ("A device" in machine.this_machine().title) == bool(found)


@pytest.mark.parametrize("system", ["Darwin", "Windows", "Plan9"])
def test_another_system_gives_fewer_facts_and_no_error(monkeypatch, system):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(machine, "_command_lines", lambda command: [])
    found = machine.this_machine()
    assert json.loads(found.fingerprint)["system"] == system
    assert system in found.title


@pytest.mark.parametrize(
    ("flags", "vendor", "virtual"),
    [("avx2 hypervisor", None, True), ("avx2", None, False), (None, "QEMU", True), ("avx2", "Dell Inc.", False)],
)
def test_a_virtual_machine_is_told_by_its_flags_or_its_maker(monkeypatch, flags, vendor, virtual):
    monkeypatch.setattr(machine, "_first_line", lambda path: vendor)
    assert machine._is_virtual(flags) is virtual


def test_a_command_that_is_not_there_gives_no_fact():
    assert machine._command_line(["a-command-that-nobody-has", "--version"]) is None
    assert machine._command_line(["false"]) is None


def test_busy_time_is_of_the_processors_asked_for_and_includes_what_was_stolen(tmp_path):
    stat = tmp_path / "stat"
    stat.write_text(IDLE, encoding="ascii")
    before = system_load.busy_seconds(frozenset({0, 1}), stat)
    stat.write_text(
        IDLE.replace("cpu0 50 0 50 400 0 0 0 0", "cpu0 75 0 50 400 0 0 0 25").replace("cpu1 50", "cpu1 90"),
        encoding="ascii",
    )
    tick = os.sysconf("SC_CLK_TCK")
    assert system_load.busy_seconds(frozenset({0, 1}), stat) - before == pytest.approx(90 / tick)
    assert system_load.busy_seconds(frozenset({1}), stat) == pytest.approx(140 / tick)
    assert system_load.busy_seconds(None, stat) == system_load.busy_seconds(frozenset({0, 1}), stat)


def test_where_the_system_tells_nothing_nothing_is_claimed(tmp_path, monkeypatch):
    assert system_load.busy_seconds(None, tmp_path / "absent") is None
    for name in ("_SELF_STATUS", "_CLEAR", "_QUOTA"):
        monkeypatch.setattr(system_load, name, tmp_path / "no" / "absent")
    assert system_load.resident_bytes() is None
    assert system_load.peak_resident_bytes() is None
    assert system_load.reset_peak() is False
    assert system_load.usable_cores_count() >= 1


@pytest.mark.parametrize(("quota", "cores"), [("150000 100000", 1), ("max 100000", None), ("10000 100000", 1)])
def test_a_containers_quota_counts(tmp_path, monkeypatch, quota, cores):
    file = tmp_path / "cpu.max"
    file.write_text(quota, encoding="ascii")
    unlimited = system_load.usable_cores_count()
    monkeypatch.setattr(system_load, "_QUOTA", file)
    assert system_load.usable_cores_count() == (cores or unlimited)


@only_on_linux
def test_the_peak_holds_what_was_used_since_it_was_reset():
    gc.collect()
    system_load.give_back_freed_memory()  # of tests before, which would else be given back meanwhile
    assert system_load.reset_peak()
    before = system_load.resident_bytes()
    block = np.ones(64 * 1024 * 1024, dtype=np.uint8)
    del block
    assert system_load.peak_resident_bytes() - before >= 60 * 1024 * 1024
    assert system_load.reset_peak()
    assert system_load.peak_resident_bytes() - before < 60 * 1024 * 1024
