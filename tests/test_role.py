"""The role of a mention: scored on sentences that were labelled twice before the rules ran, half of them unseen."""

from collections import Counter
from io import BytesIO

import pytest
from detector import REFERENCE, finder, inspector
from role_scores import ORDER, accuracy, labelled_roles, macro_f1, scores

LEAST_F1 = 0.85
LEAST_KAPPA = 0.8


@pytest.fixture(scope="module")
def labels():
    return labelled_roles()


def test_there_are_enough_sentences_and_they_fall_into_halves_by_their_checksum(labels):
    from hashlib import sha256

    texts = {label.text: label.half for label in labels}
    assert len(texts) >= 300
    for text, half in texts.items():
        assert half == ("held-out" if int(sha256(text.encode()).hexdigest(), 16) % 2 else "tuning")
    assert min(Counter(label.role for label in labels if label.half == "held-out").values()) >= 25


def test_the_two_readings_agree(labels):
    pairs = Counter((label.first, label.second) for label in labels)
    total = pairs.total()
    same = sum(count for (first, second), count in pairs.items() if first == second) / total
    by_chance = sum(
        sum(count for (first, _), count in pairs.items() if first == role)
        * sum(count for (_, second), count in pairs.items() if second == role)
        for role in ORDER
    ) / (total * total)
    assert (same - by_chance) / (1 - by_chance) >= LEAST_KAPPA


def test_roles_are_told_on_the_half_that_no_rule_was_tuned_on(labels):
    held_out = [label for label in labels if label.half == "held-out"]
    assert macro_f1(held_out) >= LEAST_F1
    assert accuracy(held_out) >= LEAST_F1
    for role, (precision, recall, _, _) in scores(held_out).items():
        assert min(precision, recall) >= 0.8, role


def test_the_stated_scores_are_those_that_come_out(labels):
    stated = (REFERENCE / "role_labels.md").read_text(encoding="utf-8")
    for half in ("tuning", "held-out"):
        of_half = [label for label in labels if label.half == half]
        for role, (precision, recall, f1, count) in scores(of_half).items():
            assert f"| {half} | {role} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {count} |" in stated
        assert f"{half}: macro F1 {macro_f1(of_half):.3f}, accuracy {accuracy(of_half):.3f}" in stated


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("We implemented the network in PyTorch.", "used"),
        ("Our runtime is twice as fast as PyTorch.", "compared"),
        ("Smith et al. built their model in PyTorch.", "built-upon"),
        ("The layer can also be used with PyTorch.", "could-be-used"),
        ("PyTorch records operations on tensors.", "named"),
    ],
)
def test_a_mention_carries_its_role_into_the_evidence(text, role):
    content = text.encode()
    (found,) = inspector().inspect("a.txt", len(content), lambda: BytesIO(content), is_asked=True).detections
    assert found.role == role


def test_what_is_denied_or_cited_has_no_role():
    text = "We do not use PyTorch.\n\nReferences\n[1] F. Chollet. Keras. 2015.\n"
    assert [mention.role for mention in finder().find(text)] == [None, None]
