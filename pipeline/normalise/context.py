"""What the words around a candidate say: whether it is the framework at all, and whether it is named as used."""

import re
from dataclasses import dataclass
from typing import Literal

import re2

from pipeline.normalise.matcher import NameRule, plain
from pipeline.normalise.ruleset import ContextualName, FrameworkRules, Ruleset

Stance = Literal["plain", "negated", "likeness"]

BEFORE_BYTES = 280
AFTER_BYTES = 180
"""How far around a candidate is read."""

_MARK = "…"
_ENOUGH = 2
_JOINT = 40
"""How far before a name another one stands that it is coordinated with."""
_NEAR = 100
"""How far from the name an exclusion or a title may reach."""
_NEEDED = {"nothing": 0, "learning": 1, "software": 2, "own": 1}
_STOP = re.compile('[.!?]["\u201d\u2019)\\]]*\\s+|[\u3002\uff01\uff1f]|\n[ \\t]*\\r?\n')
_NO_STOP = re.compile(r"(?:\b(?:e\.g|i\.e|al|vs|cf|resp|Figs?|Eqs?|Secs?|Tabs?|Refs?|Mr|Ms|Mrs|Dr|Prof|[A-Z]))$")
_OPENING = "\"\u201c([\u2018'"
_CLAUSE_END = re.compile("[;:]\\s|\\s[\u2013\u2014]\\s|\u2014")
_SPACE = re.compile("  +")
_NEGATION = (
    r"n(?:'|\x{2019})t\b|\b(?:not?|never|cannot|can ?not|could|might|would|should|without|unlike|unrelated|zero|none|"
    r"nothing|nobody|neither|nor|instead of|rather than|in contrast|as opposed|contrary to|in (?:place|lieu) of|"
    r"(?:free|independent|independently|agnostic|decoupled) (?:of|from|to)|impossible|infeasible|absence|lacks?|"
    r"away|rid|overhead|(?:abandon|avoid|break|convert|cut|depart|drop|eliminat|exchang|lift|migrat|mov|remov|replac|"
    r"shed|strip|swap|switch|trad|transition)\w*|"
    r"chose|choose|chosen|choosing|prefer(?:s|red|ring)?|favou?r(?:s|ed)?|picked|selected|opted|advantages?|"
    r"ohne|(?:an)?statt|anstelle|nicht|kein\w{0,2}|sans|au lieu|plutôt|sin|en (?:lugar|vez)|sem|em vez|senza|"
    r"pas|plus|jamais|não|non)\b|"
    r"без|вместо|не использу|而不是|不使用|没有使用|未使用|不依赖|不需要"
)
_LIKENESS = (
    r"(?:à|a) la |\b(?:similar|analog|as (?:in|with)|in the (?:style|spirit|vein) of|reminiscent|inspired by|resembl|"
    r"mimic|imitat|akin to|model(?:l)?ed (?:after|on)|analogous to|patterned|borrow|identical to|like\b|"
    r"familiar|known|close to|mirror|the same|as (?:easy|simple|short|concise|expressive|flexible|intuitive|conv)|"
    r"in $)"
)
_NEGATION_HINT, _LIKENESS_HINT = re2.compile(f"(?i){_NEGATION}".encode()), re2.compile(f"(?i){_LIKENESS}".encode())
_EITHER_HINT = re2.compile(f"(?i){_NEGATION}|{_LIKENESS}".encode())
"""Most names stand in sentences without any of these words; only in the others the rules are tried one by one."""
_CONNECTED = re.compile(r"(?:\s*,)?\s+(?:or|and|nor)\s+(?:the\s+)?$|\s*/\s*$")
_LISTED = re.compile(r"\s*,\s*$")
_MORE_LISTED = re.compile(r"^(?:\s*,\s*[\w.+-]+)*\s*,?\s+(?:or|nor)\s+[\w.+-]+")
_NO_LIST = re.compile(r"\b(?:unlike|contrast to|opposed to|instead of|rather than|contrary to)\b[^,]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """The text around one candidate, on one line, cut at the ends of its sentence."""

    before: str
    spelling: str
    after: str
    line_before: str
    """What precedes it on its own line of the document."""
    neighbours: tuple[str, str]
    """The letters right before and after it as they were written, empty at the ends of the text."""

    @property
    def sentence(self) -> str:
        """The whole sentence."""
        return f"{self.before}{self.spelling}{self.after}"

    @property
    def clause(self) -> str:
        """The clause of the sentence that holds the name."""
        head = _CLAUSE_END.split(self.before)[-1]
        tail = _CLAUSE_END.split(self.after, maxsplit=1)[0]
        return f"{head}{self.spelling}{tail}"


def window(data: bytes, start: int, end: int) -> Window:
    """Return the window around `data[start:end]`, UTF-8 bytes; a letter cut in two at its edge is left out."""
    raw_before = data[max(0, start - BEFORE_BYTES) : start].decode("utf-8", errors="ignore")
    raw_after = data[end : end + AFTER_BYTES].decode("utf-8", errors="ignore")
    before, after = plain(raw_before), plain(raw_after)
    spelling = data[start:end].decode("utf-8", errors="ignore")
    return Window(
        before=_on_one_line(before[_last_stop(before) :]),
        spelling=_on_one_line(plain(spelling)),
        after=_on_one_line(after[: _first_stop(after)]),
        line_before=before[before.rfind("\n") + 1 :],
        neighbours=(raw_before[-1:], raw_after[:1]),
    )


def _on_one_line(text: str) -> str:
    for space in "\r\n\t\u00a0":
        text = text.replace(space, " ")
    return _SPACE.sub(" ", text) if "  " in text else text


def _last_stop(text: str) -> int:
    stops = [found.span() for found in _STOP.finditer(text)]
    for start, end in reversed(stops):
        if _is_stop(text, start, end):
            return end
    return 0


def _first_stop(text: str) -> int:
    for found in _STOP.finditer(text):
        if _is_stop(text, found.start(), found.end()):
            return found.start() + 1
    return len(text)


def _is_stop(text: str, start: int, end: int) -> bool:
    """Whether a full stop there ends a sentence: it does after no abbreviation, and before a capital or a bracket."""
    if text[start] != "." and text[start] not in "!?":
        return True
    following = text[end : end + 1]
    if following.islower() or (text[start] == "." and _NO_STOP.search(text, max(0, start - 6), start)):
        return False
    return not following or following in _OPENING or following.isalnum()


class ContextReader:
    """The compiled context rules of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        self._software = _Words(ruleset.context.software)
        self._learning = _Words(ruleset.context.learning)
        stance = ruleset.stance
        self._negated_before = _any_of(stance.negated_before)
        self._either_after = _any_of((*stance.likeness_after, *stance.negated_after))
        self._not_negated = _any_of(stance.not_negated)
        self._counterfactual_after = _any_of(stance.counterfactual_after)
        self._likeness_before = _any_of(stance.likeness_before)
        self._likeness_after = _any_of(stance.likeness_after)
        self._entry_start = re2.compile(f"(?m){ruleset.section.entry_start}".encode())
        self._entry_holds = re2.compile(ruleset.section.entry_holds.encode())
        self._frameworks = {rules.id: _Expressions(rules) for rules in ruleset.framework}
        self._name_before = re.compile(rf"(?:{'|'.join(_all_names(ruleset))})$", re.IGNORECASE)

    def holds(self, rule: NameRule, around: Window) -> bool:
        """Return whether the candidate is the framework of `rule` here."""
        expressions = self._frameworks[rule.framework]
        if rule.context is None and not _is_own_word(around):
            return False
        if expressions.is_excluded(around):
            return False
        return rule.context is None or self._has_context(rule.context, expressions, around)

    def is_citation(self, rule: NameRule, around: Window) -> bool:
        """Return whether the name stands in the framework's own paper title or in an entry of a list of references."""
        if self._frameworks[rule.framework].is_title(around):
            return True
        head = around.line_before
        if not head or not self._entry_start.search(head.encode()):
            return False
        return bool(self._entry_holds.search(f"{head}{around.spelling}{around.after}".encode()))

    def stance(self, around: Window) -> Stance:
        """Return how the sentence stands to the name: plainly naming it, negating its use, or likening to it."""
        before, after = around.before.replace(_MARK, " "), f"{_MARK}{around.after}".encode()
        hinted = before.encode()
        if self._either_after.match(after):
            if self._likeness_after.match(after):
                return "likeness"
            return "plain" if self._not_negated.search(hinted) else "negated"
        if not _EITHER_HINT.search(hinted):
            return "plain"
        has_negation, has_likeness = _NEGATION_HINT.search(hinted), _LIKENESS_HINT.search(hinted)
        heads = self._heads(before, around.after.replace(_MARK, " "))
        if has_likeness and any(self._likeness_before.search(head.encode()) for head in heads):
            return "likeness"
        if not has_negation or self._not_negated.search(hinted) or self._counterfactual_after.match(after):
            return "plain"
        return "negated" if any(self._negated_before.search(head.encode()) for head in heads) else "plain"

    def _heads(self, before: str, after: str) -> list[str]:
        """The sentence around the name, and its beginning up to each earlier name that it is coordinated with."""
        heads = [f"{before}{_MARK}{after}"]
        rest, is_list_open = before, bool(_MORE_LISTED.match(after))
        while True:
            near = max(0, len(rest) - _JOINT)
            joint = _CONNECTED.search(rest, near)
            if joint is None and is_list_open and not _NO_LIST.search(rest):
                joint = _LISTED.search(rest, near)
            if joint is None:
                return heads
            name = self._name_before.search(rest, max(0, joint.start() - _JOINT), joint.start())
            if name is None:
                return heads
            rest, is_list_open = rest[: name.start()], True
            heads.append(rest + _MARK)

    def _has_context(self, context: ContextualName, expressions: "_Expressions", around: Window) -> bool:
        own, against = expressions.cues(context)
        score = 2 if own and own.search(around.sentence.encode()) else 0
        if context.needs == "own" and not score:
            return False
        if against:
            # What speaks against it counts most in its own clause.
            score -= against.distinct(around.clause) + against.distinct(around.sentence)
        if score < _NEEDED[context.needs]:
            surroundings = f"{around.before} {_MARK} {around.after}"
            score += 2 * self._software.distinct(surroundings) + self._learning.distinct(surroundings)
        return score >= _NEEDED[context.needs]


class _Expressions:
    """What belongs to one framework alone."""

    def __init__(self, rules: FrameworkRules) -> None:
        self._excluded = _search(rules.not_) if rules.not_ else None
        self._titles = re2.compile(f"(?i){'|'.join(rules.titles)}".encode()) if rules.titles else None
        self._cues = {
            context: (
                re2.compile("|".join(context.own).encode()) if context.own else None,
                _Words(context.against) if context.against else None,
            )
            for context in rules.contextual
        }

    def is_excluded(self, around: Window) -> bool:
        return self._excluded is not None and _overlaps(self._excluded, around)

    def is_title(self, around: Window) -> bool:
        return self._titles is not None and _overlaps(self._titles, around)

    def cues(self, context: ContextualName) -> "tuple[re2._Regexp | None, _Words | None]":
        return self._cues[context]


def _overlaps(expression: "re.Pattern[bytes] | re2._Regexp", around: Window) -> bool:
    head, name = around.before[-_NEAR:].encode(), around.spelling.encode()
    text = head + name + around.after[:_NEAR].encode()
    first, last = len(head), len(head) + len(name)
    return any(found.start() < last and found.end() > first for found in expression.finditer(text))


def _search(expressions: tuple[str, ...]) -> "re.Pattern[bytes] | re2._Regexp":
    """The expressions compiled by RE2, or by `re` where one of them looks ahead."""
    joined = "|".join(expressions).encode()
    return re.compile(joined) if b"(?!" in joined else re2.compile(joined)


def _is_own_word(around: Window) -> bool:
    """Whether the name is no part of another word: `PyTorch1.8`, `KerasTuner`, `my_pytorch`, but not `pytorchure`."""
    left, right = around.neighbours
    if left.isascii() and left.isalpha() and not (left.islower() and around.spelling[0].isupper()):
        return False
    if not (right.isascii() and right.isalpha()):
        return True
    return right.isupper() and not around.spelling.isupper()


class _Words:
    """Words to be counted in a sentence: whole ones, but for scripts that put no spaces between them."""

    def __init__(self, expressions: tuple[str, ...]) -> None:
        parts = [rf"\b(?:{part})\b" if part.isascii() else part for part in expressions]
        self._compiled = re2.compile(f"(?i){'|'.join(parts)}".encode())

    def distinct(self, text: str) -> int:
        """Return how many different ones the text holds, 2 at most."""
        seen: set[bytes] = set()
        for found in self._compiled.finditer(text.encode()):
            seen.add(found.group().lower())
            if len(seen) == _ENOUGH:
                break
        return len(seen)


def _any_of(expressions: tuple[str, ...]) -> "re2._Regexp":
    return re2.compile(("(?i)" + "|".join(f"(?:{expression})" for expression in expressions)).encode())


def _all_names(ruleset: Ruleset) -> list[str]:
    names = {name for rules in ruleset.framework for name in (*rules.names, *rules.cased, *rules.implied_by)}
    names |= {context.name for rules in ruleset.framework for context in rules.contextual}
    return [re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))]
