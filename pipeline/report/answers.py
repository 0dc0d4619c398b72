"""Answers to the questions that people argue about, by framework and mode.

The machine measured last speaks; another machine, named as such, where this one measured nothing. Which rows answer a
question stands in `answers.toml`, what is told of a row in `sentences.txt`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.claims.claim import View
from pipeline.reference.toml_file import read_toml
from pipeline.report.template import sentences

REMEDY: Final = "Not measured on this machine yet: run `observatory bench`."
_FILE: Final[dict[str, Any]] = read_toml(Path(__file__).with_suffix(".toml"))
_REMEDIES: Final = {each["title"]: each.get("remedy", REMEDY) for each in _FILE["question"]}
Titles = Mapping[str, str]


def answers_of(view: View, titles: Titles, elsewhere: Iterable[tuple[str, View]] = ()) -> dict[str, list[str]]:
    """Return each question with the sentences that the views give; one without any says what would measure it.

    `elsewhere` names other machines with their views: the first that has an answer stands in for this one.
    """
    answers = _answers(view, titles)
    for place, of_machine in elsewhere:
        for question, told in _answers(of_machine, titles).items():
            if told and not answers[question]:
                answers[question] = [f"{_REMEDIES[question]} On another machine ({place}):", *told]
    return {question: lines or [_REMEDIES[question]] for question, lines in answers.items()}


def _answers(view: View, titles: Titles) -> dict[str, list[str]]:
    macros = sentences(titles)
    return {
        each["title"]: [line for part in each["told"] for line in _told(view, macros, part)]
        for each in _FILE["question"]
    }


def _told(view: View, macros: Any, part: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401 — a module of macros
    rows = view(part["view"])
    if "if_any" in part and rows[part["if_any"]].isna().all():
        return
    for column, wanted in part.get("where", {}).items():
        rows = rows[rows[column] == wanted]
    for column, others in part.get("unless", {}).items():
        rows = rows[rows[column] != others]
    if "known" in part:
        rows = rows[rows[part["known"]].notna()]
    if "order_by" in part:
        rows = rows.sort_values(part["order_by"], kind="stable")
    tell = getattr(macros, part.get("macro", part["view"]))
    yield from (str(tell(row)) for row in rows.itertuples())
