"""What code and dependency files call each framework: module roots, packages, headers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.detect.rules.ruleset import Ruleset

CodeTier = Literal["import", "dependency"]

KERAS = "keras"
UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """One framework that one place of a source or dependency file imports or declares; `line` counts from 1.

    `backend` is null for all but Keras; for Keras it is a framework, or `unresolved` where the file does not tell.
    """

    tier: CodeTier
    framework: str
    rule_id: str
    span: str
    line: int
    backend: str | None = None


@dataclass(frozen=True, slots=True)
class CodeName:
    """A framework and the rule by which a name in code means it."""

    framework: str
    rule_id: str


class CodeNames:
    """The names of one ruleset, ready to be looked up."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Take the names from the ruleset."""
        self._roots = _index(
            (r.id, "import", r.import_roots, "implied-import", r.implied_import_roots) for r in ruleset.framework
        )
        packages = (
            (r.id, "package", _normal(r.packages), "implied-package", _normal(r.implied_packages))
            for r in ruleset.framework
        )
        self._packages = _index(packages)
        self._lua = _index((r.id, "lua", r.lua_modules, "lua", ()) for r in ruleset.framework)
        self._r = _index((r.id, "r-package", r.r_packages, "r-package", ()) for r in ruleset.framework)
        self._headers = _index((r.id, "header", r.headers, "header", ()) for r in ruleset.framework)
        self._repositories = {name.lower(): r.id for r in ruleset.framework for name in r.repositories}

        self._backends = {name: r.id for r in ruleset.framework for name in r.backend_names}

    def of_module(self, module: str) -> tuple[CodeName, ...]:
        """Return the frameworks that importing this dotted Python module means."""
        return self._roots.get(module.partition(".")[0], ())

    def of_package(self, package: str) -> tuple[CodeName, ...]:
        """Return the frameworks that depending on this distribution means; any spelling of its name will do."""
        return self._packages.get(normal_package(package), ())

    def of_lua_module(self, module: str) -> tuple[CodeName, ...]:
        """Return the frameworks that requiring this Lua module means."""
        return self._lua.get(module.partition(".")[0], ())

    def of_r_package(self, package: str) -> tuple[CodeName, ...]:
        """Return the frameworks that this R package means."""
        return self._r.get(package, ())

    def of_header(self, header: str) -> tuple[CodeName, ...]:
        """Return the frameworks that including this C or C++ header means."""
        return self._headers.get(header.partition("/")[0], ()) if "/" in header else ()

    def of_repository(self, repository: str) -> tuple[CodeName, ...]:
        """Return the framework whose own repository `owner/name` this is."""
        framework = self._repositories.get(repository.lower().removesuffix(".git"))
        return (CodeName(framework, f"{framework}/repository/{repository}"),) if framework else ()

    def of_backend(self, value: str) -> str | None:
        """Return the framework that a value of Keras' backend setting means; null for anything else."""
        return self._backends.get(value.strip().lower())


def normal_package(name: str) -> str:
    """Return a distribution's name in its normal form: lower case, runs of `-`, `_` and `.` as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache(maxsize=4)
def names_of(ruleset: Ruleset) -> CodeNames:
    """Return the names of this ruleset, indexed once a process."""
    return CodeNames(ruleset)


def _normal(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal_package(name) for name in names))


def _index(
    entries: Iterable[tuple[str, str, tuple[str, ...], str, tuple[str, ...]]],
) -> dict[str, tuple[CodeName, ...]]:
    index: defaultdict[str, list[CodeName]] = defaultdict(list)
    for framework, kind, names, implied_kind, implied_names in entries:
        for name in names:
            index[name].append(CodeName(framework, f"{framework}/{kind}/{name}"))
        for name in implied_names:
            index[name].append(CodeName(framework, f"{framework}/{implied_kind}/{name}"))
    return {name: tuple(found) for name, found in index.items()}
