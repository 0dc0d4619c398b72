"""The words around a candidate: whether it is the framework at all, and whether it stands in a reference.

Of names that two frameworks share they tell which one is meant, or that it cannot be told.
"""

import re
from collections.abc import Iterator

import re2

from pipeline.detect.rules.matcher import NameRule, plain
from pipeline.detect.rules.ruleset import Contested, FrameworkRules, Ruleset
from pipeline.reference.frameworks import ContextualName

BEFORE_BYTES = 280
AFTER_BYTES = 180
"""How far around a candidate is read."""

MARK = "…"
"""Stands for the name in expressions of the rules."""
_ENOUGH = 2
_NEAR = 100
"""How far from the name an exclusion or a title may reach."""
_NEEDED = {"nothing": 0, "learning": 1, "software": 2, "own": 1}
_STOP = re.compile(
    # All of its first letters in one class are looked for fastest.
    '[.!?\n\u3002\uff01\uff1f](?:(?<=[.!?])["\u201d\u2019)\\]]*\\s+|(?<=[\u3002\uff01\uff1f])|(?<=\n)[ \\t]*\\r?\n)'
)
_NO_STOP = re.compile(r"(?:\b(?:e\.g|i\.e|al|vs|cf|resp|Figs?|Eqs?|Secs?|Tabs?|Refs?|Mr|Ms|Mrs|Dr|Prof|[A-Z]))$")
_OPENING = "\"\u201c([\u2018'"
_CLAUSE_END = re.compile("[;:]\\s|\\s[\u2013\u2014]\\s|\u2014")
_MAILBOX = re.compile(r"[\w.+-]*@[A-Za-z][\w-]*\.[A-Za-z]")
_LETTER = re.compile(r"[A-Za-z_]")
_CODE_LETTER = re.compile(r"[\w+/=-]", re.ASCII)
_CODE_BEFORE = re.compile(r"[\w+/=-]{1,24}$", re.ASCII)
_CODE_AFTER = re.compile(r"[\w+/=-]{1,24}", re.ASCII)
_CODE_TURNS = re.compile(r"[a-z](?=[A-Z](?![a-z])|\d)|[A-Z](?=\d)|\d(?=[A-Za-z](?![a-z]))")
"""Letters, capitals and digits that follow each other as in no word, `ResNet50` and `TwoWords` apart."""
_CHANCE_LENGTH = 5
_CODE_LEAST_TURNS = 4
_COUNTED_WORD = re.compile(r"\s*[a-z][\w.-]*(?:\t+|,| +)\d{2,9}\s*")
KEY_START, KEY_END = "\ue000", "\ue001"
"""Stand around the keys of citations in text from LaTeX."""
_AHEAD = re.compile(r"\(\?![^()]*\)")
_SEVERAL = re.compile("  +")
_SPACES = "\r\n\t\u00a0"


class Surroundings:
    """The text around one candidate, cut at the ends of its sentence."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        """Read around `data[start:end]`, UTF-8 bytes; a letter cut in two at its edge is left out."""
        raw_before = data[max(0, start - BEFORE_BYTES) : start].decode("utf-8", errors="ignore")
        raw_after = data[end : end + AFTER_BYTES].decode("utf-8", errors="ignore")
        self.neighbours = (raw_before[-1:], raw_after[:1])
        """The letters right before and after it as they were written, empty at the ends of the text."""
        self.wide_before, self.wide_after = plain(raw_before), plain(raw_after)
        """The text around it beyond its sentence."""
        self.line_before = self.wide_before[self.wide_before.rfind("\n") + 1 :]
        self.line_after = self.wide_after.partition("\n")[0]
        """The text before and after it on its own line of the document."""
        self.spelling = _on_one_line(plain(data[start:end].decode("utf-8", errors="ignore")))
        """The name itself, on one line."""
        starts = [0, *(end for _, end in _stops(self.wide_before))]
        self.before = _on_one_line(self.wide_before[starts[-1] :])
        stop = next((start + 1 for start, _ in _stops(self.wide_after)), len(self.wide_after))
        self.after = _on_one_line(self.wide_after[:stop])
        """The sentence before and after the name, on one line."""
        head, name = self.before[-_NEAR:].encode(), self.spelling.encode()
        self.near = (head + name + self.after[:_NEAR].encode(), len(head), len(head) + len(name))
        """The name with what is near it in its sentence, and where it starts and ends in that."""

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

    @property
    def marked(self) -> bytes:
        """The sentence with MARK in the place of the name."""
        return f"{self.before}{MARK}{self.after}".encode()


def _on_one_line(text: str) -> str:
    for space in _SPACES:
        text = text.replace(space, " ")
    return _SEVERAL.sub(" ", text) if "  " in text else text


def _stops(text: str) -> Iterator[tuple[int, int]]:
    """Where each full stop stands that ends a sentence, and where the text behind it starts."""
    places = (found.span() for found in _STOP.finditer(text))
    return ((start, end) for start, end in places if _is_stop(text, start, end))


def _is_stop(text: str, start: int, end: int) -> bool:
    """Whether a full stop there ends a sentence: it does after no abbreviation, and before a capital or a bracket."""
    if text[start] != "." and text[start] not in "!?":
        return True
    following = text[end : end + 1]
    if following.islower() or (text[start] == "." and _NO_STOP.search(text, max(0, start - 6), start)):
        return False
    return not following or following in _OPENING or following.isalnum()


class Disambiguator:
    """The compiled disambiguation rules of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        self._software = _Words(ruleset.context.software)
        self._learning = _Words(ruleset.context.learning)
        self._usage = _search(ruleset.context.usage)
        self._person = _search(ruleset.context.person)
        self._entry_start = re2.compile(f"(?m){ruleset.section.entry_start}".encode())
        self._entry_holds = re2.compile(ruleset.section.entry_holds.encode())
        self._entry_alone = _search(ruleset.section.entry_alone)
        self._frameworks = {rules.id: _Expressions(rules) for rules in ruleset.framework}

    def holds(self, rule: NameRule, around: Surroundings) -> bool:
        """Return whether the candidate is the framework of `rule` here."""
        expressions = self._frameworks[rule.framework]
        if _MAILBOX.match(around.wide_after) or (rule.context is None and not _is_own_word(around)):
            return False
        if rule.spellings and any(_LETTER.match(letter) for letter in around.neighbours):
            return False
        # A citation's key is context and names nothing.
        is_in_key = around.wide_before.rfind(KEY_START) > around.wide_before.rfind(KEY_END)
        if is_in_key or is_part_of_code(around) or _is_counted_word(around):
            return False
        is_near = expressions.may_exclude and expressions.may_exclude.search(around.near[0])
        if is_near and _overlaps(expressions.excluded, around):
            return False
        return (
            rule.context is None or self.is_title(rule, around) or self._has_context(rule.context, expressions, around)
        )

    def is_title(self, rule: NameRule, around: Surroundings) -> bool:
        """Return whether the name stands within the title of the framework's own paper."""
        # A title starts with a capital: "by automatic differentiation in PyTorch" cites nothing.
        return _overlaps(self._frameworks[rule.framework].titles, around, is_capitalised=True)

    def is_entry(self, around: Surroundings) -> bool:
        """Return whether the name stands in an entry of a list of references, whose heading may be far away."""
        head = around.line_before
        started = f"{head}{around.spelling}".encode()
        line = started + around.line_after.encode()
        is_alone = self._entry_alone is not None and self._entry_alone.search(line)
        return bool(is_alone or (head and self._entry_start.search(started) and self._entry_holds.search(line)))

    def _has_context(self, context: ContextualName, expressions: "_Expressions", around: Surroundings) -> bool:
        own, against = expressions.cues[context.name, context.case]
        score = 2 if own and own.search(around.sentence.encode()) else 0
        is_person = self._person is not None and self._person.search(around.marked)
        if not score if context.needs == "own" else is_person:
            return False
        if not score and context.needs != "nothing" and self._usage and self._usage.search(around.marked):
            score = 2
        if against:
            # What speaks against it counts most in its own clause.
            score -= against.distinct(around.clause) + against.distinct(around.sentence)
        if score < _NEEDED[context.needs]:
            surroundings = f"{around.before} {MARK} {around.after}"
            score += 2 * self._software.distinct(surroundings) + self._learning.distinct(surroundings)
        return score >= _NEEDED[context.needs]


class _Expressions:
    """The expressions of one framework alone: of what it never is, of its papers' titles, of each name's own words."""

    def __init__(self, rules: FrameworkRules) -> None:
        self.excluded = _search(rules.not_)
        # To look ahead takes long: it is left for where the expressions hold without.
        self.may_exclude = _search(tuple(_AHEAD.sub("", each) for each in rules.not_))
        self.titles = re2.compile(f"(?i){'|'.join(rules.titles)}".encode()) if rules.titles else None
        self.cues = {
            (context.name, context.case): (_search(context.own), _Words(context.against) if context.against else None)
            for context in rules.contextual
        }


def _overlaps(
    expression: "re.Pattern[bytes] | re2._Regexp | None", around: Surroundings, *, is_capitalised: bool = False
) -> bool:
    if expression is None:
        return False
    text, first, last = around.near
    return any(
        found.start() < last
        and found.end() > first
        and not (is_capitalised and found.start() < first and found.group()[:1].islower())
        for found in expression.finditer(text)
    )


def _search(expressions: tuple[str, ...]) -> "re.Pattern[bytes] | re2._Regexp | None":
    """The expressions compiled by RE2, or by `re` where one of them looks ahead; null where there are none."""
    joined = "|".join(expressions).encode()
    return (re.compile(joined) if b"(?!" in joined else re2.compile(joined)) if joined else None


def _is_own_word(around: Surroundings) -> bool:
    """Whether the name is no part of another word: `PyTorch1.8`, `KerasTuner`, `my_pytorch`, but not `pytorchure`."""
    left, right = around.neighbours
    if left.isascii() and left.isalpha() and not (left.islower() and around.spelling[0].isupper()):
        return False
    if not (right.isascii() and right.isalpha()):
        return True
    return right.isupper() and not around.spelling.isupper()


def is_part_of_code(around: Surroundings) -> bool:
    """Whether the letters stand by chance in a video's id, a key or encoded bytes: in `B8T5xCRqKWE`, not in a name."""
    left, right = around.neighbours
    if not (_CODE_LETTER.match(left) or _CODE_LETTER.match(right)):
        return False
    head, tail = _CODE_BEFORE.search(around.wide_before), _CODE_AFTER.match(around.wide_after)
    # The ends of a short name count as well, since by chance it is spelled far more often than a long one.
    first, last = (around.spelling[0], around.spelling[-1]) if len(around.spelling) <= _CHANCE_LENGTH else ("", "")
    rest = f"{head[0] if head else ''}{first} {last}{tail[0] if tail else ''}"
    return len(_CODE_TURNS.findall(rest)) >= _CODE_LEAST_TURNS and any(letter.isdigit() for letter in rest)


def _is_counted_word(around: Surroundings) -> bool:
    """Whether its whole line is a word and a count, as in the vocabulary of a data set."""
    line = f"{around.line_before}{around.spelling}{around.line_after}"
    if not line.rstrip()[-1:].isdecimal() or not _COUNTED_WORD.fullmatch(line):
        return False
    above = around.wide_before.rpartition("\n")[0].rpartition("\n")[2]
    below = around.wide_after.partition("\n")[2].partition("\n")[0]
    return all(not near.strip() or _COUNTED_WORD.fullmatch(near) for near in (above, below))


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


UNDECIDED = "undecided"


class ContestedNames:
    """The compiled rules about contested names of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile the ruleset's expressions."""
        self._by_name = {name: _Contest(rules) for rules in ruleset.contested for name in rules.names}

    def settled(
        self, rules: list[NameRule], meant: dict[str, NameRule], around: Surroundings
    ) -> tuple[dict[str, NameRule], bool]:
        """Return the rules that stand once contested names are settled, and whether it stays undecided between them.

        `rules` are all that the spelling may stand for, `meant` those that hold by themselves.
        """
        claims = {
            rule.framework: rule
            for rule in rules
            if rule.context is not None and rule.context.name in self._by_name and rule.framework not in meant
        } | {name: rule for name, rule in meant.items() if rule.context and rule.context.name in self._by_name}
        if not claims or not (meant.keys() & claims.keys()):
            return meant, False
        name = next(iter(claims.values())).name
        verdict = self._by_name[name].verdict(around)
        if verdict is None:
            return meant, False
        others = {framework: rule for framework, rule in meant.items() if framework not in claims}
        if verdict == UNDECIDED:
            return (others, False) if others else (claims, True)
        return others | ({verdict: claims[verdict]} if verdict in claims else {}), False


class _Contest:
    def __init__(self, rules: Contested) -> None:
        self._cues = {
            kind: {claim.framework: re2.compile("|".join(getattr(claim, kind)).encode()) for claim in rules.claim}
            for kind in ("certain", "likely", "companions")
        }
        self._compound = re.compile(rules.compound)

    def verdict(self, around: Surroundings) -> str | None:
        """The framework that is meant, undecided, or null where nothing speaks for or against either."""
        text = f"{around.wide_before} {MARK} {around.wide_after}".encode()
        decided = self._spoken_for("certain", text)
        is_compound = not decided and bool(self._compound.match(around.wide_after))
        decided = decided or self._spoken_for("companions" if is_compound else "likely", text)
        if not decided and not is_compound:
            return None
        return decided[0] if len(decided) == 1 else UNDECIDED

    def _spoken_for(self, kind: str, text: bytes) -> list[str]:
        return [framework for framework, expression in self._cues[kind].items() if expression.search(text)]
