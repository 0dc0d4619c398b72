"""All names of all frameworks as one RE2 alternation: one pass in linear time over bytes, whatever the text holds.

A hit is only a candidate. Which rules it may stand for is looked up by its spelling; whether one of them holds is for
`disambiguation` to say. Names are found across line-end hyphens, soft hyphens and zero-width marks, with typographic
ligatures (ﬀ, ﬂ, ﬁ) or what is left where a PDF maps them to nothing, with the spaces that kerned letters leave in text
from a PDF (`PyT orch`), and with full-width letters.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import re2

from pipeline.detect.rules.ruleset import FrameworkRules, Ruleset
from pipeline.reference.frameworks import ContextualName

RuleKind = Literal["name", "context", "pattern", "repository", "implied"]

_GAP = r"(?:[-\x{2010}\x{AD}][ \t]*\r?\n[ \t]*|[\x{AD}\x{200B}\x{200C}\x{200D}\x{2060}]|\\-|\}?\\text\w\w\{|[{}]{1,2})"
"""Stands inside a word without being part of it: a hyphen at a line's end, an invisible mark, LaTeX's marks."""
_TEX = re.compile(r"\\text\w\w\{|[{}]")
_SEPARATOR = r"[-_/\s\x{A0}\x{2010}\x{2011}\x{2013}]{0,3}"
_PY_GAP = re.compile("[-\u2010\u00ad][ \\t]*\\r?\\n[ \\t]*|[\u00ad\u200b\u200c\u200d\u2060]|\\\\-")
_KERNED = re.compile("(?<=[TPVWYF]) (?=[a-z])")
"""The space that a PDF leaves where a letter is set close to the one before."""
_LOST = "\ufffd\x01-\x08\x0e-\x1f"
"""Stand in the place of a ligature that a PDF maps to no letter."""
_LOSES_LIGATURE_LENGTH = 9
"""Names of so many letters are told without their ligature: `Tensorow`."""
_SHORT_LENGTH = 4
"""Names of so few letters count as whole words in a usual spelling alone: in `PyGILState` and `pYg` there is no PyG."""
_LIGATURES = {"ffl": "ﬄ", "ffi": "ﬃ", "ff": "ﬀ", "fl": "ﬂ", "fi": "ﬁ"}
_LOST_LETTER = re.compile(f"[{_LOST}]")
_KERN = re.compile("([TPVWYF])(?=[a-z])")
_TOGETHER = re.compile(f"(?is:{'|'.join(_LIGATURES)}|.)")
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
    spellings: frozenset[str] = frozenset()
    """Of a short name: the only ones that count."""

    @property
    def name(self) -> str:
        """The name or pattern itself."""
        return self.rule_id.split("/", 2)[2]


class Hit(NamedTuple):
    """A candidate: byte positions in the searched bytes and the rules it may stand for; none for a section's word."""

    start: int
    end: int
    rules: tuple[NameRule, ...]


class Matcher:
    """The compiled alternation of one ruleset and the way back from a spelling to its rules."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset; a second matcher of the same rules behaves the same."""
        self._by_spelling: defaultdict[str, list[NameRule]] = defaultdict(list)
        self._exact: defaultdict[str, list[NameRule]] = defaultdict(list)
        self._patterns: list[tuple[re.Pattern[str], NameRule]] = []
        any_case, exact_case = list(ruleset.section.words), list[str]()
        for rules in ruleset.framework:
            of_any_case, of_exact_case = self._take_names(rules)
            any_case += of_any_case
            exact_case += of_exact_case
        patterns = [pattern for rules in ruleset.framework for pattern in self._take_patterns(rules)]
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
        bare = _TEX.sub("", word)
        spelled = " ".join(bare.split())
        exact = self._exact.get(spelled) or self._exact.get(_KERNED.sub("", spelled), [])
        taken = {rule.framework for rule in exact}
        rules = [
            *(rule for pattern, rule in self._patterns if pattern.fullmatch(word)),
            *exact,
            # What is written in a way that has its own rule (`Tensor Flow`) is not taken for its joined form as well.
            *(
                rule
                for rule in self._by_spelling.get(_compact(bare), ())
                if rule.framework not in taken and (not rule.spellings or bare in rule.spellings)
            ),
        ]
        return tuple(dict.fromkeys(rules))

    def _take_names(self, rules: FrameworkRules) -> tuple[list[str], list[str]]:
        """Register the names; return those that stand for the framework in any case, and in this case alone."""
        any_case = [
            *(_plain_name(rules.id, "name", name) for name in rules.names),
            *(_plain_name(rules.id, "implied", name) for name in rules.implied_by),
            *(_contextual(rules.id, context) for context in rules.contextual if context.case == "any"),
        ]
        exact_case = [
            *(
                NameRule(rules.id, f"{rules.id}/name/{name}", "name", starts_word=True, ends_word=True)
                for name in rules.cased
            ),
            *(_contextual(rules.id, context) for context in rules.contextual if context.case == "exact"),
        ]
        spelled = [(self._by_spelling, _compact(rule.name), rule) for rule in any_case]
        spelled += [(self._exact, rule.name, rule) for rule in exact_case]
        for index, spelling, rule in spelled:
            # A PDF may map ligatures to nothing.
            for each in {spelling, re.sub("|".join(_LIGATURES), "", spelling)}:
                index[each].append(rule)
        return [rule.name for rule in any_case], [rule.name for rule in exact_case]

    def _take_patterns(self, rules: FrameworkRules) -> Iterator[str]:
        """Register the patterns; outer word boundaries are checked later, since they slow the alternation down."""
        named: list[tuple[RuleKind, str, str]] = [
            *(("pattern", pattern, pattern) for pattern in rules.patterns),
            *(("implied", pattern, pattern) for pattern in rules.implied_patterns),
            *(("repository", each, rf"\b(?i:{re.escape(each)})\b".replace(r"\-", "-")) for each in rules.repositories),
        ]
        for kind, shown, pattern in named:
            starts, ends = pattern.startswith(r"\b"), pattern.endswith(r"\b")
            rule = NameRule(rules.id, f"{rules.id}/{kind}/{shown}", kind, None, starts, ends, is_pattern=True)
            self._patterns.append((re.compile(pattern), rule))
            yield pattern.removeprefix(r"\b").removesuffix(r"\b")


def _compiled(expressions: list[str]) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _ALTERNATION_BYTES
    options.never_capture = True
    return re2.compile("|".join(expressions).encode(), options)


def plain(text: str) -> str:
    """Return the text without line-end hyphens and invisible marks, with ligatures and full-width letters resolved."""
    if text.isascii() and not _LOST_LETTER.search(text):
        return _PY_GAP.sub("", text) if "-" in text and ("\n" in text or "\\-" in text) else text
    return unicodedata.normalize("NFKC", _LOST_LETTER.sub("", _PY_GAP.sub("", text)))


def _plain_name(framework: str, kind: RuleKind, name: str) -> NameRule:
    is_short = len(_compact(name)) <= _SHORT_LENGTH
    spellings = frozenset({name, name.lower(), name.upper(), name.title()} if is_short else ())
    return NameRule(framework, f"{framework}/{kind}/{name}", kind, spellings=spellings)


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
    is_long = sum(map(len, words)) >= _LOSES_LIGATURE_LENGTH
    return _SEPARATOR.join(_kerned(word, f"{_GAP}?".join(_letters(word, is_long=is_long))) for word in words)


def _kerned(word: str, expression: str) -> str:
    """The expression of a word, or the word with the spaces that kerning leaves in it."""
    spaced = _KERN.sub(r"\1 ?", word)
    return f"(?:{expression}|{spaced})" if spaced != word else expression


def _letters(word: str, *, is_long: bool) -> Iterator[str]:
    for letters in _TOGETHER.findall(word):
        forms = (
            # Each letter itself or its full-width form.
            f"[{each}{chr(ord(each) + 0xFEE0)}]" if each.isascii() and each.isalnum() else re.escape(each)
            for each in letters
        )
        spelled = f"{_GAP}?".join(forms)
        ligature = _LIGATURES.get(letters.lower())
        joined = f"(?:{spelled}|{ligature}|[{_LOST}])"
        yield f"{joined}?" if ligature and is_long else joined if ligature else spelled
