"""Rules as versioned data: an id for each version, frozen versions that cannot be changed unseen."""

import json
import shutil

import pytest
from detector import REFERENCE, rules

from pipeline.detect.rules.ruleset import FROZEN_FOLDER, RULES_FILE, freeze, read_rules, read_rulesets
from pipeline.detect.text.mentions import MentionFinder
from pipeline.errors import BadInput


@pytest.fixture
def reference(tmp_path):
    for name in (RULES_FILE, "frameworks.toml"):
        shutil.copy(REFERENCE / name, tmp_path / name)
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_rules_have_the_same_id(reference):
    assert read_rules(reference).ruleset_id == rules().ruleset_id


def test_any_change_makes_another_ruleset(reference):
    edit(reference / RULES_FILE, '"MindSpore"', '"MindSpore", "MindSpore Lite"')
    assert read_rules(reference).ruleset_id != rules().ruleset_id


def test_a_frozen_ruleset_finds_what_it_always_found(reference):
    old = read_rules(reference)
    freeze(old, reference)
    edit(reference / RULES_FILE, 'names = ["tinygrad"]', 'names = ["smallgrad"]')
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


def test_rules_for_an_unknown_framework_are_refused(reference):
    edit(reference / RULES_FILE, 'id = "tinygrad"', 'id = "tinygrads"')
    with pytest.raises(BadInput, match="tinygrads"):
        read_rules(reference)


def test_a_misspelt_key_is_refused(reference):
    edit(reference / RULES_FILE, "implied_by = [", "implies = [")
    with pytest.raises(BadInput, match="implies"):
        read_rules(reference)


def test_published_rules_are_frozen():
    assert (REFERENCE / FROZEN_FOLDER / f"{rules().ruleset_id}.json").is_file(), "run `observatory scan --freeze`"


def test_a_phrase_is_written_out_wherever_it_is_named(reference):
    edit(reference / RULES_FILE, "dropped = '(?:removed|", "dropped = '(?:mothballed|removed|")
    changed = read_rules(reference)
    assert "<dropped>" not in changed.canonical().decode()
    (mention,) = MentionFinder(changed).find("PyTorch support was mothballed.")
    assert mention.stance == "negated"
    (before,) = MentionFinder(rules()).find("PyTorch support was mothballed.")
    assert before.stance == "plain"
