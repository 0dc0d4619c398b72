"""What is installed: the locked versions are whole and name no place, and no licence binds whoever runs this."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.settings import PROJECT_ROOT

PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
EXTRAS = ("archive", "cluster", "mcp", "objects")


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines if not line.startswith("framework-observatory")]


def run_time_packages() -> Iterator[str]:
    """Every package that the project and its extras bring, those that are installed."""
    waiting, seen = [(each.name, tuple(each.extras)) for each in wanted(EXTRAS)], set()
    while waiting:
        name, extras = waiting.pop()
        if (name := canonicalize_name(name), extras) in seen:
            continue
        seen.add((name, extras))
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue
        yield name
        waiting += [
            (each.name, tuple(each.extras))
            for each in needed
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        ]


def licence_of(name: str) -> str:
    """The licence as the package states it: the expression, the classifiers, or the first line of the old field."""
    found = metadata(name)
    if expression := found.get("License-Expression"):
        return expression
    classifiers = [each for each in found.get_all("Classifier") or () if each.startswith("License")]
    stated = " OR ".join(each.rpartition(" :: ")[2] for each in classifiers)
    return stated or (found.get("License") or "").partition("\n")[0]


def test_no_package_at_run_time_is_under_the_gpl_alone() -> None:
    licences = {name: licence_of(name) for name in run_time_packages()}
    assert len(licences) > 100
    gpl_alone = {
        name: licence
        for name, licence in licences.items()
        if re.search(r"\bA?GPL|(?<!Lesser )General Public", licence) and not re.search(r"\bOR\b|LGPL", licence)
    }
    assert gpl_alone == {}


def test_every_locked_file_is_known_by_its_hash_and_no_place_is_named() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9.-]+==[^\s;]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", entry), entry
    assert "//" not in LOCK


def test_the_lock_holds_what_the_project_wants_within_its_bounds() -> None:
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", LOCK, re.MULTILINE))
    for each in wanted((*EXTRAS, "dev")):
        version = locked[canonicalize_name(each.name)]
        assert each.specifier.contains(version), f"{each} is locked at {version}; run `make lock`"
