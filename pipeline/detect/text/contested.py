"""Names that two frameworks share: which one is meant, by the words around, or that it cannot be told."""

import re

import re2

from pipeline.detect.rules.matcher import NameRule
from pipeline.detect.rules.ruleset import Contested, Ruleset
from pipeline.detect.text.disambiguation import MARK, Surroundings

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
