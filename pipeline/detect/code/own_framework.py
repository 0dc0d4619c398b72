"""A repository's own framework: the one that its own code defines and trains models in.

An import is no use: records are read, progress is logged and checkpoints are converted with frameworks that a paper is
not written in, and whole packages lie copied in its repository. So each file weighs by what it does with a framework
and by where it lies; copied code counts only where nothing else does.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from pipeline.detect.code.code_names import UseRole
from pipeline.detect.files.inspection import Detection
from pipeline.detect.rules.ruleset import OwnCode, Ruleset

OwnState = Literal["one", "several", "none", "undecided"]
_WEIGHTS: Mapping[UseRole, float] = {"model": 3, "training": 3, "compute": 1, "incidental": 0}
_ROLES: Mapping[str, UseRole] = {role: role for role in _WEIGHTS}
_DEFINING: frozenset[UseRole] = frozenset({"model", "training"})
_ENTRY_FACTOR, _ASIDE_FACTOR = 2, 0.1
"""Of a file that starts a run, and of one that converts, measures or tests."""
_SECOND_SHARE = 0.25
"""A second framework is the repository's own as well from this share of the first one's weight."""
_CLEAR_LEAD = 2
"""Where nothing defines or trains a model, the first framework has this many times the weight of the second."""
_COPIES_COUNT = 3
"""A file that lies in so many scanned repositories is nobody's own."""


@dataclass(frozen=True, slots=True)
class FileUse:
    """One role that one framework has in one file of a repository, and the place that shows it."""

    path: str
    framework: str
    role: UseRole
    span: str
    place: str
    position: int = 0
    content_sha256: str = ""
    holders_count: int = 1
    """Repositories among those scanned that hold the same file."""


@dataclass(frozen=True, slots=True)
class OwnFramework:
    """One framework of a repository's own code: its share of the weight, its files, and the uses that show it."""

    framework: str
    share_fraction: float
    files_count: int
    uses: tuple[FileUse, ...]
    """The heaviest first."""


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """The answer for one repository; of an undecided one, `frameworks` are those that it could be."""

    state: OwnState
    frameworks: tuple[OwnFramework, ...] = ()


def uses_of_file(
    path: str, found: Sequence[Detection], content_sha256: str = "", holders_count: int = 1
) -> Iterator[FileUse]:
    """Yield the uses that one file shows; of languages that show no more, an import is one."""
    with_role = {item.framework for item in found if item.tier == "use"}
    of_import: UseRole = "incidental" if path.endswith((".py", ".ipynb", ".pyi", ".pyx", ".pyw")) else "compute"
    for item in found:
        role = _ROLES.get(item.rule_id.rpartition("/")[2]) if item.tier == "use" else of_import
        if role and (item.tier == "use" or (item.tier == "import" and item.framework not in with_role)):
            place = (item.span, item.place, item.position)
            yield FileUse(path, item.framework, role, *place, content_sha256, holders_count)


def own_frameworks(uses: Iterable[FileUse], ruleset: Ruleset) -> OwnAnswer:
    """Return which frameworks the code of a repository itself is written in.

    Frameworks without roles of their own in the registry (scikit-learn, exchange formats) are never an answer.
    """
    places = _places_of(ruleset.own_code or OwnCode())
    candidates = {rules.id for rules in ruleset.framework if rules.model_names or rules.training_names}
    kept = [use for use in uses if use.framework in candidates]
    own = [use for use in kept if not places.is_copied(use)]
    heavy = [use for use in own if places.weight(use) > 0]
    counted = heavy or [use for use in kept if use.role in _DEFINING] or own
    return _decided(counted, places) if counted else OwnAnswer("none")


def _decided(uses: Sequence[FileUse], places: "_Places") -> OwnAnswer:
    of_files: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for use in uses:
        files = of_files[use.framework]
        files[use.path] = max(files.get(use.path, 0), places.weight(use))
    sums = {framework: sum(files.values()) for framework, files in of_files.items()}
    weights = dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
    defining = [use for use in uses if use.role in _DEFINING and not places.is_aside(use.path)]
    chosen, state = _chosen(weights, defining)
    total = sum(weights.values())
    frameworks = []
    for framework in chosen:
        of_it = (use for use in uses if use.framework == framework)
        mine = sorted(of_it, key=lambda use: (-places.weight(use), use.path, use.role))
        share_fraction = weights[framework] / total if total else 0
        frameworks.append(OwnFramework(framework, share_fraction, len(of_files[framework]), tuple(mine)))
    return OwnAnswer(state, tuple(frameworks))


def _chosen(weights: Mapping[str, float], defining: Sequence[FileUse]) -> tuple[list[str], OwnState]:
    """The answer of frameworks that are ranked by whether files of the repository's own define models, then weight."""
    roles = {framework: {use.role for use in defining if use.framework == framework} for framework in weights}
    first, *others = sorted(weights, key=lambda framework: not roles[framework])
    if roles[first]:
        apart = _with_a_folder_of_their_own(defining)
        least = _SECOND_SHARE * weights[first]
        seconds = [each for each in others if ("training" in roles[each] and weights[each] >= least) or each in apart]
        return [first, *seconds], "several" if seconds else "one"
    second = weights[others[0]] if others else 0
    if not others or weights[first] >= _CLEAR_LEAD * second > 0 or second == 0 < weights[first]:
        return [first], "one"
    return [first, *others], "undecided"


def _with_a_folder_of_their_own(defining: Iterable[FileUse]) -> set[str]:
    """The frameworks that some folder's files define models in and train them with, while no other trains there."""
    held: defaultdict[PurePosixPath, defaultdict[str, set[UseRole]]] = defaultdict(lambda: defaultdict(set))
    for use in defining:
        for folder in PurePosixPath(use.path).parents[:-1]:
            held[folder][use.framework].add(use.role)
    alone = (of for of in held.values() if sum("training" in roles for roles in of.values()) == 1)
    return {framework for of in alone for framework, roles in of.items() if roles >= _DEFINING}


class _Places:
    """What the path of a file says about it."""

    def __init__(self, layout: OwnCode) -> None:
        self._copied = _any_of(layout.copied)
        self._aside = _any_of(layout.aside)
        self._entry = _any_of(layout.entry)

    def is_copied(self, use: FileUse) -> bool:
        return use.holders_count >= _COPIES_COUNT or self._copied.search(use.path) is not None

    def is_aside(self, path: str) -> bool:
        return self._aside.search(path) is not None

    def weight(self, use: FileUse) -> float:
        factor = _ENTRY_FACTOR if self._entry.search(use.path) else 1
        return _WEIGHTS[use.role] * factor * (_ASIDE_FACTOR if self.is_aside(use.path) else 1)


def _any_of(expressions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions) or r"(?!)", re.IGNORECASE)


_places_of = lru_cache(maxsize=4)(_Places)
