"""Checks of this machine and this folder for what keeps the job from running, each with its remedy."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

from pipeline.archive.manifest import archived_machines, archived_records, read_manifest
from pipeline.clock import now_utc
from pipeline.errors import Busy, ObservatoryError
from pipeline.metrics.read import read_view
from pipeline.settings import Settings
from pipeline.sources.source import SERVICE_NAMES
from pipeline.warehouse.connect import open_warehouse

_NEWEST_WITH_FRAMEWORKS = (3, 13)
_WANTED_BYTES = 1_000_000_000
_NEEDED_BYTES = 200_000_000
_OLD_DAYS = 35
_COMPILER_REMEDY = "torch.compile needs one for the CPU; install g++ or clang++, or its rows stay empty."


class Finding(NamedTuple):
    """One thing that was looked at. `fail` keeps the job from running, `warn` leaves a part of it out."""

    level: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything the job relies on; nothing is changed and nobody is asked outside this machine."""
    return [
        _python(),
        _packages(),
        *_frameworks(),
        _program("C++ compiler", (os.environ.get("CXX", "c++"), "g++", "clang++"), _COMPILER_REMEDY),
        _program("Chromium", ("chromium", "chromium-browser", "google-chrome"), "Only the tests of the page need it."),
        *map(_folder, (settings.data_folder, settings.reports_folder)),
        _space(settings.home),
        *_settings(),
        _archive(settings.archive_folder),
        _warehouse(settings.warehouse_file),
        _published(settings.published_file),
    ]


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.platform(terse=True)}, {os.cpu_count()} CPUs"
    if sys.version_info[:2] <= _NEWEST_WITH_FRAMEWORKS:
        return Finding("ok", "Python", found)
    return Finding("warn", "Python", found, "Not every framework can be installed with it; 3.11 to 3.13 have them all.")


def _packages() -> Finding:
    """Compare what is installed with the project's bounds, some of which guard against silent faults."""
    wrong = "; ".join(filter(None, map(_wrong_version, _requirements())))
    well = Finding("ok", "packages", "all within the bounds of the project")
    return Finding("fail", "packages", wrong, "Run `make setup`, or install the project again.") if wrong else well


def _frameworks() -> Iterator[Finding]:
    for wanted in _requirements("bench"):
        if wrong := _wrong_version(wanted):
            remedy = f"Not measured: `make setup` or `pip install '{wanted.name}{wanted.specifier}'` brings it."
            yield Finding("warn", wanted.name, wrong, remedy)
        else:
            yield Finding("ok", wanted.name, version(wanted.name))


def _program(subject: str, names: Iterable[str], remedy: str) -> Finding:
    found = next(filter(None, map(shutil.which, names)), None)
    return Finding("ok", subject, found) if found else Finding("warn", subject, "none", remedy)


def _folder(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding("ok", "folder", f"{folder} can be written")
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror})"
        return Finding("fail", "folder", found, "Set OBSERVATORY_HOME to a folder that can.")


def _space(home: Path) -> Finding:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free_bytes = shutil.disk_usage(existing).free
    found = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes > _WANTED_BYTES:
        return Finding("ok", "disk", found)
    remedy = "Free some, or set OBSERVATORY_HOME to a folder on another disk."
    return Finding("warn" if free_bytes > _NEEDED_BYTES else "fail", "disk", found, remedy)


def _settings() -> Iterator[Finding]:
    """Name what is set as if it were a setting and is none: nothing reads it."""
    addresses = (f"{name}_url" for name in (*SERVICE_NAMES, "webhook", "publish"))
    known = {f"OBSERVATORY_{name}".upper() for name in (*Settings.model_fields, *addresses)}
    for name in sorted(os.environ):
        if name.upper().startswith("OBSERVATORY_") and name.upper() not in known:
            near = " or ".join(get_close_matches(name.upper(), known)) or "one that the README names"
            yield Finding("warn", "settings", f"{name} is none and has no effect", f"Set {near}, or remove it.")


def _archive(folder: Path) -> Finding:
    """Read every shipped file: checksum, header and each row."""
    try:
        sources = read_manifest(folder).source
        counts = [len(rows) for source in sources for _, rows in archived_records(folder, source)]
        counts += [len(machine.rows) for source in sources for machine in archived_machines(folder, source)]
    except ObservatoryError as error:
        return Finding("fail", "archive", str(error), "Restore data/archive from git.")
    return Finding("ok", "archive", f"{len(sources)} sources, {len(counts)} files, {sum(counts)} rows, every one valid")


def _warehouse(file: Path) -> Finding:
    try:
        with open_warehouse(file if file.exists() else None):
            return Finding("ok", "warehouse", "can be written, and no run is under way")
    except ObservatoryError as error:
        return Finding("warn" if isinstance(error, Busy) else "fail", "warehouse", str(error))


def _published(file: Path) -> Finding:
    if not file.exists():
        return Finding("warn", "published", "nothing yet", "Run `observatory run`.")
    try:
        last = read_view(file, "run_history", order_by=["started_at"]).iloc[-1]
    except ObservatoryError as error:
        return Finding("fail", "published", str(error), "Run `observatory run`.")
    age_days = (now_utc().replace(tzinfo=None) - last["started_at"]).days
    found = f"run {last['run_id']} ({last['outcome']}), {age_days} days ago"
    if last["outcome"] == "complete" and age_days <= _OLD_DAYS:
        return Finding("ok", "published", found)
    return Finding("warn", "published", found, "Run `observatory run`; `observatory sources` lists what is missing.")


def _requirements(extra: str = "") -> list[Requirement]:
    """Return what this machine needs for an extra, or without one for the project itself."""
    lines = [Requirement(line) for line in requires("framework-observatory") or ()]
    wanted = [line for line in lines if ("extra" in str(line.marker)) == bool(extra)]
    return [line for line in wanted if line.marker is None or line.marker.evaluate({"extra": extra})]


def _wrong_version(requirement: Requirement) -> str | None:
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    is_wanted = requirement.specifier.contains(installed, prereleases=True)
    return None if is_wanted else f"{requirement.name} {installed} is not {requirement.specifier}"
