"""Scores of the role that the rules give a mention, against sentences that were labelled before the rules ran."""

import json
from collections import Counter
from dataclasses import dataclass

from detector import REFERENCE, finder

LABELS = REFERENCE / "role_labels.jsonl"
ORDER = ("used", "compared", "built-upon", "could-be-used", "named")


@dataclass(frozen=True)
class LabelledRole:
    """One framework in one sentence; its roles at the first and second reading and as settled."""

    half: str
    text: str
    framework: str
    first: str
    second: str
    role: str


def labelled_roles() -> list[LabelledRole]:
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [
        LabelledRole(row["half"], row["text"], name, row["first"][name], row["second"][name], role)
        for row in rows
        for name, role in row["roles"].items()
    ]


def found_role(labelled: LabelledRole) -> str:
    """The strongest role of the framework in the sentence; `missed` where the rules do not find it as plainly named."""
    found = {item.role for item in finder().find(labelled.text) if item.framework == labelled.framework}
    return next((role for role in ORDER if role in found), "missed")


def scores(labels: list[LabelledRole]) -> dict[str, tuple[float, float, float, int]]:
    """Precision, recall, F1 and the number of labels of each role."""
    pairs = Counter((labelled.role, found_role(labelled)) for labelled in labels)
    result = {}
    for role in ORDER:
        right = pairs[role, role]
        said = sum(count for (_, found), count in pairs.items() if found == role)
        true = sum(count for (labelled, _), count in pairs.items() if labelled == role)
        result[role] = (right / max(said, 1), right / true, 2 * right / (said + true), true)
    return result


def macro_f1(labels: list[LabelledRole]) -> float:
    return sum(f1 for _, _, f1, _ in scores(labels).values()) / len(ORDER)


def accuracy(labels: list[LabelledRole]) -> float:
    return sum(found_role(labelled) == labelled.role for labelled in labels) / len(labels)
