"""Rules as versioned data: an id for each version, frozen versions that cannot be changed unseen."""

import copy
import json
import re
import shutil
from functools import reduce
from operator import getitem

import pytest
import re2
from detector import REFERENCE, rules
from pydantic import ValidationError

from pipeline.detect.code.own_framework import FileUse, own_frameworks
from pipeline.detect.files.inspection import Inspector
from pipeline.detect.rules.ruleset import Ruleset, _check, freeze, read_rules, read_rulesets
from pipeline.detect.text.mentions import MentionFinder
from pipeline.errors import BadInput


@pytest.fixture
def reference(tmp_path):
    for name in ("frameworks", "detector"):
        shutil.copytree(REFERENCE / name, tmp_path / name)
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_rules_have_the_same_id(reference):
    assert read_rules(reference).ruleset_id == rules().ruleset_id


def test_any_change_makes_another_ruleset(reference):
    edit(reference / "frameworks" / "mindspore.toml", 'names = ["MindSpore"', 'names = ["MindSpore Lite", "MindSpore"')
    assert read_rules(reference).ruleset_id != rules().ruleset_id


def test_a_frozen_ruleset_finds_what_it_always_found(reference):
    old = read_rules(reference)
    freeze(old, reference)
    edit(reference / "frameworks" / "tinygrad.toml", 'names = ["tinygrad"]', 'names = ["smallgrad"]')
    rulesets = read_rulesets(reference)
    assert set(rulesets) == {old.ruleset_id, read_rules(reference).ruleset_id}
    found = {
        ruleset_id: [item.framework for item in MentionFinder(ruleset).find("A port to tinygrad is small.")]
        for ruleset_id, ruleset in rulesets.items()
    }
    assert found == {old.ruleset_id: ["tinygrad"], read_rules(reference).ruleset_id: []}


def test_a_frozen_ruleset_that_was_edited_is_refused(reference):
    path = freeze(read_rules(reference), reference)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["framework"][0]["names"].append("Torchy")
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadInput, match="changed after it was frozen"):
        read_rulesets(reference)


def test_rules_in_a_file_of_another_name_are_refused(reference):
    edit(reference / "frameworks" / "tinygrad.toml", 'id = "tinygrad"', 'id = "tinygrads"')
    with pytest.raises(BadInput, match=r"tinygrad\.toml, id: it is 'tinygrads'; name the file after it"):
        read_rules(reference)


def test_a_misspelt_key_is_refused(reference):
    edit(reference / "frameworks" / "pytorch.toml", "implied_by = [", "implies = [")
    with pytest.raises(BadInput, match=r"pytorch\.toml, detector\.implies"):
        read_rules(reference)


@pytest.mark.parametrize(
    ("edited", "told"),
    [
        (("frameworks/keras.toml", r"'\btf\.keras\b'", r"'\btf\.keras(\b'"), r"patterns 5, \btf\.keras(\b, is no "),
        (("frameworks/keras.toml", r"'\btf\.keras\b'", r"'\btf\.keras(?!x)\b'"), "patterns 5"),
        (("frameworks/keras.toml", r"'\bKeras,? et al\b'", "'a{1001}'"), "not 1, a{1001}, is no "),
        (("detector/contested.toml", r"'\bPaszke\b'", "'*'"), "contested 0 claim 0 certain 0, *, is no "),
        (("detector/phrases.toml", "kind = '(?:", "kind = '(?:("), "kind, (?:(frameworks?"),
        (("detector/own_code.toml", "copied = [", "copied = [ '[',"), "copied 0, [, is no expression (unterminated"),
    ],
)
def test_an_expression_that_is_none_is_named_with_its_file_and_the_reason(reference, edited, told, capfd):
    file, *change = edited
    edit(reference / file, *change)
    with pytest.raises(BadInput) as refused:
        read_rules(reference)
    assert str(refused.value).startswith(f"{reference / file}, {told}")
    assert str(refused.value).endswith("; mend it.")
    assert capfd.readouterr() == ("", "")


def places_of(value, place=()):
    if isinstance(value, str):
        yield place
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places_of(item, (*place, key))


@pytest.mark.slow
def test_what_is_looked_at_beforehand_is_what_is_compiled(capfd):
    """An open bracket under each key of the rules, one at a time: whatever then fails to compile is refused before."""
    whole = json.loads(rules().canonical())
    frameworks = ("caffe", "keras", "torch7")
    whole["framework"] = [each for each in whole["framework"] if each["id"] in frameworks]
    broken = {tuple(key for key in place if isinstance(key, str)): place for place in places_of(whole)}
    told = {}
    for keys, place in broken.items():
        content = copy.deepcopy(whole)
        *above, last = place
        reduce(getitem, above, content)[last] = "("
        try:
            ruleset = Ruleset.model_validate(content)
        except ValidationError:
            continue  # a role or a kind of cue
        try:
            Inspector(ruleset)
            own_frameworks([FileUse("a.py", "keras", "model", "?", "line 1")], ruleset)
        except (re.error, re2.error):
            told[keys] = True
        else:
            told[keys] = False
        shared = keys[0] != "framework"
        try:
            _check(content[keys[0]], "", ["re2"] if shared else [])
        except BadInput:
            assert told.pop(keys), keys
        else:
            assert not told.pop(keys), keys
    assert len(broken) > 40


def test_a_shared_file_that_is_missing_is_named(reference):
    (reference / "detector" / "negation.toml").unlink()
    with pytest.raises(BadInput, match=r"negation\.toml is missing or cannot be read; restore it from git"):
        read_rules(reference)


def test_the_rules_of_the_last_release_can_be_read_beside_todays():
    released = read_rulesets(REFERENCE)
    assert rules().ruleset_id in released
    for ruleset in released.values():
        assert [item.framework for item in MentionFinder(ruleset).find("We train in PyTorch.")] == ["pytorch"]


def test_a_phrase_is_written_out_wherever_it_is_named(reference):
    edit(reference / "detector" / "phrases.toml", "dropped = '(?:removed|", "dropped = '(?:mothballed|removed|")
    changed = read_rules(reference)
    assert "<dropped>" not in changed.canonical().decode()
    (mention,) = MentionFinder(changed).find("PyTorch support was mothballed.")
    assert mention.negation == "negated"
    (before,) = MentionFinder(rules()).find("PyTorch support was mothballed.")
    assert before.negation == "plain"
