"""What could keep the job from running on this machine, each with what to do about it."""

import os
import platform
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from pipeline.archive.manifest import read_manifest
from pipeline.archive.read import archived_records
from pipeline.clock import now_utc
from pipeline.errors import ObservatoryError
from pipeline.metrics.read import read_view
from pipeline.settings import PROJECT_ROOT, Settings

_NEWEST_WITH_FRAMEWORKS = (3, 13)
_WANTED_BYTES = 1_000_000_000
_NEEDED_BYTES = 200_000_000
_OLD_DAYS = 35


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `fail` keeps the job from running, `warn` leaves a part of it out."""

    level: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything the job relies on; nothing is changed and nobody is asked outside this machine."""
    examinations: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _frameworks,
        _compiler,
        _browser,
        _folder,
        _space,
        _archive,
        _published,
    )
    return [finding for look in examinations for finding in look(settings)]


def _python(_: Settings) -> Iterator[Finding]:
    found = f"{platform.python_version()} on {platform.platform(terse=True)}, {os.cpu_count()} CPUs"
    if sys.version_info[:2] > _NEWEST_WITH_FRAMEWORKS:
        yield Finding(
            level="warn",
            subject="Python",
            found=found,
            remedy="Not every framework can be installed with it; 3.11 to 3.13 have them all.",
        )
    else:
        yield Finding(level="ok", subject="Python", found=found)


def _packages(_: Settings) -> Iterator[Finding]:
    """Compare what is installed with the bounds in pyproject.toml, some of which guard against silent faults."""
    wrong = [text for text in map(_wrong_version, _requirements("dependencies")) if text]
    yield (
        Finding(level="fail", subject="packages", found="; ".join(wrong), remedy="Run `make setup`.")
        if wrong
        else Finding(level="ok", subject="packages", found="all within the bounds of pyproject.toml")
    )


def _frameworks(_: Settings) -> Iterator[Finding]:
    for requirement in _requirements("bench"):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        if wrong := _wrong_version(requirement):
            remedy = "It is reported as not measured; `make setup` tries to install it."
            yield Finding(level="warn", subject=requirement.name, found=wrong, remedy=remedy)
        else:
            yield Finding(level="ok", subject=requirement.name, found=version(requirement.name))


def _compiler(_: Settings) -> Iterator[Finding]:
    found = next(filter(None, map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++"))), None)
    yield (
        Finding(level="ok", subject="C++ compiler", found=found)
        if found
        else Finding(
            level="warn",
            subject="C++ compiler",
            found="none",
            remedy="torch.compile needs one for the CPU; install g++ or clang++, or its rows stay empty.",
        )
    )


def _browser(_: Settings) -> Iterator[Finding]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    yield (
        Finding(level="ok", subject="Chromium", found=found)
        if found
        else Finding(level="warn", subject="Chromium", found="none", remedy="Only the tests of the page need it.")
    )


def _folder(settings: Settings) -> Iterator[Finding]:
    for folder in (settings.data_folder, settings.reports_folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            yield Finding(
                level="fail",
                subject="folder",
                found=f"{folder} cannot be written ({error.strerror})",
                remedy="Set OBSERVATORY_HOME to a folder that can.",
            )
        else:
            yield Finding(level="ok", subject="folder", found=f"{folder} can be written")


def _space(settings: Settings) -> Iterator[Finding]:
    existing = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free_bytes = shutil.disk_usage(existing).free
    found = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes > _WANTED_BYTES:
        yield Finding(level="ok", subject="disk", found=found)
    else:
        level: Literal["warn", "fail"] = "warn" if free_bytes > _NEEDED_BYTES else "fail"
        remedy = "Free some, or set OBSERVATORY_HOME to a folder on another disk."
        yield Finding(level=level, subject="disk", found=found, remedy=remedy)


def _archive(settings: Settings) -> Iterator[Finding]:
    """Read every shipped file: checksum, header and each row."""
    try:
        sources = read_manifest(settings.archive_folder).source
        files = [rows for source in sources for _, rows in archived_records(settings.archive_folder, source)]
    except ObservatoryError as error:
        yield Finding(level="fail", subject="archive", found=str(error), remedy="Restore data/archive from git.")
    else:
        found = f"{len(sources)} sources, {len(files)} files, {sum(map(len, files))} rows, every one valid"
        yield Finding(level="ok", subject="archive", found=found)


def _published(settings: Settings) -> Iterator[Finding]:
    if not settings.published_file.exists():
        yield Finding(level="warn", subject="published", found="nothing yet", remedy="Run `observatory run`.")
        return
    try:
        runs = read_view(settings.published_file, "run_history", order_by=["started_at"])
    except ObservatoryError as error:
        yield Finding(level="fail", subject="published", found=str(error), remedy="Run `observatory run`.")
        return
    last = runs.iloc[-1]
    age_days = (now_utc().replace(tzinfo=None) - last["started_at"]).days
    found = f"run {last['run_id']} ({last['outcome']}), {age_days} days ago"
    is_fine = last["outcome"] == "complete" and age_days <= _OLD_DAYS
    remedy = "" if is_fine else "Run `observatory run`; `observatory sources` tells what is missing."
    yield Finding(level="ok" if is_fine else "warn", subject="published", found=found, remedy=remedy)


def _requirements(group: str) -> list[Requirement]:
    project = tomllib.loads((Path(PROJECT_ROOT) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] if group == "dependencies" else project["optional-dependencies"][group]
    return [Requirement(line) for line in lines]


def _wrong_version(requirement: Requirement) -> str | None:
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(installed, prereleases=True):
        return None
    return f"{requirement.name} {installed} is not {requirement.specifier}"
