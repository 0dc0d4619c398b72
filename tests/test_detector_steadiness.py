"""What the engine reads in the frozen rules stays the same to the letter, however it comes to be read faster."""

import json
import random
from dataclasses import astuple
from hashlib import sha256

from detector import REFERENCE, SNIPPETS, finder

from pipeline.detect.rules.ruleset import read_rulesets
from pipeline.detect.text.mentions import MentionFinder
from pipeline.detect.text.negation import RoleReader

FROZEN = "rules-573e729d8a19"
JOINTS = (
    "\n",
    " ",
    "\n\n",
    " \n \r\n",
    ". ",
    "; ",
    "-\n",
    "(",
    "\u00a0",
    "…",
    " \ue000",
    "\ue001 ",
    "\tﬁ ",
    "; but ",
    ", and ",
)
"""Stand between snippets: what ends a sentence, what does not, and letters that the rules themselves use."""


def joined_texts(count: int) -> list[str]:
    """Labelled snippets run together in all kinds of ways, some cut anywhere; the same at every call."""
    generator = random.Random(5)
    files = (SNIPPETS / name for name in ("held_out.jsonl", "held_out_later.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    snippets = [json.loads(line)["text"] for line in lines]
    texts = []
    for _ in range(count):
        parts = generator.choices(snippets, k=60)
        cut = [part[generator.randrange(len(part)) :] if generator.random() < 0.3 else part for part in parts]
        texts.append("".join(part + generator.choice(JOINTS) for part in cut))
    return texts


def test_every_mention_with_its_place_stance_and_role_is_what_the_engine_of_the_frozen_rules_gave():
    finder = MentionFinder(read_rulesets(REFERENCE)[FROZEN])
    digest, count = sha256(), 0
    for text in joined_texts(24):
        for mention in finder.find(text):
            digest.update(repr(astuple(mention)).encode())
            count += 1
    assert (count, digest.hexdigest()[:16]) == (945, "24e7db915bf82401")


def test_the_loose_forms_of_roles_pass_over_nothing_that_their_own_expressions_find():
    rules = read_rulesets(REFERENCE)[FROZEN]
    reader = RoleReader(rules)
    sentences = [
        f"{text[max(0, place.start - 200) : place.start]}…{text[place.end : place.end + 120]}".encode()
        for text in joined_texts(6)
        for place in finder().find(text)
    ]
    held = [
        {index for index, (_, expression) in enumerate(reader._holds) if expression.search(sentence)}
        for sentence in sentences
    ]
    assert sum(map(len, held)) > 100
    assert all(found <= set(reader._loose.search(text)) for found, text in zip(held, sentences, strict=True))
