"""The detector's rules: validated data, named by its checksum, and frozen when published figures rest on it.

`ruleset_id` changes with any rule and with `ENGINE_VERSION`, so that evidence of two rulesets never mixes. A frozen
ruleset is one JSON file in `data/reference/rulesets`; `read_rulesets` brings all of them back, so history can be
scanned again under old and new rules.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import BadInput

ENGINE_VERSION = 3
"""To be raised when the code reads the same rules in another way."""

RULES_FILE = "detector_rules.toml"
FROZEN_FOLDER = "rulesets"

_LATER_KEYS = (("stance", "not_likeness"), ("section", "entry_alone"))
_PHRASED = ("stance", "section")
_PHRASE = re.compile(r"<(\w+)>")

Text = Annotated[str, Field(min_length=1)]
Words = tuple[Text, ...]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cues(_Closed):
    """Expressions for words that say a sentence is about software, or about learning systems."""

    software: Words
    learning: Words


class Stances(_Closed):
    """Expressions around a name (`…`) that turn a mention into a negated one or a likeness."""

    negated_before: Words
    negated_after: Words
    not_negated: Words
    counterfactual_after: Words
    likeness_before: Words
    likeness_after: Words
    not_likeness: Words = ()


class Sections(_Closed):
    """Expressions for the list of references: its first line, the line that ends it, and an entry that stands alone."""

    words: Words
    bibliography: Text
    body: Text
    entry_start: Text
    entry_holds: Text
    entry_alone: Words = ()


class ContextualName(_Closed):
    """A word that means other things too, and what must stand beside it."""

    name: Text
    case: Literal["exact", "any"]
    needs: Literal["nothing", "learning", "software", "own"]
    own: Words = ()
    against: Words = ()
    implied: bool = False


class FrameworkRules(_Closed):
    """Everything that tells one framework in texts, dependency files and code."""

    id: Text
    names: Words = ()
    cased: Words = ()
    contextual: tuple[ContextualName, ...] = ()
    patterns: Words = ()
    implied_by: Words = ()
    implied_patterns: Words = ()
    not_: Annotated[Words, Field(alias="not")] = ()
    titles: Words = ()
    repositories: Words = ()
    packages: Words = ()
    import_roots: Words = ()
    implied_packages: Words = ()
    implied_import_roots: Words = ()
    lua_modules: Words = ()
    r_packages: Words = ()
    headers: Words = ()


class Ruleset(_Closed):
    """All rules of one version; `ruleset_id` is `rules-` and the start of their checksum."""

    engine_version: int
    context: Cues
    stance: Stances
    section: Sections
    framework: tuple[FrameworkRules, ...]

    def canonical(self) -> bytes:
        """Return the rules as JSON in one fixed form."""
        content = self.model_dump(mode="json", by_alias=True)
        for table, key in _LATER_KEYS:
            # Rules frozen before the key was thought of keep their checksum.
            if not content[table][key]:
                del content[table][key]
        return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()

    @property
    def ruleset_id(self) -> str:
        """The name under which evidence of these rules is stored."""
        return "rules-" + sha256(self.canonical()).hexdigest()[:12]


def read_rules(reference_folder: Path) -> Ruleset:
    """Return today's rules: `detector_rules.toml` with the repositories and packages of `frameworks.toml`.

    Raises:
        BadInput: a file is missing, is no TOML, has an unknown or missing key, or names an unknown framework.
    """
    rules = _with_phrases(_toml(reference_folder / RULES_FILE))
    known = {str(entry["id"]): entry for entry in _list(_toml(reference_folder / "frameworks.toml"), "framework")}
    entries = []
    for entry in _list(rules, "framework"):
        framework = known.get(str(entry.get("id")))
        if framework is None:
            raise BadInput(
                f"{RULES_FILE} names the framework {entry.get('id')}, which frameworks.toml lacks; add it there."
            )
        entries.append(_with_addresses(entry, framework))
    return _validated(RULES_FILE, {**rules, "framework": entries, "engine_version": ENGINE_VERSION})


def freeze(ruleset: Ruleset, reference_folder: Path) -> Path:
    """Write the ruleset to `rulesets/<id>.json` unless it is there already, and return that path."""
    path = reference_folder / FROZEN_FOLDER / f"{ruleset.ruleset_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ruleset.canonical())
    return path


def read_rulesets(reference_folder: Path) -> dict[str, Ruleset]:
    """Return every frozen ruleset and today's, by id.

    Raises:
        BadInput: a frozen file does not hold what its name says.
    """
    rulesets = {}
    for path in sorted((reference_folder / FROZEN_FOLDER).glob("*.json")):
        ruleset = _validated(path.name, _json(path))
        if ruleset.ruleset_id != path.stem:
            raise BadInput(
                f"{path} was changed after it was frozen (it is {ruleset.ruleset_id} now); restore it from git."
            )
        rulesets[path.stem] = ruleset
    today = read_rules(reference_folder)
    return {**rulesets, today.ruleset_id: today}


def _with_phrases(rules: dict[str, object]) -> dict[str, object]:
    """The rules with every `<name>` in their stances and sections replaced by the phrase of that name."""
    given = rules.get("phrases")
    phrases: dict[str, str] = {}
    for name, phrase in (given if isinstance(given, dict) else dict[str, str]()).items():
        # A phrase may hold those before it.
        phrases[name] = f"(?:{_written_out(phrase, phrases)})"
    return {
        key: _written_out(value, phrases) if key in _PHRASED else value
        for key, value in rules.items()
        if key != "phrases"
    }


def _written_out(value: object, phrases: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _PHRASE.sub(lambda found: phrases.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [_written_out(item, phrases) for item in value]
    if isinstance(value, dict):
        written: dict[str, object] = {key: _written_out(item, phrases) for key, item in value.items()}
        return written
    return value


def _with_addresses(entry: dict[str, object], framework: Mapping[str, object]) -> dict[str, object]:
    packages = dict.fromkeys([*_texts(entry, "packages"), *_texts(framework, "packages")])
    return {**entry, "packages": list(packages), "repositories": _texts(framework, "repositories")}


def _texts(entry: Mapping[str, object], key: str) -> list[str]:
    value = entry.get(key, [])
    return [str(item) for item in value] if isinstance(value, list) else []


def _validated(name: str, content: object) -> Ruleset:
    try:
        return Ruleset.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{name}, {where}: {first['msg']}; mend the entry.") from error


def _list(content: Mapping[str, object], key: str) -> list[dict[str, object]]:
    value = content.get(key)
    if not isinstance(value, list):
        raise BadInput(f"The rules have no [[{key}]] entries; restore them from git.")
    return value


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__}); restore it from git.") from error
