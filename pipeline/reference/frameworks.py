"""The registry of frameworks: every file of `data/reference/frameworks`, in the order of lists, keys and tables.

One file holds everything known of one framework, tool or state, in sections.
"""

import os
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from pipeline.errors import BadInput
from pipeline.records.record import Closed, Count
from pipeline.reference.toml_file import Text, Words, read_toml, require_unique, validated
from pipeline.settings import Settings

Kind = Literal[
    "framework", "front-end", "library", "classical", "exchange-format", "hub",
    "serving", "mobile", "web", "pipeline", "visualisation", "models", "compiler", "distribution",
    "state",
]  # fmt: skip
Criterion = Literal["deployment", "mobile and web", "visualisation", "pretrained models", "training loops"]
TOOL_KINDS = frozenset({"serving", "mobile", "web", "pipeline", "visualisation", "models", "compiler", "distribution"})
COMPARED = ("pytorch", "tensorflow")
"""The two that are compared, as in the macro `compared_frameworks`; benchmarks set others in ratio to the first."""
Colour = Annotated[str, Field(pattern=r"^#[0-9A-F]{6}$")]


class Mark(Closed):
    """Its colour in the light and the dark scheme, and its shape for readers and printers without colour."""

    light: Colour
    dark: Colour
    shape: Text


class Repository(Closed):
    """A GitHub repository, by its present `owner/name`."""

    name: Annotated[str, Field(pattern=r"^\S+/\S+$")]
    former_names: Words = ()
    role: Text = "framework"
    """Its part in the debate: `framework`, or the kind of tool that it holds."""
    is_tracked: StrictBool = False
    """It stands for the framework: its stars are the framework's, and a link to it is evidence of use."""
    is_asked_for: StrictBool = False
    """The source of repositories asks for it."""


class Package(Closed):
    """A package of one index, by its name there."""

    index: Literal["pypi", "conda", "npm", "cran"]
    name: Text
    channel: Text | None = None
    """Of conda packages: the channel that carries it."""
    is_main: StrictBool = False
    """The one package without which the family's sum is not shown."""
    is_summed: StrictBool = False
    """One of the alternative builds of which a user picks one, so that their downloads may be added."""
    is_asked_for: StrictBool = False
    """The sources of downloads ask for it."""


class BenchEntry(Closed):
    """One way in which the benchmarks run the framework; Keras has one for each backend."""

    id: Text
    title: Text
    adapter: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")]
    """`module:class`; the module imports no framework by itself."""
    backend: Text | None = None
    """The framework that it computes with, where that is another one."""
    tier: Literal["default", "full"] = "default"
    """The shortest kind of run that measures it unasked."""
    shape: Text | None = None
    """Its shape in charts, where it is not the framework's."""


class ContextualName(Closed):
    """A word that means other things too, and what must stand beside it."""

    name: Text
    case: Literal["exact", "any"]
    needs: Literal["nothing", "learning", "software", "own"]
    """The cue that must stand beside it: none, one of either list of `context.toml`, or one of `own`."""
    own: Words = ()
    """Expressions that speak for it."""
    against: Words = ()
    """Expressions that speak against it, within its clause."""
    implied: bool = False


class TextRules(Closed):
    """Rules by which a text names the framework."""

    names: Words = ()
    """Written in any case; a space or hyphen may also be missing or stand for each other."""
    cased: Words = ()
    """Written exactly so."""
    contextual: tuple[ContextualName, ...] = ()
    patterns: Words = ()
    """Expressions for identifiers in code and forms that a list of names cannot hold; case counts."""
    implied_by: Words = ()
    """Names of things that only exist on top of it."""
    implied_patterns: Words = ()
    not_: Annotated[Words, Field(alias="not")] = ()
    """Expressions: what they match is never the framework."""
    titles: Words = ()
    """Of its papers: naming it within its own title is a citation."""


class Bundle(Closed):
    """Modules that hold a framework bound to one backend, as `tensorflow.keras` holds Keras."""

    name: Text
    """As it stands in the names of rules."""
    module: Text
    """An expression for the dotted module; modules below it belong to it."""
    backend: Text


class CodeRules(Closed):
    """Names of the framework in dependency files and code, beside its packages on the indexes."""

    packages: Words = ()
    import_roots: Words = ()
    implied_packages: Words = ()
    implied_import_roots: Words = ()
    lua_modules: Words = ()
    r_packages: Words = ()
    headers: Words = ()
    backend_names: Words = ()
    """What the configuration of a front end calls it as a backend."""
    backend_variable: Text | None = None
    """Of a front end: the environment variable that configures its backend."""
    backend_setter: Text | None = None
    """Of a front end: an expression for the call that configures its backend."""
    bundles: tuple[Bundle, ...] = ()
    model_names: Words = ()
    """Expressions for dotted paths whose use defines a model."""
    training_names: Words = ()
    """Expressions for dotted paths whose use trains one."""
    incidental_names: Words = ()
    """Expressions for dotted paths that read files and records, log, configure or convert: they come first."""


class Framework(Closed):
    """One file: a framework, a tool beside the frameworks, or a state such as `none`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    kind: Kind
    criterion: Criterion | None = None
    """The point of the debate that it is named for; its downloads stand with those of the others named there."""
    is_deep_learning: StrictBool
    order: Annotated[Count, Field(strict=True)] | None = None
    """Its place in lists, keys and tables; those without one follow by id, then tools, then states."""
    runs_on: Words = ()
    """Ids of the frameworks that it is built on or computes with."""
    note: Text | None = None
    repositories: Annotated[tuple[Repository, ...], Field(alias="repository")] = ()
    packages: Annotated[tuple[Package, ...], Field(alias="package")] = ()
    mark: Mark | None = None
    """None: colour and shape are computed."""
    services: dict[str, Words] = Field(default={})
    """What each source asks for, by the source's name: search words, tags, topics, repositories."""
    labels: dict[str, Words] = Field(default={})
    """What published lists call it, by the list."""
    bench: tuple[BenchEntry, ...] = ()
    detector: TextRules = TextRules()
    code: CodeRules = CodeRules()

    @model_validator(mode="after")
    def _one_main_package(self) -> Self:
        mains = [package for package in self.packages if package.is_main]
        summed = [package for package in self.packages if package.is_summed]
        if len(mains) != bool(summed) or not all(package.is_summed for package in mains):
            raise ValueError("a family that is summed has exactly one main package among its members")
        return self

    @property
    def is_tool(self) -> bool:
        """Whether it stands beside the frameworks, for what is done with their models."""
        return self.kind in TOOL_KINDS

    @property
    def has_figures(self) -> bool:
        """Whether figures may name it: every framework and state, and tools that lists or package indexes count."""
        return not self.is_tool or bool(self.packages or self.labels)


_Version = tuple[tuple[str, int, int], ...]


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
        wanted = {"index": index, "is_asked_for": asked, "is_summed": summed}
        return [(entry, each) for entry in self for each in entry.packages if _has(each, wanted)]

    def repositories(
        self, *, asked: bool | None = None, tracked: bool | None = None
    ) -> list[tuple[Framework, Repository]]:
        """Return the repositories with their framework, all or those (not) asked for or (not) tracked."""
        wanted = {"is_asked_for": asked, "is_tracked": tracked}
        return [(entry, each) for entry in self for each in entry.repositories if _has(each, wanted)]

    def bench(self) -> list[tuple[Framework, BenchEntry]]:
        """Return every way in which the benchmarks run a framework, those on another one's backend last."""
        ways = [(entry, bench) for entry in self for bench in entry.bench]
        return sorted(ways, key=lambda way: way[1].backend is not None)


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
    files = ((each.path, each.stat()) for each in found if each.name.endswith(".toml") and _is_file(each))
    version = tuple(sorted((path, stat.st_mtime_ns, stat.st_size) for path, stat in files))
    if not version:
        raise BadInput(f"{folder} holds no framework; restore it from git.")
    return _read(folder, version)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a file or leads to one; of a file of its own the folder says so already."""
    return entry.is_file(follow_symlinks=False) or Path(entry).is_file()


@lru_cache(maxsize=4)
def _read(folder: Path, version: _Version) -> Frameworks:
    paths = [Path(path) for path, *_ in version]
    entries = [validated(path, Framework, read_toml(path)) for path in paths]
    for entry, path in zip(entries, paths, strict=True):
        if entry.id != path.stem:
            raise BadInput(f"{path}, id: it is {entry.id!r}; name the file after it.")
    try:
        return Frameworks(entries)
    except ValueError as error:
        raise BadInput(f"{folder}: {error}; mend that entry.") from error


def _has(each: Closed, wanted: Mapping[str, object]) -> bool:
    return all(value in (None, getattr(each, name)) for name, value in wanted.items())


def _place(entry: Framework) -> tuple[bool, bool, bool, int, str]:
    return entry.kind == "state", entry.is_tool, entry.order is None, entry.order or 0, entry.id
