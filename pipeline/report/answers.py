"""Answers to the questions that people argue about, by framework and mode.

The machine measured last speaks; another machine, named as such, where this one measured nothing. What is told of a
row of a view stands in `sentences.txt`, a macro under the view's name.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from pipeline.claims.claim import View
from pipeline.report.template import sentences

REMEDY: Final = "Not measured on this machine yet: run `observatory bench --full`."
_GPU: Final = "On a GPU"
_REMEDIES: Final = {_GPU: "Not measured on this machine: `observatory bench` measures every GPU that a framework sees."}
_CPU: Final = "cpu"
Titles = Mapping[str, str]


def answers_of(view: View, titles: Titles, elsewhere: Iterable[tuple[str, View]] = ()) -> dict[str, list[str]]:
    """Return each question with the sentences that the views give; one without any says what would measure it.

    `elsewhere` names other machines with their views: the first that has an answer stands in for this one.
    """
    answers = _answers(view, titles)
    for place, of_machine in elsewhere:
        for question, told in _answers(of_machine, titles).items():
            if told and not answers[question]:
                answers[question] = [f"{_REMEDIES.get(question, REMEDY)} On another machine ({place}):", *told]
    return {question: lines or [_REMEDIES.get(question, REMEDY)] for question, lines in answers.items()}


def _answers(view: View, titles: Titles) -> dict[str, list[str]]:
    kinds, speedups = view("performance_by_kind"), view("mode_speedups")
    memory, paths = view("training_memory"), view("blas_paths")
    macros = sentences(titles)
    # Lines of code say little of ease: they are told beside a survey only.
    is_asked = view("framework_ease")["wants_to_go_on_share"].notna().any()

    def told(name: str, rows: pd.DataFrame | None = None) -> list[str]:
        chosen = view(name) if rows is None else rows
        return [str(getattr(macros, name)(row)) for row in chosen.itertuples()]

    def of_kind(kind: str) -> list[str]:
        return told("performance_by_kind", kinds[(kinds["kind"] == kind) & (kinds["device"] == _CPU)])

    return {
        "Does compiling pay?": told("mode_speedups", speedups[speedups["device"] == _CPU]),
        "Do further settings pay?": told("further_modes"),
        "Small models": of_kind("small models"),
        "Mathematics on the CPU": [
            *of_kind("CPU maths"),
            *(f"{line}." for line in told("blas_paths", paths[paths["remark"].notna()])),
        ],
        "Memory of the same training": told("training_memory", memory.sort_values("peak_bytes", kind="stable")),
        "A small language model": of_kind("language model"),
        "ResNet-50 inference": of_kind("ResNet-50 inference"),
        _GPU: [
            *told("performance_by_kind", kinds[kinds["device"] != _CPU]),
            *told("mode_speedups", speedups[speedups["device"] != _CPU]),
        ],
        "Is the accuracy the same?": [*told("accuracy_equivalence"), *told("accuracy_differences")],
        "What does it cost to ship?": told("deployed_models"),
        "How does it answer as a server?": told("served_models"),
        "How much is there to write, and to wait for?": told("framework_ease") if is_asked else [],
        "Do two processes train faster?": told("several_processes"),
        "What do layers and an optimiser cost?": told("idioms"),
        "What do shapes that change cost?": told("changing_shapes"),
        "Does loading keep up with training?": told("loader_headroom"),
    }
