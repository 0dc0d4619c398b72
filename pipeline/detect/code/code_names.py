"""Names of each framework in code and dependency files: module roots, packages, headers, settings of backends."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.utils import canonicalize_name

from pipeline.detect.rules.ruleset import FrameworkRules, Ruleset
from pipeline.reference.frameworks import Bundle

CodeTier = Literal["import", "dependency", "locked", "workflow", "documented", "use"]
UseRole = Literal["model", "training", "compute", "incidental"]
"""What code does with a framework; `incidental`: files, records, logs, conversions."""
NameKind = Literal["module", "package", "lua", "r", "c"]

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


Rules = Mapping[str, str]
"""The frameworks that a name means, each with the id of the rule that says so."""


class CodeNames:
    """The names of one ruleset, ready to be looked up."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Take the names from the ruleset."""
        self._index: defaultdict[tuple[NameKind, str], dict[str, str]] = defaultdict(dict)
        for rules in ruleset.framework:
            for kind, label, listed in _listed(rules):
                for name in listed:
                    self._index[kind, name][rules.id] = f"{rules.id}/{label}/{name}"
        self._repositories = {name.lower(): r.id for r in ruleset.framework for name in r.repositories}
        front_end = next((r for r in ruleset.framework if r.backend_variable), FrameworkRules(id=UNRESOLVED))
        self.front_end, self.backend_variable = front_end.id, front_end.backend_variable or UNRESOLVED
        self._bundles = [(re.compile(rf"(?:{each.module})(?:\.|$)"), each) for each in front_end.bundles]
        self.backend_setter = re.compile(front_end.backend_setter or r"(?!)")
        self._setting = re.compile(rf"\b{self.backend_variable}['\"]?\s*\]?\s*[=,:\s]\s*['\"]?(\w+)")
        self._roles = {r.id: _roles_of(r) for r in ruleset.framework}
        self._backends = {name: r.id for r in ruleset.framework for name in r.backend_names}

    def of(self, kind: NameKind, name: str) -> Rules:
        """Return what a name means: the root of a dotted module or header, or a package in any spelling."""
        return self._index.get((kind, canonicalize_name(name) if kind == "package" else name), {})

    def role_of(self, framework: str, path: str) -> UseRole:
        """Return what code does with a framework where it names this dotted path of it."""
        return next((role for role, pattern in self._roles[framework] if pattern.fullmatch(path)), "compute")

    def of_repository(self, repository: str) -> Rules:
        """Return the framework whose own repository `owner/name` this is."""
        framework = self._repositories.get(repository.lower().removesuffix(".git"))
        return {framework: f"{framework}/repository/{repository}"} if framework else {}

    def of_backend(self, value: str) -> Rules:
        """Return the framework that a value of the front end's backend setting means."""
        framework = self._backends.get(value.strip().lower())
        return {framework: f"{framework}/backend/{self.backend_variable}"} if framework else {}

    def evidence(
        self, tier: CodeTier, rules: Rules, span: str, line: int, backend: str = UNRESOLVED
    ) -> Iterator[CodeEvidence]:
        """Yield one place of each framework; `backend` is the front end's where it is among them."""
        for framework, rule_id in rules.items():
            yield CodeEvidence(tier, framework, rule_id, span, line, backend if framework == self.front_end else None)

    def bundle_of(self, module: str) -> Bundle | None:
        """Return the bundle of the front end and a backend that a dotted module belongs to."""
        return next((bundle for expression, bundle in self._bundles if expression.match(module)), None)

    def backend_settings(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield each line from 1 that sets the front end's backend variable, and the match whose group is the value."""
        for line, content in enumerate(text.splitlines(), start=1):
            if not content.lstrip().startswith("#"):
                yield from ((line, found) for found in self._setting.finditer(content))


def _roles_of(rules: FrameworkRules) -> list[tuple[UseRole, re.Pattern[str]]]:
    """The expressions for the dotted paths of each role that a framework has."""
    roles: tuple[UseRole, ...] = ("incidental", "model", "training")
    listed = zip(roles, (rules.incidental_names, rules.model_names, rules.training_names), strict=True)
    return [(role, re.compile("|".join(f"(?:{each})" for each in names))) for role, names in listed if names]


@lru_cache(maxsize=4)
def names_of(ruleset: Ruleset) -> CodeNames:
    """Return the names of this ruleset, indexed once per process."""
    return CodeNames(ruleset)


def _listed(rules: FrameworkRules) -> Iterator[tuple[NameKind, str, Iterable[str]]]:
    """Each list of names with the part of a rule's id that says which list it is."""
    yield "module", "import", rules.import_roots
    yield "module", "implied-import", rules.implied_import_roots
    yield "package", "package", map(canonicalize_name, rules.packages)
    yield "package", "implied-package", map(canonicalize_name, rules.implied_packages)
    yield "lua", "lua", rules.lua_modules
    yield "r", "r-package", rules.r_packages
    yield "c", "header", rules.headers
