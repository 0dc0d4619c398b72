"""All names of all frameworks as one RE2 alternation: one pass in linear time over bytes, whatever the text holds.

A hit is only a candidate. Which rules it may stand for is looked up by its spelling; whether one of them holds is for
`context` to say. Names are found across line-end hyphens, soft hyphens and zero-width marks, with typographic
ligatures (ﬀ, ﬂ, ﬁ) and full-width letters.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import re2

from pipeline.detect.rules.ruleset import FrameworkRules, Ruleset
from pipeline.reference.frameworks import ContextualName

RuleKind = Literal["name", "context", "pattern", "repository", "implied"]

_GAP = r"(?:[-\x{2010}\x{AD}][ \t]*\r?\n[ \t]*|[\x{AD}\x{200B}\x{200C}\x{200D}\x{2060}])"
"""What may stand inside a word without being part of it: a hyphen at a line's end, or an invisible mark."""
_SEPARATOR = r"[-_/\s\x{A0}\x{2010}\x{2011}\x{2013}]{0,3}"
_PY_GAP = re.compile("[-\u2010\u00ad][ \\t]*\\r?\\n[ \\t]*|[\u00ad\u200b\u200c\u200d\u2060]")
_LIGATURES = (("ffl", "ﬄ"), ("ffi", "ﬃ"), ("ff", "ﬀ"), ("fl", "ﬂ"), ("fi", "ﬁ"))
_LONGEST_NAME_BYTES = 128
"""No name is longer, with every gap that may be inside it."""
_ALTERNATION_BYTES = 64 << 20
"""RE2 builds its automaton as it goes, within this."""


@dataclass(frozen=True, slots=True)
class NameRule:
    """One way of naming one framework; `context` is set where the word alone proves nothing."""

    framework: str
    rule_id: str
    kind: RuleKind
    context: ContextualName | None = None
    starts_word: bool = False
    ends_word: bool = False
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate: byte positions in the searched bytes and the rules it may stand for; none for a section's word."""

    start: int
    end: int
    rules: tuple[NameRule, ...]


class Matcher:
    """The compiled alternation of one ruleset and the way back from a spelling to its rules."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset; a second matcher of the same rules behaves the same."""
        self._by_spelling: dict[str, list[NameRule]] = {}
        self._exact: dict[str, list[NameRule]] = {}
        self._patterns: list[tuple[re.Pattern[str], NameRule]] = []
        patterns, any_case, exact_case = [], list(ruleset.section.words), []
        for rules in ruleset.framework:
            any_case += self._take_names(rules)
            exact_case += self._take_exact(rules)
            patterns += self._take_patterns(rules)
        names = [
            *(f"(?i:{_tolerant(name)})" for name in _longest_first(any_case)),
            *(_tolerant(name) for name in _longest_first(exact_case)),
        ]
        self.spellings = tuple(dict.fromkeys([*any_case, *exact_case]))
        """Every name as it is usually spelled, without the broken and joined forms that are found as well."""
        self._all = _compiled([*dict.fromkeys(patterns), *names])
        self._names = _compiled(names)
        self._rules_of = lru_cache(maxsize=4096)(self._look_up)

    def hits(self, data: bytes) -> Iterator[Hit]:
        """Yield the candidates of UTF-8 bytes in order; a name inside a longer form is yielded as well."""
        for found in self._all.finditer(data):
            start, end = found.span()
            rules = self._rules_of(data[start:end])
            yield Hit(start, end, rules)
            if rules and rules[0].is_pattern:
                # A pattern may span names (`pip install tensorflow torch`), or fail at its end (`…/PaddleOCR`).
                yield from self._names_within(data, start, end)

    def _names_within(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """The names that start within the pattern's span; one may reach beyond it (`import caffe`, but `caffe2`)."""
        for found in self._names.finditer(data[start : end + _LONGEST_NAME_BYTES]):
            first, last = found.span()
            if start + first >= end:
                return
            yield Hit(start + first, start + last, self._rules_of(data[start + first : start + last]))

    def _look_up(self, spelling: bytes) -> tuple[NameRule, ...]:
        word = plain(spelling.decode("utf-8", errors="replace"))
        exact = self._exact.get(" ".join(word.split()), [])
        taken = {rule.framework for rule in exact}
        rules = [
            *(rule for pattern, rule in self._patterns if pattern.fullmatch(word)),
            *exact,
            # What is written in a way that has its own rule (`Tensor Flow`) is not taken for its joined form as well.
            *(rule for rule in self._by_spelling.get(_compact(word), ()) if rule.framework not in taken),
        ]
        return tuple(dict.fromkeys(rules))

    def _take_names(self, rules: FrameworkRules) -> list[str]:
        for kind, names in (("name", rules.names), ("implied", rules.implied_by)):
            for name in names:
                rule = NameRule(rules.id, f"{rules.id}/{kind}/{name}", "name" if kind == "name" else "implied")
                self._by_spelling.setdefault(_compact(name), []).append(rule)
        loose = [context for context in rules.contextual if context.case == "any"]
        for context in loose:
            self._by_spelling.setdefault(_compact(context.name), []).append(_contextual(rules.id, context))
        return [*rules.names, *rules.implied_by, *(context.name for context in loose)]

    def _take_exact(self, rules: FrameworkRules) -> list[str]:
        for name in rules.cased:
            rule = NameRule(rules.id, f"{rules.id}/name/{name}", "name", starts_word=True, ends_word=True)
            self._exact.setdefault(name, []).append(rule)
        strict = [context for context in rules.contextual if context.case == "exact"]
        for context in strict:
            self._exact.setdefault(context.name, []).append(_contextual(rules.id, context))
        return [*rules.cased, *(context.name for context in strict)]

    def _take_patterns(self, rules: FrameworkRules) -> list[str]:
        sources = [self._take_pattern(rules.id, "pattern", pattern, pattern) for pattern in rules.patterns]
        sources += [self._take_pattern(rules.id, "implied", pattern, pattern) for pattern in rules.implied_patterns]
        for repository in rules.repositories:
            pattern = rf"(?i:{re.escape(repository)})".replace(r"\-", "-")
            sources.append(self._take_pattern(rules.id, "repository", repository, rf"\b{pattern}\b"))
        return sources

    def _take_pattern(self, framework: str, kind: RuleKind, shown: str, pattern: str) -> str:
        """Register one pattern; its outer word boundaries are checked later, since they slow the alternation down."""
        starts, ends = pattern.startswith(r"\b"), pattern.endswith(r"\b")
        rule = NameRule(framework, f"{framework}/{kind}/{shown}", kind, None, starts, ends, is_pattern=True)
        self._patterns.append((re.compile(pattern), rule))
        return pattern.removeprefix(r"\b").removesuffix(r"\b")


def _compiled(expressions: list[str]) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _ALTERNATION_BYTES
    options.never_capture = True
    return re2.compile("|".join(expressions).encode(), options)


def plain(text: str) -> str:
    """Return the text without line-end hyphens and invisible marks, with ligatures and full-width letters resolved."""
    if text.isascii():
        return _PY_GAP.sub("", text) if "-" in text and "\n" in text else text
    return unicodedata.normalize("NFKC", _PY_GAP.sub("", text))


def _contextual(framework: str, context: ContextualName) -> NameRule:
    kind: RuleKind = "implied" if context.implied else "context"
    return NameRule(framework, f"{framework}/{kind}/{context.name}", kind, context, starts_word=True, ends_word=True)


def _compact(name: str) -> str:
    return re.sub(r"[-_/\s\u2010\u2011\u2013]", "", name).lower()


def _longest_first(names: list[str]) -> list[str]:
    return sorted(dict.fromkeys(names), key=lambda name: (-len(name), name))


def _tolerant(name: str) -> str:
    """The name as an RE2 expression with gaps allowed between letters and loose separators between words."""
    words = re.split(r"[-_/ ]+", name)
    return _SEPARATOR.join(f"{_GAP}?".join(_letters(word)) for word in words)


def _letters(word: str) -> list[str]:
    parts, rest = [], word
    while rest:
        for letters, ligature in _LIGATURES:
            if rest.lower().startswith(letters):
                spelled = f"{_GAP}?".join(_letter(letter) for letter in rest[: len(letters)])
                parts.append(f"(?:{spelled}|{ligature})")
                rest = rest[len(letters) :]
                break
        else:
            parts.append(_letter(rest[0]))
            rest = rest[1:]
    return parts


def _letter(letter: str) -> str:
    """The letter itself or its full-width form."""
    if letter.isascii() and letter.isalnum():
        return f"[{letter}{chr(ord(letter) + 0xFEE0)}]"
    return re.escape(letter)
