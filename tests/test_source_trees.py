"""Imports and dependencies in source trees that others wrote: every environment's own packages, against their truth.

The truth is read apart from the detector: imports by walking the syntax tree, requirements by what the packages' own
metadata say. What each name means stands here a second time, so that a slip in the rules shows as well.
"""

import ast
import importlib.metadata
import random
import re
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from detector import inspector
from packaging.requirements import InvalidRequirement, Requirement

LEAST = 0.99
FILES_COUNT = 150
FEWEST_FILES = 10
ROOTS = {
    **{key: {"pytorch"} for key in ("torch", "torchvision", "torchaudio", "torchtext")},
    **{key: {"keras"} for key in ("keras", "tf_keras")},
    **{key: {"jax"} for key in ("jax", "jaxlib")},
    **{key: {"onnx"} for key in ("onnx", "onnxruntime")},
    **{name: {name} for name in ("tensorflow", "mxnet", "paddle", "caffe", "caffe2", "theano", "chainer", "cntk")},
    **{name: {name} for name in ("mindspore", "xgboost", "lightgbm", "catboost", "transformers")},
    "flax": {"flax", "jax"},
    "sklearn": {"scikit-learn"},
}
PACKAGES = {
    **{name: meant for name, meant in ROOTS.items() if name not in {"sklearn", "paddle"}},
    "scikit-learn": {"scikit-learn"},
    "paddlepaddle": {"paddle"},
    "tensorflow-cpu": {"tensorflow"},
    "tf-keras": {"keras", "tensorflow"},
}
KNOWN = set().union(*ROOTS.values())
_MAY_IMPORT = re.compile(rb"^\s*(?:from|import)\s+(?:%s)\b" % "|".join(ROOTS).encode(), re.MULTILINE)


def imports_by_syntax(content: bytes) -> set[str]:
    """The truth of one file, plain, grouped, conditional and dynamic imports alike."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(content)
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            modules += [str(node.args[0].value)] if called in {"import_module", "importorskip", "__import__"} else []
    found = set().union(*(ROOTS.get(module.partition(".")[0], set()) for module in modules))
    return found | ({"keras"} if any(re.match(r"tensorflow\.(?:\w+\.)*keras(?:\.|$)", m) for m in modules) else set())


def sampled_files() -> Iterator[tuple[Path, bytes]]:
    """Files of the environment's packages that seem to import a framework, in a random order that stays the same."""
    paths = sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))
    random.Random(2019).shuffle(paths)
    taken = 0
    for path in paths:
        if taken == FILES_COUNT:
            return
        content = path.read_bytes()
        if _MAY_IMPORT.search(content):
            taken += 1
            yield path, content


def found_in(name: str, content: bytes, tier: str) -> set[str]:
    result = inspector().inspect(name, len(content), lambda: BytesIO(content), is_asked=True)
    return {detection.framework for detection in result.detections if detection.tier == tier} & KNOWN


def held_to(counts: Counter[str]) -> None:
    assert counts["right"] / (counts["right"] + counts["wrong"]) >= LEAST
    assert counts["right"] / (counts["right"] + counts["missed"]) >= LEAST


@pytest.mark.slow
def test_imports_in_installed_packages_are_those_of_their_syntax_trees():
    counts: Counter[str] = Counter()
    files_count = 0
    for path, content in sampled_files():
        try:
            truth = imports_by_syntax(content)
        except (SyntaxError, ValueError):
            continue
        found = found_in(path.name, content, "import")
        counts.update(right=len(found & truth), wrong=len(found - truth), missed=len(truth - found))
        files_count += 1
    if files_count < FEWEST_FILES:
        pytest.skip("no installed package imports a framework; install the bench extra to measure on real trees")
    held_to(counts)


def declared_by(distribution: importlib.metadata.Distribution) -> list[Requirement]:
    """What a package's metadata says it needs; a requirement that nobody could read is left out."""
    requirements = []
    for written in distribution.requires or ():
        try:
            requirements.append(Requirement(written))
        except InvalidRequirement:
            continue
    return requirements


def as_requirements(written: list[str]) -> str:
    return "# what is needed\n--index-url https://index.example/simple\n" + "\n".join(written) + "\n"


def as_pyproject(written: list[str]) -> str:
    return "[project]\nname = 'a'\ndependencies = [\n" + "".join(f"  {item!r},\n" for item in written) + "]\n"


def as_setup_cfg(written: list[str]) -> str:
    return "[options]\ninstall_requires =\n" + "".join(f"    {item}\n" for item in written)


def as_setup_py(written: list[str]) -> str:
    return f"from setuptools import setup\nNEEDED = {written!r}\nsetup(name='a', extras_require={{'all': NEEDED}})\n"


def as_conda(written: list[str]) -> str:
    return "dependencies:\n  - python=3.11\n  - pip:\n" + "".join(f"    - {item}\n" for item in written)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("requirements.txt", as_requirements),
        ("pyproject.toml", as_pyproject),
        ("setup.cfg", as_setup_cfg),
        ("setup.py", as_setup_py),
        ("environment.yml", as_conda),
    ],
)
def test_dependencies_of_installed_packages_are_those_of_their_metadata(name, form):
    counts: Counter[str] = Counter()
    for distribution in importlib.metadata.distributions():
        needed = declared_by(distribution)
        truth = set().union(*(PACKAGES.get(item.name.lower().replace("_", "-"), set()) for item in needed))
        # A marker holds quotes of either kind, and a condition is no other declaration.
        written = [str(Requirement(f"{item.name}{item.specifier}")) for item in needed if not item.url]
        found = found_in(name, form([*written, *WRITTEN_ODDLY]).encode(), "dependency")
        truth |= ODD_TRUTH
        counts.update(right=len(found & truth), wrong=len(found - truth), missed=len(truth - found))
    held_to(counts)
    assert counts["right"] > 2 * len(ODD_TRUTH)


WRITTEN_ODDLY = ["Torch[opt_einsum] ~= 2.1", "pytorch-ignite", "jaxtyping>=0.2", "torchx", "keras-preprocessing-tools"]
"""Beside what a package needs: an extra and capitals that count, and names that only begin like a framework's."""
ODD_TRUTH = {"pytorch"}
