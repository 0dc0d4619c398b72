"""The fastest framework on the machine that was measured last, mode by mode.

Another machine speaks where none was, or where too few cases are sure to name a framework.
"""

import pandas as pd

from pipeline.claims.claim import Conclusion, View
from pipeline.claims.wording import UNDECIDED, Row, count, listed, short_day, title_of
from pipeline.reference.lists import HeadlineEntry

DEPENDS = "depends on the case"


def conclusion(view: View, topic: HeadlineEntry) -> Conclusion:
    """Return which framework has the shortest step in most cases of each mode."""
    frame = view("fastest", {"machine_rank": 1}, ("device", "mode", "place"))
    is_elsewhere = bool(frame["is_imported"].any())
    measured = view("performance", {"outcome": "measured", "is_imported": False})
    here = view("fastest", {"is_imported": False}, ("machine_rank", "device", "mode", "place"))
    if frame.empty or (is_elsewhere and len(measured) and here.empty):
        return _without_a_fastest(measured, topic)
    modes = by_mode(frame)
    verdict, leader = verdict_of([(_mode(rows[0]), rows[0].leader) for rows in modes])
    machine = frame["machine_title"].iloc[0]
    said = " ".join(map(_sentence, modes))
    if is_elsewhere:
        own = [_sentence(rows) for rows in by_mode(here[here["machine_rank"] == here["machine_rank"].min()])]
        said = f"{' '.join(own) or topic.remedy} On another machine: {said}"
        verdict = f"{'Too few sure cases here' if own else 'Not measured'}; on another machine: {verdict}"
    return Conclusion(
        verdict=verdict,
        leader=leader,
        sentence=f"{said} One machine: it says nothing "
        "about why people choose. No earlier figure is set against it; `observatory bench --compare` does.",
        grounds=(f"{machine}; steps with equal outputs; measured on {short_day(frame['measured_at'].max())}.",),
    )


def by_mode(frame: pd.DataFrame) -> list[list[Row]]:
    """Return the rows of each device and mode."""
    return [list(rows.itertuples()) for _, rows in frame.groupby(["device", "mode"])]


def _without_a_fastest(measured: pd.DataFrame, topic: HeadlineEntry) -> Conclusion:
    """Say that nothing was measured, or that what was measured has too few samples to compare."""
    if measured.empty:
        return Conclusion(verdict="Not measured", sentence=topic.remedy)
    enough = int((measured["stability"] != "too few samples").sum())
    return Conclusion(
        verdict="Cannot tell",
        sentence=f"Of {count(len(measured))} measured steps {count(enough)} have samples enough, and no case has "
        "two of them to compare. Run `observatory bench` again, with more time.",
        grounds=(f"{measured['machine_title'].iloc[0]}; measured on {short_day(measured['measured_at'].max())}.",),
    )


def verdict_of(leaders: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the verdict and the one framework it names ("" for none or several), from each mode's leader."""
    decided = [(mode, leader) for mode, leader in leaders if leader not in {UNDECIDED, DEPENDS}]
    named = sorted({leader for _, leader in decided})
    if not decided:
        return ("It depends" if any(leader == DEPENDS for _, leader in leaders) else "Cannot tell"), ""
    if len(named) == 1 and len(decided) == len(leaders):
        return f"{title_of(named[0])} is fastest", named[0]
    words = listed([f"{title_of(leader)} {mode}" for mode, leader in decided])
    return f"{words} {'are' if len(decided) > 1 else 'is'} fastest", named[0] if len(named) == 1 else ""


def _mode(row: Row) -> str:
    return str(row.mode) if row.device == "cpu" else f"{row.mode} on {row.device}"


def _sentence(rows: list[Row]) -> str:
    first, *others = [row for row in rows if row.shortest_count]
    mode = _mode(first)
    sure = f", surely in {count(first.surely_count)}" if first.surely_count else ", surely in none"
    then = (
        f"; {listed([f'{title_of(row.framework)} in {count(row.shortest_count)}' for row in others])}" if others else ""
    )
    cases = "case" if first.compared_count == 1 else "cases"
    sure_count, least = count(first.sure_count), count(first.least_sure_count)
    few = f" It takes {least} sure cases to name a framework; {sure_count} are sure."
    return (
        f"{mode[:1].upper()}{mode[1:]}: {title_of(first.framework)} has the shortest step in "
        f"{count(first.shortest_count)} of {count(first.compared_count)} {cases}{sure}{then}."
        f"{few if first.sure_count < first.least_sure_count else ''}"
    )
