"""What somebody meets who begins: how much is installed, and how much there is to write to train one small network.

The programs lie in data/reference/ease, one for each framework, as its own documentation writes such a thing. Each is
run here before it is read: one that does not train its network gives no figure.
"""

import ast
import builtins
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from runpy import run_path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from pipeline.bench.entries import entry_of
from pipeline.bench.operations import Unsupported
from pipeline.bench.special_measurement import OutputsDiffer, SpecialMeasurement, SpecialTools, Values

_POINTS, _NUMBERS, _CLASSES = 512, 8, 3
_TRAINED = 0.45
"""What the loss is to fall to; without training it is that of a guess, log 3 = 1.10."""
_PIP = ("-P", "-m", "pip", "install", "--isolated", "--no-index", "--no-deps", "--quiet", "--target")
_PATIENCE_SECONDS = 90
_LEFT_BY_INSTALLER = ("INSTALLER", "REQUESTED", "direct_url.json")
_Files = Mapping[metadata.PackagePath, Path]
"""What a package has installed, by the names that its wheel has for it."""


def _prepare(folder: Path, seed: int) -> None:
    """Lay out the programs, and the points that they train on."""
    from pipeline.settings import Settings  # noqa: PLC0415 — its libraries are not to burden every worker

    shutil.copytree(Settings().reference_folder / "ease", folder, dirs_exist_ok=True)
    generator = np.random.default_rng([seed, _POINTS])
    rows, weights = generator.standard_normal((_POINTS, _NUMBERS)), generator.standard_normal((_NUMBERS, _CLASSES))
    labels = (rows @ weights + generator.standard_normal((_POINTS, _CLASSES))).argmax(axis=1)
    np.savez(folder / "points.npz", rows=rows.astype(np.float32), labels=labels)


def _measure(tools: SpecialTools) -> Sequence[Values]:
    program = tools.folder / f"train_{tools.framework.package}.py"
    if not program.exists():
        raise Unsupported(f"data/reference/ease has no {program.name}")
    sys.argv = [program.name, str(tools.folder / "points.npz")]
    loss = run_path(str(program))["loss"]
    if not loss <= _TRAINED:
        raise OutputsDiffer(f"the program ends with a loss of {loss:.3g}; {_TRAINED:g} is allowed")
    packages = installed(tools.framework.packages())
    size = sum(path.stat().st_size for files in packages.values() for path in files.values())
    seconds = install_seconds(packages, tools)
    return [{**written(program), "loss": loss, "installed": size, "packages": len(packages), **seconds}]


def written(program: Path) -> Values:
    """Return how many lines of code a program has, written alike, and how many calls of others' that differ."""
    tree = ast.parse(program.read_text(encoding="utf-8"))
    del tree.body[0]  # what it says of itself
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    called += [decorator for function in functions for decorator in function.decorator_list]
    own = {*(function.name for function in functions), *vars(builtins)}
    lines = [line for line in ast.unparse(tree).splitlines() if line.strip()]
    return {"lines": len(lines), "calls": len({ast.unparse(each) for each in called} - own)}


def installed(modules: Collection[str]) -> dict[str, _Files]:
    """Return what is there of the packages that bring these modules, and of all that those require."""
    from packaging.requirements import Requirement  # noqa: PLC0415 — not in every worker

    brought = metadata.packages_distributions()
    due, found = [name for module in modules for name in brought.get(module, ())], dict[str, _Files]()
    while due:
        for package in metadata.distributions(name=due.pop()):
            name = f"{re.sub('[-_.]+', '_', package.metadata['Name'])}-{package.version}"
            if name not in found:
                places = {file: Path(str(file.locate())) for file in package.files or ()}
                found[name] = {file: path for file, path in places.items() if path.is_file()}
                needed = map(Requirement, package.requires or ())
                due += [each.name for each in needed if not each.marker or each.marker.evaluate({"extra": ""})]
    return found


def install_seconds(packages: Mapping[str, _Files], tools: SpecialTools) -> Values:
    """Return what pip takes to install packages from wheels that lie here; nothing where it cannot.

    The wheels are made of what is installed: nothing is downloaded, and no index asked.
    """
    wheels = [tools.folder / f"{name}-py3-none-any.whl" for name in packages]
    for path, files in zip(wheels, packages.values(), strict=True):
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as wheel:
            for file, place in files.items():
                if ".." not in file.parts and file.suffix != ".pyc" and file.name not in _LEFT_BY_INSTALLER:
                    wheel.write(place, file)
    command = [sys.executable, *_PIP, str(tools.folder / "installed"), *map(str, wheels)]
    started = tools.clock.wall_seconds()
    with suppress(subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE_SECONDS)  # noqa: S603 — fixed words
        return {"install": tools.clock.wall_seconds() - started}
    return {}


SPECIAL = SpecialMeasurement(
    **entry_of("special", "ease"),
    workload=(
        f"{_POINTS} points of {_NUMBERS} numbers in {_CLASSES} classes, a network with one hidden layer and its "
        f"training to a loss of {_TRAINED:g}, by a small program of each framework"
    ),
    measure=_measure,
    modes=lambda _adapter: ("as written",),
    prepare=_prepare,
)
