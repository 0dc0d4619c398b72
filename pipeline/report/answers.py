"""Answers to the questions that people argue about, by framework and mode.

The machine measured last speaks; another machine, named as such, where this one measured nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import pandas as pd

from pipeline.claims.claim import View
from pipeline.claims.wording import Row, count, in_unit, interval, is_known, percent, ratio, ratio_tally_of, tallied
from pipeline.report.footnotes import path_remarks

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
        "Is the accuracy the same?": [
            *(_accuracy(row) for row in view("accuracy_equivalence").itertuples()),
            *(_differing(row, titles) for row in view("accuracy_differences").itertuples()),
        ],
        "What does it cost to ship?": [_shipped(row, titles) for row in view("deployed_models").itertuples()],
        "How does it answer as a server?": [_served(row, titles) for row in view("served_models").itertuples()],
        "How much is there to write, and to wait for?": _eased(view("framework_ease"), titles),
        "Do two processes train faster?": [_shared(row, titles) for row in view("several_processes").itertuples()],
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


def _accuracy(row: Row) -> str:
    span = f"{percent(row.lowest_accuracy)} to {percent(row.highest_accuracy)}"
    return (
        f"From the same weights {count(row.variants_count)} frameworks and modes end at {span}. From one start they "
        f"differ by {percent(row.widest_difference)} at most, of {count(row.starts_count)} starts. What was trained: "
        f"{row.workload}."
    )


def _differing(row: Row, titles: Titles) -> str:
    told = (
        f"{_name(row, titles)}, {row.mode}: {percent(row.accuracy)} ({interval(row.accuracy_low, row.accuracy_high)})"
    )
    if row.verdict in {"reference", "not comparable"}:
        return f"{told}, {row.verdict}."
    low, high, margin = (100 * each for each in (row.difference_low, row.difference_high, row.margin))
    return f"{told}, {low:+.1f} to {high:+.1f} points beside the reference: {row.verdict} by a margin of {margin:.0f}."


def _shipped(row: Row, titles: Titles) -> str:
    name = f"{_name(row, titles)}, {row.network} as {row.format}"
    if row.outcome != "measured":
        return f"{name}: {row.outcome} ({row.message})."
    p50, p95, p99 = (in_unit(getattr(row, f"latency_p{each}_seconds"), "s") for each in (50, 95, 99))
    size, load = in_unit(row.size_bytes, "byte"), in_unit(row.load_seconds, "s")
    changed = f"; {percent(row.changed_answers_fraction)} of the answers changed" if "int8" in row.format else ""
    return f"{name}: {size}, loaded in {load}, then answers in {p50} (95 % within {p95}, 99 % within {p99}){changed}."


def _served(row: Row, titles: Titles) -> str:
    name = f"{_name(row, titles)}, {row.network} as {row.format}"
    if row.outcome != "measured":
        return f"{name}: {row.outcome} ({row.message})."
    p50, p99, low, high = (
        in_unit(getattr(row, f"latency_{each}"), "s")
        for each in ("p50_seconds", "p99_seconds", "p99_lowest", "p99_highest")
    )
    rate = f"{count(row.rate_in_time)} requests a second ({count(row.rate_lowest)} to {count(row.rate_highest)})"
    return f"{name}: answers in {p50}, 99 % within {p99} ({low} to {high}), and p99 holds its bound up to {rate}."


def _eased(frame: pd.DataFrame, titles: Titles) -> list[str]:
    """Return what can be counted, if a survey stands beside it: lines alone say little of ease."""
    return [_ease(row, titles) for row in frame.itertuples()] if frame["wants_to_go_on_share"].notna().any() else []


def _ease(row: Row, titles: Titles) -> str:
    if row.outcome != "measured":
        return f"{_name(row, titles)}: {row.outcome} ({row.message})."
    opinion = "no survey on file asks for an opinion of it"
    if is_known(row.wants_to_go_on_share):
        opinion = f"{percent(row.wants_to_go_on_share)} of its users wanted to go on (survey of {row.opinion_year:.0f})"
    waits = ""
    if is_known(row.first_gradient_seconds):
        imported, first = in_unit(row.import_seconds, "s"), in_unit(row.first_gradient_seconds, "s")
        waits = f"; imported in {imported}, a first gradient after {first} ({row.first_gradient_mode})"
    return (
        f"{_name(row, titles)}: {opinion}; one small network and its training take {count(row.lines_count)} lines with "
        f"{count(row.calls_count)} different calls; {in_unit(row.installed_bytes, 'byte')} in "
        f"{count(row.packages_count)} packages{waits}."
    )


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


def _loading(row: Row, titles: Titles) -> str:
    prepared = f"{_name(row, titles)}, {row.loading_mode}: {in_unit(row.loading_rate, 'images a second')} prepared"
    if not is_known(row.headroom_ratio):
        return f"{prepared}; its training of the same images was not measured."
    return (
        f"{prepared}, {in_unit(row.training_rate, 'images a second')} trained on ({row.training_mode}): "
        f"{ratio(row.headroom_ratio)} times what training takes."
    )
