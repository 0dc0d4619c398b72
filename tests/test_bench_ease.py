"""What can be counted of ease: small programs that are run and read, and packages whose files are weighed."""

import json
import os
import subprocess
import sys
from importlib import metadata
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from bench_fakes import Steady
from test_bench_deployment import HERE, taken_round

from pipeline.bench.operations import Unsupported
from pipeline.bench.plan import registered_frameworks
from pipeline.bench.registry import adapter_class, special_measurement_named
from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools
from pipeline.bench.special_measurements import ease
from pipeline.bench.timing import Clock, SamplingTimes
from pipeline.clock import perf_counter, process_time

SPECIAL = special_measurement_named("ease")
PROGRAMS = HERE.parent / "data" / "reference" / "ease"
PACKAGES = {"torch": "torch", "tensorflow": "tensorflow", "jax": "jax", "keras": "jax", "tinygrad": "tinygrad"}
"""A program's framework, and what it computes with."""
REAL = [each for each in registered_frameworks() if find_spec(adapter_class(each.adapter).package)]
WRITTEN = '''"""What it is."""

import made_up  # of nobody

# The points.
points = made_up.load(

    "a file",
)


@made_up.compiled
def step(values):
    """One step."""
    return values.sum() + made_up.load("another")


for _ in range(3):
    loss = float(step(points))
'''


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Those of a child of a fake framework, its programs and points laid out."""
    monkeypatch.setattr(sys, "argv", ["the child"])
    SPECIAL.prepare(tmp_path, 2024)
    clock = Clock(wall_seconds=perf_counter, cpu_seconds=process_time, busy_seconds=lambda: 0)
    return SpecialTools(
        framework=Steady(), mode="as written", seed=2024, clock=clock, pace=SamplingTimes(), folder=tmp_path,
        import_seconds=0,
    )  # fmt: skip


def test_lines_and_calls_are_counted_without_what_explains_them(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(WRITTEN)
    # `made_up.load`, `made_up.compiled` and `values.sum`: not twice, not Python's own, not its own function.
    assert ease.written(program) == {"lines": 8, "calls": 3}


def test_a_program_that_does_not_train_gives_no_figure(tools, monkeypatch):
    program = tools.folder / "train_numpy.py"
    with pytest.raises(Unsupported, match=r"data/reference/ease has no train_numpy\.py"):
        SPECIAL.measure(tools)
    program.write_text('"""."""\nloss = 1.1\n')
    with pytest.raises(OutputsDiffer, match=r"ends with a loss of 1\.1; 0\.45 is allowed"):
        SPECIAL.measure(tools)
    monkeypatch.setattr(ease, "install_seconds", lambda *_: {"install": 1})
    program.write_text('"""."""\nimport sys\nimport numpy\nloss = 0.4 if len(numpy.load(sys.argv[1])["rows"]) else 2\n')
    (figures,) = SPECIAL.measure(tools)
    assert figures.keys() == SPECIAL.measures.keys()
    assert (figures["lines"], figures["calls"], figures["loss"], figures["packages"]) == (3, 1, 0.4, 1)
    files = [Path(file.locate()) for file in metadata.files("numpy")]
    assert figures["installed"] == sum(file.stat().st_size for file in files if file.is_file())


def test_a_package_is_taken_with_all_that_it_requires():
    packages = ease.installed({"pandas"})
    names = {name.partition("-")[0] for name in packages}
    assert {"pandas", "numpy", "python_dateutil", "six"} <= names, "six is required by what pandas requires"
    assert "pytest" not in names, "only an extra of pandas asks for it"
    assert ease.installed({"a_module_that_nobody_has"}) == {}


# Not by `find_spec`: it lets setuptools, which PyTorch's compiler needs, no longer be imported in this process.
@pytest.mark.skipif("pip" not in {each.name for each in distributions()}, reason="pip is not beside this Python")
def test_what_is_installed_is_installed_anew_by_pip_without_an_index(tools, monkeypatch):
    packages = ease.installed({"dateutil"})
    assert len(packages) == 2, "and six"
    assert ease.install_seconds(packages, tools)["install"] > 0
    for files in packages.values():
        for name, path in files.items():
            if ".." not in name.parts and "dist-info" not in str(name) and name.suffix != ".pyc":
                assert (tools.folder / "installed" / name).read_bytes() == path.read_bytes()
    assert list((tools.folder / "installed" / "dateutil").rglob("*.pyc")), "pip compiles what it installs"
    monkeypatch.setattr(ease, "_PIP", ("-m", "a_pip_that_nobody_has"))
    assert ease.install_seconds(packages, tools) == {}


def test_there_is_a_program_for_every_package_that_is_measured_unasked():
    needed = {adapter_class(entry.adapter).package for entry in registered_frameworks() if entry.tier != "full"}
    assert {f"train_{package}.py" for package in needed} <= {path.name for path in PROGRAMS.glob("*.py")}


@pytest.mark.slow
@pytest.mark.bench
def test_all_programs_train_to_the_same_loss_by_themselves(tmp_path):
    """As a reader would run them; they start from weights of their own, so the losses are close and not equal."""
    SPECIAL.prepare(tmp_path, 2024)
    found = {}
    for package, backend in PACKAGES.items():
        if not (find_spec(package) and find_spec(backend)) or (package == "tinygrad" and not which("clang")):
            continue
        command = [sys.executable, str(PROGRAMS / f"train_{package}.py"), str(tmp_path / "points.npz")]
        environment = {**os.environ, "KERAS_BACKEND": backend}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found[package] = float(done.stdout.rpartition(":")[2])
    if not found:
        pytest.skip("no framework is installed; install the extra `bench`")
    assert max(found.values()) - min(found.values()) < 0.05, json.dumps(found)
    assert max(found.values()) <= 0.45


@pytest.mark.slow
@pytest.mark.bench
@pytest.mark.parametrize("entry", [pytest.param(each, id=each.id) for each in REAL])
def test_real_frameworks_are_measured(tmp_path, entry):
    outcome, message, figures = taken_round(tmp_path, SPECIAL, entry, "as written")
    if not (PROGRAMS / f"train_{adapter_class(entry.adapter).package}.py").exists():
        assert outcome == "unsupported"
        return
    if outcome == "unsupported" and "Keras needs" in message:
        pytest.skip(message)
    assert (outcome, message) == ("measured", None)
    assert figures.keys() | {"install"} == SPECIAL.measures.keys()
    assert figures["installed"] > 10e6
    assert figures["lines"] > figures["calls"] > 4
