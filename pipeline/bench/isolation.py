"""Keeps from a child the variables that change computing, and the frameworks beside the one that it measures.

A framework looks around when it is imported: for switches in the environment, and for others that lie beside it. A
child sees neither, as in an environment of its own; which variables were dropped stands with its worker.
"""

import os
import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from pipeline.bench.system_load import ALLOCATORS

_NAMES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_PASSED_ON = frozenset(ALLOCATORS).union(_NAMES["passed_on"])
"""Nothing else comes from whoever started the run; the allocators' settings stand with each worker."""
_COMPUTING: tuple[str, ...] = tuple(_NAMES["computing"])
"""Beginnings of the names of variables that any framework's libraries, or Python itself, heed."""


def passed_on() -> dict[str, str]:
    """Return what a child is given of this process's environment."""
    return {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith("LC_")}


def dropped_names(own_prefixes: Sequence[str]) -> tuple[str, ...]:
    """Return the variables set here that could have changed what a framework computes, and that its child is not given.

    `own_prefixes` begin the names of the framework's own. Other variables are dropped too, and are nobody's business.
    """
    heeded = (*_COMPUTING, *own_prefixes)
    return tuple(sorted(name for name in os.environ.keys() - passed_on().keys() if name.startswith(heeded)))


class _Hiding:
    """A finder of modules that does not find some, and else is the one that it stands before."""

    def __init__(self, finder: Any, roots: frozenset[str]) -> None:  # noqa: ANN401 — finders are of many kinds
        self._finder, self.roots = finder, roots

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 — whatever the finder has
        return getattr(self._finder, name)

    def find_spec(self, name: str, *place: object) -> ModuleSpec | None:
        found: ModuleSpec | None = self._finder.find_spec(name, *place)
        return None if name.partition(".")[0] in self.roots else found


def show(root: str) -> None:
    """Let imports in this process find a package again that was hidden."""
    for finder in sys.meta_path:
        if isinstance(finder, _Hiding):
            finder.roots -= {root}


def hide(roots: Iterable[str]) -> None:
    """Let imports in this process not find these packages from now on; one that is loaded already stays."""
    hidden = frozenset(roots) - sys.modules.keys()
    finders: list[Any] = [_Hiding(finder, hidden) for finder in sys.meta_path]
    sys.meta_path[:] = finders
