"""Rules as versioned data: an id for each version, frozen versions that cannot be changed unseen."""

import json
import shutil

import pytest
from detector import REFERENCE, rules

from pipeline.detect.rules.ruleset import freeze, read_rules, read_rulesets
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
