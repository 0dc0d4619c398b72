"""The registry of frameworks: every file of `data/reference/frameworks`, in the order of lists, keys and tables."""

import os
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.reference.frameworks import BenchEntry, Framework, Mark, Package, Repository
from pipeline.reference.toml_file import read_toml, require_unique, validated
from pipeline.settings import Settings

_Version = tuple[tuple[Path, int, int], ...]


class Frameworks:
    """The frameworks, tools and states of one reference folder."""

    def __init__(self, entries: Iterable[Framework]) -> None:
        """Take the entries in any order.

        Raises:
            ValueError: two of them claim the same repository, package, label or place.
        """
        self._by_id = {entry.id: entry for entry in sorted(entries, key=_place)}
        require_unique("place", (str(entry.order) for entry in self if entry.order is not None))
        require_unique(
            "repository", (name for _, each in self.repositories() for name in (each.name, *each.former_names))
        )
        packages = (package for entry in self for package in entry.packages)
        require_unique("package", (f"{each.name} ({each.channel or each.index})" for each in packages))
        labels = ((publisher, names) for entry in self for publisher, names in entry.labels.items())
        require_unique("label", (f"{name} ({publisher})" for publisher, names in labels for name in names))
        for entry in self:
            if unknown := {*entry.runs_on, *(bench.backend or entry.id for bench in entry.bench)} - self._by_id.keys():
                raise ValueError(f"{entry.id} runs on {min(unknown)}, which has no file")

    def __iter__(self) -> Iterator[Framework]:
        return iter(self._by_id.values())

    def __getitem__(self, framework: str) -> Framework:
        return self._by_id[framework]

    def __contains__(self, framework: object) -> bool:
        return framework in self._by_id

    @property
    def placed(self) -> tuple[str, ...]:
        """The ids of those that have a place of their own, in order: charts over time show these."""
        return tuple(entry.id for entry in self if entry.order is not None)

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each id and of each way to benchmark it, in order."""
        benched = {bench.id: bench.title for _, bench in self.bench()}
        return {**benched, **{entry.id: entry.title for entry in self}}

    def title(self, framework: str) -> str:
        """Return the name as people write it; an id that is not known stands for itself."""
        return self.titles.get(framework, framework)

    def words_for(self, service: str) -> dict[str, tuple[str, ...]]:
        """Return what a source asks for, by framework; frameworks that it does not ask about are left out."""
        return {entry.id: entry.services[service] for entry in self if entry.services.get(service)}

    def labels_of(self, publisher: str) -> dict[str, str]:
        """Return the framework that each label of a published list stands for."""
        return {label: entry.id for entry in self for label in entry.labels.get(publisher, ())}

    def packages(
        self, index: str, *, asked: bool | None = None, summed: bool | None = None
    ) -> list[tuple[Framework, Package]]:
        """Return the packages of one index with their framework, all or those (not) asked for or (not) summed."""
        return [
            (entry, package)
            for entry in self
            for package in entry.packages
            if package.index == index and asked in (None, package.is_asked_for) and summed in (None, package.is_summed)
        ]

    def repositories(
        self, *, asked: bool | None = None, tracked: bool | None = None
    ) -> list[tuple[Framework, Repository]]:
        """Return the repositories with their framework, all or those (not) asked for or (not) tracked."""
        return [
            (entry, repository)
            for entry in self
            for repository in entry.repositories
            if asked in (None, repository.is_asked_for) and tracked in (None, repository.is_tracked)
        ]

    def bench(self) -> list[tuple[Framework, BenchEntry]]:
        """Return every way in which the benchmarks run a framework, those on another one's backend last."""
        ways = [(entry, bench) for entry in self for bench in entry.bench]
        return sorted(ways, key=lambda way: way[1].backend is not None)

    def marks(self) -> dict[str, Mark]:
        """Return the given colours and shapes, in order; for others they are computed."""
        return {entry.id: entry.mark for entry in self if entry.mark is not None}


def known_frameworks() -> Frameworks:
    """Return the registry that the settings point to.

    Raises:
        BadInput: a file is missing or not what it should be.
    """
    return read_frameworks(_settings_of(frozenset(os.environ.items())).reference_folder)


@lru_cache(maxsize=4)
def _settings_of(_environment: Hashable) -> Settings:
    return Settings()


def read_frameworks(reference_folder: Path) -> Frameworks:
    """Return the registry of this folder; files are read again only after one of them has changed.

    Raises:
        BadInput: a file is missing, is no TOML, or an entry is not what it should be.
    """
    folder = reference_folder / "frameworks"
    found = os.scandir(folder) if folder.is_dir() else ()
    files = sorted((each.path, each.stat()) for each in found if each.name.endswith(".toml"))
    if not files:
        raise BadInput(f"{folder} holds no framework; restore it from git.")
    return _read(folder, tuple((Path(path), stat.st_mtime_ns, stat.st_size) for path, stat in files))


@lru_cache(maxsize=4)
def _read(folder: Path, version: _Version) -> Frameworks:
    entries = [validated(path, Framework, read_toml(path)) for path, *_ in version]
    for entry, (path, *_) in zip(entries, version, strict=True):
        if entry.id != path.stem:
            raise BadInput(f"{path}, id: it is {entry.id!r}; name the file after it.")
    try:
        return Frameworks(entries)
    except ValueError as error:
        raise BadInput(f"{folder}: {error}; mend that entry.") from error


def _place(entry: Framework) -> tuple[bool, bool, bool, int, str]:
    return entry.kind == "state", entry.is_tool, entry.order is None, entry.order or 0, entry.id
