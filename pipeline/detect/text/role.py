"""The role in which a sentence names a framework: used, compared with, built upon by others, could be used, named.

The rules are `data/reference/detector/role.toml`: lists in the order of their force. The clause that holds the name is
asked first, then the whole sentence; where no rule holds, the framework is merely named.
"""

import re
from functools import lru_cache
from typing import Literal

from pipeline.detect.rules.ruleset import Ruleset
from pipeline.detect.text.disambiguation import MARK, Surroundings
from pipeline.detect.text.negation import REMEMBERED_SENTENCES, AnyOf

Role = Literal["used", "compared", "built-upon", "could-be-used", "named"]


class RoleReader:
    """The compiled role rules of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        rules = ruleset.role
        self._told = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._tell)
        self._clause_end = re.compile(rules.clause_end if rules else "$^")
        self._ranks: list[tuple[Role, AnyOf, AnyOf]] = [
            (rank.role, AnyOf(rank.holds), AnyOf(rank.not_)) for rank in (rules.rank if rules else ())
        ]

    def of(self, around: Surroundings) -> Role | None:
        """Return the role; null where the ruleset tells no roles."""
        if not self._ranks:
            return None
        return self._told(around.before, around.after)

    def _tell(self, before: str, after: str) -> Role:
        head = self._clause_end.split(before)[-1]
        tail = self._clause_end.split(after, maxsplit=1)[0]
        clause, sentence = f"{head}{MARK}{tail}".encode(), f"{before}{MARK}{after}".encode()
        return self._found_in(clause) or (self._found_in(sentence) if clause != sentence else None) or "named"

    def _found_in(self, text: bytes) -> Role | None:
        for role, holds, not_ in self._ranks:
            if holds.search(text) and not not_.search(text):
                return role
        return None
