"""How a sentence stands to a framework that it names: as used, only to negate or to liken; and in which role.

The rules of roles are `data/reference/detector/role.toml`: lists in the order of their force. The clause that holds the
name is asked first, then the whole sentence; where no rule holds, the framework is merely named.
"""

import re
from functools import lru_cache
from typing import Literal

import re2

from pipeline.detect.rules.ruleset import Roles, Ruleset
from pipeline.detect.text.disambiguation import MARK, Surroundings

Negation = Literal["plain", "negated", "likeness", "undecided"]
"""Undecided: the name may be another framework's."""

REMEMBERED_SENTENCES = 4096
"""Repositories say the same again: sentences that were just told are not told anew."""
_JOINT = 40
"""How far before a name another one stands that it is coordinated with."""
_CONNECTED = re.compile(r"(?:\s*,)?\s+(?:or|and|nor)\s+(?:the\s+)?$|\s*/\s*$|['\u2019]s?\s+$")
_LISTED = re.compile(r"\s*,\s*$")
_MORE_LISTED = re.compile(r"^(?:\s*,\s*[\w.+-]+)*\s*,?\s+(?:or|nor)\s+[\w.+-]+")
_LIST_GOES_ON = re.compile(r"\s*[,)]")
_NO_LIST = re.compile(r"\b(?:unlike|contrast to|opposed to|instead of|rather than|contrary to)\b[^,]*$", re.IGNORECASE)
_PLURAL = re.compile(r"[^.;,]{0,30}?\s(?:are|were|have|do|did|can|could|will|would|need|must)(?:n['’]t)?\b")
_DISTANCE = re.compile(r"(?<!\\)\{0,\d+\}")
_TEXT_END = re.compile(r"(?<![\\\[])[\^$]")
_REASON = re.compile(r"\b(?:because|since|as|for|whose)\b")


class NegationReader:
    """The compiled negation rules of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        self._any = {kind: AnyOf(expressions) for kind, expressions in ruleset.stance if not kind.endswith("_before")}
        self._before = AnyOf((*ruleset.stance.likeness_before, *ruleset.stance.negated_before))
        self._likeness_count = len(ruleset.stance.likeness_before)
        around = tuple(expression for expression in ruleset.stance.not_negated if MARK in expression)
        self._not_negated_before = AnyOf(tuple(each for each in ruleset.stance.not_negated if each not in around))
        self._not_negated_around = AnyOf(around)
        names = {name for rules in ruleset.framework for name in (*rules.names, *rules.cased, *rules.implied_by)}
        names |= {context.name for rules in ruleset.framework for context in rules.contextual}
        longest_first = map(re.escape, sorted(names, key=lambda name: (-len(name), name)))
        name = rf"(?:{'|'.join(longest_first)})(?: v?\d[\w.]*)?"
        self._name_before = re.compile(f"{name}$", re.IGNORECASE)
        self._told = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._tell)
        self._names_after = re.compile(rf"(?:(?:\s*,)?\s*(?:,|\band|\bor|/)\s+{name})+(?!\w)", re.IGNORECASE)

    def of(self, around: Surroundings) -> Negation:
        """Return how the sentence stands to the name: plainly naming it, negating its use, or likening to it."""
        return self._told(around.before.replace(MARK, " "), around.spelling, around.after.replace(MARK, " "))

    def _tell(self, before: str, spelling: str, after: str) -> Negation:
        negation = self._found_in(before, after)
        if negation != "plain" or (place := before.rfind(spelling)) < 0:
            return negation
        # "Not in Keras, because at the time Keras did not …": the reason is no use of it either.
        between = before[place + len(spelling) :]
        is_reason = _REASON.search(between) and self._found_in(before[:place], between) == "negated"
        return "negated" if is_reason else "plain"

    def _found_in(self, before: str, after: str) -> Negation:
        marked, whole = f"{MARK}{after}".encode(), f"{before}{MARK}{after}".encode()
        if self._any["likeness_after"].search(marked):
            return "likeness"
        found = [index for head in self._heads(before, after) for index in self._before.search(head.encode())]
        negated = bool(found) and max(found) >= self._likeness_count
        if found and min(found) < self._likeness_count and not self._any["not_likeness"].search(whole):
            return "likeness"
        is_negated = any(self._any["negated_after"].search(tail.encode()) for tail in self._tails(after)) or (
            negated and not self._any["counterfactual_after"].search(marked)
        )
        is_affirmed = is_negated and (
            self._not_negated_before.search(before.encode()) or self._not_negated_around.search(whole)
        )
        return "negated" if is_negated and not is_affirmed else "plain"

    def _heads(self, before: str, after: str) -> list[str]:
        """The sentence around the name, and its beginning up to each earlier name that it is coordinated with."""
        heads = [f"{before}{MARK}{after}"]
        rest = before
        is_in_brackets = before.rfind("(") > before.rfind(")")
        is_list_open = bool(_MORE_LISTED.match(after) or (is_in_brackets and _LIST_GOES_ON.match(after)))
        while True:
            near = max(0, len(rest) - _JOINT)
            joint = _CONNECTED.search(rest, near)
            if joint is None and is_list_open and not _NO_LIST.search(rest):
                joint = _LISTED.search(rest, near)
            name = joint and self._name_before.search(rest, max(0, joint.start() - _JOINT), joint.start())
            if name is None:
                return heads
            rest, is_list_open = rest[: name.start()], True
            heads += [f"{rest}{MARK}", f"{rest}{MARK}{before[name.end() :]} {after}"]

    def _tails(self, after: str) -> list[str]:
        """The text after the name, and after the last of the names that share its verb: `A and B are not used`."""
        listed = self._names_after.match(after)
        if listed is None or not _PLURAL.match(after, listed.end()):
            return [f"{MARK}{after}"]
        return [f"{MARK}{after}", f"{MARK}{after[listed.end() :]}"]


class AnyOf:
    """Expressions one of which is to hold; only those are tried whose words the text holds at all."""

    def __init__(self, expressions: tuple[str, ...]) -> None:
        self._filter = re2.Filter()
        for expression in expressions:
            self._filter.Add(f"(?i){expression}".encode())
        self._filter.Compile()
        self._is_empty = not expressions

    def search(self, text: bytes) -> list[int]:
        """Return the places of the expressions that the text matches."""
        return [] if self._is_empty else self._filter.Match(text) or []


Role = Literal["used", "compared", "built-upon", "could-be-used", "named"]


class RoleReader:
    """The compiled role rules of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        rules = ruleset.role or Roles(clause_end="$^", rank=())
        self._told = lru_cache(maxsize=REMEMBERED_SENTENCES)(self._tell)
        self._clause_end = re.compile(rules.clause_end)
        self._ranks: list[tuple[Role, AnyOf]] = [(rank.role, AnyOf(rank.not_)) for rank in rules.rank]
        holds = [(number, expression) for number, rank in enumerate(rules.rank) for expression in rank.holds]
        self._holds = [(number, re2.compile(f"(?i){expression}".encode())) for number, expression in holds]
        # Whether cues follow each other at any distance is soon told; distances are counted where they do.
        self._loose = AnyOf(tuple(_DISTANCE.sub("*", _TEXT_END.sub("", expression)) for _, expression in holds))

    def of(self, around: Surroundings) -> Role | None:
        """Return the role; null where the ruleset tells no roles."""
        if not self._ranks:
            return None
        return self._told(around.before, around.after)

    def _tell(self, before: str, after: str) -> Role:
        sentence = f"{before}{MARK}{after}".encode()
        # A clause is cut off between words: what may hold in it may hold in the sentence.
        candidates = [self._holds[index] for index in self._loose.search(sentence)]
        if not candidates:
            return "named"
        head = self._clause_end.split(before)[-1]
        tail = self._clause_end.split(after, maxsplit=1)[0]
        clause = f"{head}{MARK}{tail}".encode()
        in_clause = self._found_in(clause, candidates)
        return in_clause or (clause != sentence and self._found_in(sentence, candidates)) or "named"

    def _found_in(self, text: bytes, candidates: list[tuple[int, "re2._Regexp"]]) -> Role | None:
        passed_over = None
        for rank, expression in candidates:
            if rank != passed_over and expression.search(text):
                role, not_ = self._ranks[rank]
                if not not_.search(text):
                    return role
                passed_over = rank
        return None
