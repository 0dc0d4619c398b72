"""Answers to the questions that people argue about, by framework and mode.

The machine measured last speaks; another machine, named as such, where this one measured nothing. What is told of a
view row by row stands in `sentences.txt`, a macro under the view's name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import pandas as pd

from pipeline.claims.claim import View
from pipeline.claims.wording import Row, count, in_unit, is_known, ratio, ratio_tally_of, tallied
from pipeline.report.footnotes import path_remarks
from pipeline.report.template import environment

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
    sentences = environment(titles).overlay(autoescape=False).get_template("sentences.txt").module
    # Lines of code say little of ease: they are told beside a survey only.
    is_asked = view("framework_ease")["wants_to_go_on_share"].notna().any()

    def told(name: str) -> list[str]:
        return [str(getattr(sentences, name)(row)) for row in view(name).itertuples()]

    return {
        "Does compiling pay?": [_speedup(row, titles) for row in speedups[speedups["device"] == _CPU].itertuples()],
        "Small models": _kind(kinds, "small models", titles),
        "Mathematics on the CPU": [*_kind(kinds, "CPU maths", titles), *path_remarks(view("blas_paths"), titles)],
        "Memory of the same training": list(_memory(view("training_memory"), titles)),
        "A small language model": _kind(kinds, "language model", titles),
        "ResNet-50 inference": _kind(kinds, "ResNet-50 inference", titles),
        _GPU: [
            *_beside(kinds, lambda row, titles: f"{row.kind}: {_compared(row, titles)}", titles),
            *_beside(speedups, _speedup, titles),
        ],
        "Is the accuracy the same?": [*told("accuracy_equivalence"), *told("accuracy_differences")],
        "What does it cost to ship?": told("deployed_models"),
        "How does it answer as a server?": told("served_models"),
        "How much is there to write, and to wait for?": told("framework_ease") if is_asked else [],
        "Do two processes train faster?": [_shared(row, titles) for row in view("several_processes").itertuples()],
        "What do layers and an optimiser cost?": [_written(row, titles) for row in view("idioms").itertuples()],
        "Does loading keep up with training?": [_loading(row, titles) for row in view("loader_headroom").itertuples()],
    }


def _name(row: Row, titles: Titles) -> str:
    return str(titles.get(row.framework, row.framework))


def _speedup(row: Row, titles: Titles) -> str:
    parts = tallied({"quicker": row.quicker_count, "slower": row.slower_count, "neither surely": row.undecided_count})
    name = f"{_name(row, titles)}, {row.mode}"
    if not is_known(row.median_speedup):
        return f"{name}: stable in both modes in none of {count(row.cases_count)} cases."
    if row.cases_count == 1:
        return f"{name}: {ratio(row.median_speedup)} times as fast as eager in one case."
    return (
        f"{name}: {parts} of {count(row.cases_count)} cases; {ratio(row.least_speedup)} to "
        f"{ratio(row.greatest_speedup)} times as fast as eager, {ratio(row.median_speedup)} in the median."
    )


def _kind(kinds: pd.DataFrame, kind: str, titles: Titles) -> list[str]:
    of_kind = kinds[(kinds["kind"] == kind) & (kinds["device"] == _CPU)]
    return [_compared(row, titles) for row in of_kind.itertuples()]


def _beside(frame: pd.DataFrame, told: Callable[[Row, Titles], str], titles: Titles) -> Iterator[str]:
    """Yield a sentence for each row of a device beside the processor, the device first."""
    for row in frame[frame["device"] != _CPU].itertuples():
        yield f"{row.device}, {told(row, titles)}"


def _compared(row: Row, titles: Titles) -> str:
    reference = titles.get(row.reference_framework, row.reference_framework)
    took = ""
    if is_known(row.least_ratio):
        span = " to ".join(dict.fromkeys((ratio(row.least_ratio), ratio(row.greatest_ratio))))
        took = f"; {span} times {reference}’s step time"
    tally = f"{ratio_tally_of(row)} of {count(row.cases_count)} against {reference}"
    return f"{_name(row, titles)}, {row.mode}: {tally}{took}."


def _memory(frame: pd.DataFrame, titles: Titles) -> Iterator[str]:
    for row in frame.sort_values("peak_bytes", kind="stable").itertuples():
        parts = f"{in_unit(row.import_bytes, 'byte')} after the import, {in_unit(row.above_import_bytes, 'byte')} above"
        policy = "" if row.policy == "as it comes" else f", {row.policy}"
        yield f"{_name(row, titles)}, {row.mode}{policy}: {in_unit(row.peak_bytes, 'byte')} at the peak ({parts})."


def _shared(row: Row, titles: Titles) -> str:
    name = f"{_name(row, titles)}, {row.mode}, {row.network}"
    if row.outcome != "measured":
        return f"{name}: {row.outcome} ({row.message})."
    span = f"{ratio(row.speedup_lowest)} to {ratio(row.speedup_highest)}"
    alone, overhead = in_unit(row.one_process_seconds, "s"), in_unit(row.overhead_seconds, "s")
    return (
        f"{name}: two processes take a step {ratio(row.speedup_ratio)} times as fast as one ({span}), which takes "
        f"{alone}; {overhead} more than half of that."
    )


def _written(row: Row, titles: Titles) -> str:
    name = f"{_name(row, titles)}, {row.mode}, {row.network}{'' if row.device == _CPU else f', {row.device}'}"
    if row.outcome != "measured":
        return f"{name}: {row.outcome} ({row.message})."
    written, plain = in_unit(row.layers_seconds, "s"), in_unit(row.operations_seconds, "s")
    span = f"{ratio(row.ratio_lowest)} to {ratio(row.ratio_highest)}"
    return f"{name}: {ratio(row.ratio)} times plain operations ({span}): {written} a step against {plain}."


def _loading(row: Row, titles: Titles) -> str:
    prepared = f"{_name(row, titles)}, {row.loading_mode}: {in_unit(row.loading_rate, 'images a second')} prepared"
    if not is_known(row.headroom_ratio):
        return f"{prepared}; its training of the same images was not measured."
    return (
        f"{prepared}, {in_unit(row.training_rate, 'images a second')} trained on ({row.training_mode}): "
        f"{ratio(row.headroom_ratio)} times what training takes."
    )
