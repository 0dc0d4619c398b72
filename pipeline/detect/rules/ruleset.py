"""The detector's rules: validated data, named by its checksum, and frozen for each release.

`ruleset_id` changes with any rule and with `ENGINE_VERSION`, so that evidence of two rulesets never mixes. The rules of
a published release are one JSON file in `data/reference/rulesets`; `read_rulesets` brings all of them back, so history
can be scanned again under old and new rules.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import re2
from pydantic import Field

from pipeline.errors import BadInput
from pipeline.records.record import Closed
from pipeline.reference import read_frameworks
from pipeline.reference.frameworks import CodeRules, Framework, TextRules
from pipeline.reference.toml_file import Text, Words, read_toml, validated
from pipeline.storage import read_plain, write_whole

ENGINE_VERSION = 5
"""To be raised when the code reads the same rules in another way."""

SHARED_FOLDER = "detector"
FROZEN_FOLDER = "rulesets"

_SHARED_FILES = ("phrases", "context", "contested", "negation", "likeness", "sections", "role", "own_code")
_PHRASE = re.compile(r"<(\w+)>")
_QUIET = re2.Options()
_QUIET.log_errors = False
_ENGINES = tomllib.loads(Path(__file__).with_name("engines.toml").read_text("utf-8"))


class Cues(Closed):
    """Expressions for words that say a sentence is about software, or about learning systems."""

    software: Words
    learning: Words
    usage: Words = ()
    """Around a name (`…`): its use is stated, in any of the languages that are read."""
    person: Words = ()
    """Around a name (`…`): it is a person's, as in a list of authors."""


class Claim(Closed):
    """What speaks for one of the frameworks that share a name: expressions for the words around it."""

    framework: Text
    certain: Words
    """They decide."""
    likely: Words
    """They count where nothing decides."""
    companions: Words
    """They tell whose the project is in whose name the word stands."""


class Contested(Closed):
    """Names that several frameworks share, and what tells which of them is meant."""

    names: Words
    compound: Text
    """An expression after the name: it is part of a project's name, which tells nothing by itself."""
    claim: tuple[Claim, ...]


class Stances(Closed):
    """Expressions around a name (`…`) that turn a mention into a negated one or a likeness."""

    negated_before: Words
    negated_after: Words
    not_negated: Words
    counterfactual_after: Words
    likeness_before: Words
    likeness_after: Words
    not_likeness: Words = ()


class Sections(Closed):
    """Expressions for the list of references: its first line, the line that ends it, and an entry that stands alone."""

    words: Words
    bibliography: Text
    body: Text
    entry_start: Text
    entry_holds: Text
    entry_alone: Words = ()


class OwnCode(Closed):
    """Expressions for paths in a repository: copied code, files beside the models, and files that start a run."""

    copied: Words = ()
    aside: Words = ()
    entry: Words = ()


class RoleRank(Closed):
    """One role and the expressions around a name (`…`) that tell it; ranks are asked in their order."""

    role: Literal["used", "compared", "built-upon", "could-be-used"]
    holds: Words
    not_: Annotated[Words, Field(alias="not")] = ()
    """Where one of these holds too, the rank is passed over."""


class Roles(Closed):
    """Which role a sentence gives a framework that it names."""

    clause_end: Text
    rank: tuple[RoleRank, ...]


class FrameworkRules(TextRules, CodeRules):
    """Everything by which one framework is recognised in texts, dependency files and code."""

    id: Text
    repositories: Words = ()


class Ruleset(Closed):
    """All rules of one version; `ruleset_id` is `rules-` and the start of their checksum."""

    engine_version: int
    context: Cues
    stance: Stances
    section: Sections
    framework: tuple[FrameworkRules, ...]
    contested: tuple[Contested, ...] = ()
    own_code: OwnCode | None = None
    """Null in rules that were frozen before repositories' own frameworks were told."""
    role: Roles | None = None

    def canonical(self) -> bytes:
        """Return the rules as JSON in one fixed form; keys that an older ruleset did not have stay out of it."""
        content = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()

    @property
    def ruleset_id(self) -> str:
        """The name under which evidence of these rules is stored."""
        return "rules-" + sha256(self.canonical()).hexdigest()[:12]


def read_rules(reference_folder: Path) -> Ruleset:
    """Return today's rules: those of each framework's file with the shared phrases in `data/reference/detector`.

    Raises:
        BadInput: a file is missing, is no TOML, or has an unknown or missing key or an expression that is none.
    """
    folder = reference_folder / SHARED_FOLDER
    files = {name: read_toml(folder / f"{name}.toml") for name in _SHARED_FILES}
    phrases: dict[str, str] = {}
    for name, phrase in files["phrases"].items():  # it may hold those before it
        phrases[name] = f"(?:{_written_out(phrase, phrases)})"
    content = {
        "engine_version": ENGINE_VERSION,
        "context": files["context"],
        "stance": _written_out({**files["negation"], **files["likeness"]}, phrases),
        "section": _written_out(files["sections"], phrases),
        "contested": files["contested"].get("contested"),
        "own_code": files["own_code"],
        "role": _written_out(files["role"], phrases),
        "framework": [
            _rules_of(entry)
            for entry in read_frameworks(reference_folder)
            if entry.detector != TextRules() or entry.code != CodeRules()
        ],
    }
    ruleset = validated(folder, Ruleset, content)
    # Those that were released are known to compile, which takes long.
    if not (reference_folder / FROZEN_FOLDER / f"{ruleset.ruleset_id}.json").exists():
        for name, shared in files.items():
            _check(_written_out(shared, phrases), f"{folder / name}.toml,", ["re2"])
        for rules in ruleset.framework:
            _check(rules.model_dump(by_alias=True), f"{reference_folder / 'frameworks' / rules.id}.toml,")
    return ruleset


def freeze(ruleset: Ruleset, reference_folder: Path) -> Path:
    """Write the rules of a release to `rulesets/<id>.json` and return that path."""
    path = reference_folder / FROZEN_FOLDER / f"{ruleset.ruleset_id}.json"
    write_whole(path, ruleset.canonical())
    return path


def read_rulesets(reference_folder: Path) -> dict[str, Ruleset]:
    """Return every frozen ruleset and today's, by id.

    Raises:
        BadInput: a frozen file does not hold what its name says.
    """
    rulesets = {}
    for path in sorted((reference_folder / FROZEN_FOLDER).glob("*.json")):
        try:
            content = json.loads(read_plain(path))
        except (OSError, ValueError, RecursionError) as error:
            raise BadInput(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error
        ruleset = validated(path, Ruleset, content)
        if ruleset.ruleset_id != path.stem:
            raise BadInput(f"{path} was changed after it was frozen (to {ruleset.ruleset_id}); restore it from git.")
        rulesets[path.stem] = ruleset
    today = read_rules(reference_folder)
    return {**rulesets, today.ruleset_id: today}


def _written_out(value: object, phrases: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _PHRASE.sub(lambda found: phrases.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [_written_out(item, phrases) for item in value]
    return {key: _written_out(item, phrases) for key, item in value.items()} if isinstance(value, dict) else value


def _check(value: object, place: str, engines: Sequence[str] = ()) -> None:
    """Refuse the first expression that does not compile."""
    if isinstance(value, str):
        try:
            for engine in engines:
                is_plain = engine == "re2" or (engine == "either" and "(?!" not in value)
                re2.compile(value, _QUIET) if is_plain else re.compile(value)
        except (re.error, re2.error, OverflowError, RecursionError) as error:
            raise BadInput(f"{place}, {value:.60}, is no expression ({error}); mend it.") from error
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in inside:
        _check(item, f"{place} {key}", _ENGINES.get(str(key), engines))


def _rules_of(entry: Framework) -> FrameworkRules:
    on_indexes = (each.name for each in entry.packages if each.index == "pypi")
    return FrameworkRules(
        id=entry.id,
        repositories=tuple(each.name for each in entry.repositories if each.is_tracked),
        **entry.detector.model_dump(by_alias=True),
        **{**entry.code.model_dump(), "packages": tuple(dict.fromkeys((*entry.code.packages, *on_indexes)))},
    )
