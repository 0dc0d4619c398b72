"""Frameworks that a text names: where, by which rule, in the body or among the references, as used or not.

The text is read in pieces, so memory does not grow with it; a line of any length is fine. One pass in linear time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import re2

from pipeline.detect.rules.matcher import Hit, Matcher, NameRule
from pipeline.detect.rules.ruleset import Ruleset
from pipeline.detect.text.disambiguation import AFTER_BYTES, BEFORE_BYTES, ContestedNames, Disambiguator, Surroundings
from pipeline.detect.text.negation import Negation, NegationReader, Role, RoleReader

Section = Literal["body", "bibliography"]

PIECE_BYTES = 4 << 20
"""How much text is held at a time."""
_LONGEST_NAME_BYTES = 256
_HEADING_BYTES = 160
_CONTINUATION = 0x80
_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@dataclass(frozen=True, slots=True)
class Mention:
    """One framework named at one place.

    `start` and `end` count characters of the text from 0; `line` counts its lines from 1.
    """

    framework: str
    rule_id: str
    span: str
    start: int
    end: int
    line: int
    section: Section
    negation: Negation
    role: Role | None = None
    """What the sentence says the framework is to the work; null where it is not plainly named in the body."""

    @property
    def is_counted(self) -> bool:
        """Whether it counts as naming the framework as used: in the body, neither negated nor a mere likeness."""
        return self.section == "body" and self.negation == "plain"


class MentionFinder:
    """Finds mentions under one ruleset; may be used for any number of texts, one after another."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the rules, which takes some tenths of a second."""
        self.ruleset_id = ruleset.ruleset_id
        self.matcher = Matcher(ruleset)
        self._disambiguator = Disambiguator(ruleset)
        self._contested = ContestedNames(ruleset)
        self._negations = NegationReader(ruleset)
        self._roles = RoleReader(ruleset)
        self._bibliography = re.compile(ruleset.section.bibliography, re.IGNORECASE)
        self._body = re2.compile(rf"(?m)^[ \t]*(?:{ruleset.section.body})[ \t]*\r?$".encode())

    def find(self, text: str) -> list[Mention]:
        """Return every mention in the text, in order."""
        return list(self.stream([text.encode("utf-8", errors="replace")]))

    def stream(self, pieces: Iterable[bytes]) -> Iterator[Mention]:
        """Yield every mention in UTF-8 pieces of one text, in order; a piece may end anywhere."""
        place = _Place()
        reported: dict[str, int] = {}
        section: Section = "body"
        for data, first, last in _overlapping(pieces):
            place.enter(data, first, last)
            since = first
            for hit in self.matcher.hits(data):
                if not first <= hit.start < last:
                    continue
                section, since = self._section_at(data, section, since, hit.start)
                if not hit.rules:
                    section = "bibliography" if self._is_heading(data, hit) else section
                    since = hit.end
                    continue
                for mention in self._mentions(data, hit, section, place):
                    # A name inside a longer form of the same framework (`jax` in `jax.jit`) was reported with it.
                    if mention.end > reported.get(mention.framework, 0):
                        reported[mention.framework] = mention.end
                        yield mention
            section, _ = self._section_at(data, section, since, last)

    def _section_at(self, data: bytes, section: Section, since: int, until: int) -> tuple[Section, int]:
        """The section at `until`, given the one at `since`; only within references there is a heading to look for."""
        if section == "bibliography" and since < until and self._body.search(data[since:until]):
            return "body", until
        return section, until

    def _is_heading(self, data: bytes, hit: Hit) -> bool:
        begin = data.rfind(b"\n", max(0, hit.start - _HEADING_BYTES), hit.start) + 1
        end = data.find(b"\n", hit.end, hit.end + _HEADING_BYTES)
        line = data[begin or max(0, hit.start - _HEADING_BYTES) : len(data) if end < 0 else end]
        return bool(self._bibliography.fullmatch(line.decode("utf-8", errors="replace").strip()))

    def _mentions(self, data: bytes, hit: Hit, section: Section, place: "_Place") -> Iterator[Mention]:
        rules = [rule for rule in hit.rules if _has_boundaries(rule, data, hit)]
        if not rules:
            return
        around = Surroundings(data, hit.start, hit.end)
        # The first rule of each framework is the strongest, since patterns and names come before contexts.
        meant: dict[str, NameRule] = {}
        for rule in rules:
            if rule.framework not in meant and self._disambiguator.holds(rule, around):
                meant[rule.framework] = rule
        if not meant:
            return
        meant, is_undecided = self._contested.settled(rules, meant, around)
        start, line = place.at(hit.start)
        span = data[hit.start : hit.end].decode("utf-8", errors="replace")
        negation = "undecided" if is_undecided else self._negations.of(around)
        is_entry = section == "body" and self._disambiguator.is_entry(around)
        for rule in meant.values():
            # At the very start of a text, the title is the paper's own.
            is_cited = is_entry or (section == "body" and start > 0 and self._disambiguator.is_title(rule, around))
            where: Section = "bibliography" if is_cited else section
            role = self._roles.of(around) if where == "body" and negation == "plain" else None
            yield Mention(rule.framework, rule.rule_id, span, start, start + len(span), line, where, negation, role)


class _Place:
    """Turns byte positions of the current piece into character positions and lines of the whole text."""

    def __init__(self) -> None:
        self._data = b""
        self._byte = self._last = 0
        self._character = 0
        self._line = 1

    def enter(self, data: bytes, first: int, last: int) -> None:
        """Go on with the piece whose own text starts at `first`; that is where the one before ended."""
        if self._data:
            self.at(self._last)
        self._data, self._byte, self._last = data, first, last

    def at(self, byte: int) -> tuple[int, int]:
        """Go to a byte position, back too where a name lies inside the hit before, and return character and line."""
        step = 1 if byte >= self._byte else -1
        passed = self._data[min(byte, self._byte) : max(byte, self._byte)]
        self._byte = byte
        self._character += step * (len(passed) if passed.isascii() else len(passed.decode("utf-8", errors="replace")))
        self._line += step * passed.count(b"\n")
        return self._character, self._line


def _overlapping(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Yield `(data, first, last)`: hits that start in `data[first:last]` have all the text they need around them."""
    before = BEFORE_BYTES + _HEADING_BYTES
    after = AFTER_BYTES + _LONGEST_NAME_BYTES
    held, first = b"", 0
    for piece in pieces:
        held += piece
        if len(held) - first < PIECE_BYTES:
            continue
        last = len(held) - after
        # Never between the bytes of one letter, of which there are four at most.
        last -= next((back for back in range(4) if held[last - back] & 0xC0 != _CONTINUATION), 0)
        yield held, first, last
        keep = max(0, last - before)
        held, first = held[keep:], last - keep
    yield held, first, len(held)


def _has_boundaries(rule: NameRule, data: bytes, hit: Hit) -> bool:
    if rule.starts_word and hit.start and data[hit.start - 1] in _WORD_BYTES:
        return False
    return not (rule.ends_word and hit.end < len(data) and data[hit.end] in _WORD_BYTES)


@lru_cache(maxsize=4)
def finder_of(ruleset: Ruleset) -> MentionFinder:
    """Return a finder of this ruleset, compiled once per process."""
    return MentionFinder(ruleset)
