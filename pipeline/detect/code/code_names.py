"""Names of each framework in code and dependency files: module roots, packages, headers, settings of backends."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.utils import canonicalize_name

from pipeline.detect.rules.ruleset import FrameworkRules, Ruleset
from pipeline.reference.frameworks import Bundle

CodeTier = Literal["import", "dependency"]

UNRESOLVED = "unresolved"
"""Stands for the backend of a front end where the file does not say which it is."""


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """One framework that one place of a source or dependency file imports or declares; `line` counts from 1.

    `backend` is null for all but a front end such as Keras, which computes with another framework: that framework, or
    `unresolved` where the file does not say.
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
        front_end = next((r for r in ruleset.framework if r.backend_variable), FrameworkRules(id=UNRESOLVED))
        self.front_end, self.backend_variable = front_end.id, front_end.backend_variable or UNRESOLVED
        self._bundles = [(re.compile(rf"(?:{each.module})(?:\.|$)"), each) for each in front_end.bundles]
        self._setter = re.compile(front_end.backend_setter or r"(?!)")
        self._setting = re.compile(rf"\b{self.backend_variable}['\"]?\s*\]?\s*[=,:\s]\s*['\"]?(\w+)")
        self._backends = {name: r.id for r in ruleset.framework for name in r.backend_names}

    def of_module(self, module: str) -> tuple[CodeName, ...]:
        """Return the frameworks that importing this dotted Python module means."""
        return self._roots.get(module.partition(".")[0], ())

    def of_package(self, package: str) -> tuple[CodeName, ...]:
        """Return the frameworks that depending on this distribution means; any spelling of its name will do."""
        return self._packages.get(canonicalize_name(package), ())

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

    def of_backend(self, value: str) -> CodeName | None:
        """Return the framework that a value of the front end's backend setting means."""
        framework = self._backends.get(value.strip().lower())
        return CodeName(framework, f"{framework}/backend/{self.backend_variable}") if framework else None

    def bundle_of(self, module: str) -> Bundle | None:
        """Return the bundle of the front end and a backend that a dotted module belongs to."""
        return next((bundle for expression, bundle in self._bundles if expression.match(module)), None)

    def unresolved(self, framework: str) -> str | None:
        """Return the backend of a framework that is named without one: null for all but the front end."""
        return UNRESOLVED if framework == self.front_end else None

    def is_backend_setter(self, called: str) -> bool:
        """Return whether calling this configures the front end's backend."""
        return self._setter.fullmatch(called) is not None

    def backend_settings(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield each line from 1 that sets the front end's backend variable, and the match whose group is the value."""
        for line, content in enumerate(text.splitlines(), start=1):
            if not content.lstrip().startswith("#"):
                yield from ((line, found) for found in self._setting.finditer(content))


@lru_cache(maxsize=4)
def names_of(ruleset: Ruleset) -> CodeNames:
    """Return the names of this ruleset, indexed once a process."""
    return CodeNames(ruleset)


def _normal(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonicalize_name(name) for name in names))


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
