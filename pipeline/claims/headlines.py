"""The headlines of the page: who leads in each topic, when, and which way it moves, worded from the views.

Which series speaks is decided in the view `headlines` by the rule of `data/reference/headlines.toml`. Any framework can
lead; the share that is followed is that of the leader and the other of the pair, or the next after it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import pandas as pd

from pipeline.claims import performance, wording
from pipeline.claims.claim import Conclusion, Pair, View
from pipeline.claims.wording import DISAGREE, UNDECIDED, Row, amount, is_known, listed, period, title_of, years
from pipeline.reference import COMPARED
from pipeline.reference.lists import HeadlineEntry, Speaker

PRESENT_DAYS: Final = 400
"""Below this age a verdict stands in the present tense."""
DATED_DAYS: Final = 730
"""Beyond this age a verdict carries its date."""
NARROW_SHARE_FRACTION: Final = 0.525
"""With less than this part of the two a leader leads narrowly."""
_MOST_NAMED: Final = 4
_NOTHING: Final = "Nothing on file"
_UNSOUND: Final = {
    "too few": "Too few for a verdict.",
    "stale": "Its next figures are overdue.",
    "set aside": "A newer delivery was set aside and waits to be looked at (`observatory sources`).",
}


def conclusions(view: View, topics: Iterable[HeadlineEntry], pair: Pair | None = None) -> list[Conclusion]:
    """Return what the views say of each topic; with a `pair`, of these two instead of all frameworks."""
    said = (
        (topic, _of_series(view, topic, pair) if topic.series else performance.conclusion(view, topic))
        for topic in topics
    )
    return [replace(conclusion, headline_id=topic.id, title=topic.title) for topic, conclusion in said]


def over_all(said: Iterable[Conclusion], shorts: Mapping[str, str]) -> str:
    """Return one sentence over all topics: who leads in which, in the tense of their age, then what is undecided.

    `shorts` are the topics' names inside a sentence. A topic of measurements stands at the end with its own verdict.
    """
    led: dict[str, dict[bool, list[str]]] = {}
    others: dict[str, list[str]] = {}
    here: list[str] = []
    for each in said:
        short = shorts[each.headline_id]
        if not each.series_id and each.age_days is None and each.verdict != _NOTHING:
            here.append(f"{short}: {re.sub('^(Not|Too|It|Cannot) ', lambda found: found[0].lower(), each.verdict)}")
        elif each.leader:
            is_past = each.age_days is not None and each.age_days >= PRESENT_DAYS
            degree = f" ({each.degree})" if each.degree else ""
            led.setdefault(each.leader, {False: [], True: []})[is_past].append(short + degree)
        else:
            others.setdefault(each.verdict.partition(" for ")[0].lower(), []).append(short)
    by_count = sorted(led.items(), key=lambda item: (-sum(map(len, item[1].values())), item[0]))
    parts = [f"{title_of(leader)} {_leads(topics)}" for leader, topics in by_count]
    parts += [f"{verdict}: {listed(topics)}" for verdict, topics in others.items()]
    text = "; ".join([*parts, *here])
    return f"{text[:1].upper()}{text[1:]}."


def _leads(topics: Mapping[bool, Sequence[str]]) -> str:
    clauses = [f"leads in {listed(topics[False])}"] if topics[False] else []
    clauses += [f"led in {listed(topics[True])} when last counted"] if topics[True] else []
    return ", and ".join(clauses)


def _of_series(view: View, topic: HeadlineEntry, pair: Pair | None) -> Conclusion:
    rows: list[Row] = list(
        view("headlines", {"headline_id": topic.id}, ("speaking_place", "population_place")).itertuples()
    )
    if not rows:
        return Conclusion(verdict=_NOTHING, sentence=f"No series has figures for this yet. {topic.remedy}")
    row, speakers = rows[0], {each.id: each for each in topic.series}
    if pair is not None:
        row = _with_both(view, topic, rows, pair)
    of_series, speaker = {"headline_id": topic.id, "series_id": row.series_id}, speakers[row.series_id]
    pairs = view("headline_pairs", of_series, ("population_place", "second_place"))
    shown = _shown(row, pairs, pair)
    leader = _decided(row.series_leader) if pair is None else None if shown is None else _decided(shown.leader)
    parts = [*_sentences(row, pairs, shown, speaker, is_pair=pair is not None)]
    if pair is None:
        parts += [*_exceptions(view, row), *_contradictions(rows, speakers)]
    degree = _degree(row, shown, is_pair=pair is not None) if leader else ""
    direction, moved = _moved(shown, speaker)
    return Conclusion(
        direction=direction,
        moved="" if shown is None else f"{title_of(shown.first)} against {title_of(shown.second)}: {moved}",
        verdict=_verdict(row, leader, degree, is_pair=pair is not None),
        leader=leader or "",
        degree=degree,
        sentence=" ".join(parts),
        grounds=() if shown is None else (_grounds(shown),),
        series_id=row.series_id,
        age_days=int(row.age_days),
        soundness=row.soundness,
    )


def _with_both(view: View, topic: HeadlineEntry, rows: list[Row], pair: Pair) -> Row:
    """Return the row of the first series, in the order of speaking, with a figure for both; else the first row."""
    where = {"headline_id": topic.id, "first": pair[0], "second": pair[1]}
    known = {(each.series_id, each.population) for each in view("headline_pairs", where).itertuples()}
    return next((each for each in rows if (each.series_id, each.population) in known), rows[0])


def _decided(leader: str) -> str:
    return "" if leader in {UNDECIDED, DISAGREE} else leader


def _shown(row: Row, pairs: pd.DataFrame, pair: Pair | None) -> Row | None:
    """Return the row of the largest population whose share is followed; None where it lacks one of the pair.

    Without a wish it is the leader's against the other of the usual pair, or against the next where it is in none.
    """
    leader = row.top_framework if row.leader == UNDECIDED else row.leader
    first, second = pair or (leader, row.next_framework)
    if pair is None and leader in COMPARED:
        usual = COMPARED[1 - COMPARED.index(leader)]
        second = usual if len(_rows(pairs, row, leader, usual)) else second
    return next(iter(_rows(pairs, row, first, second)), None)


def _rows(pairs: pd.DataFrame, row: Row, first: str, second: str | None = None) -> list[Row]:
    of_first = pairs[(pairs["population"] == row.population) & (pairs["first"] == first)]
    return list((of_first if second is None else of_first[of_first["second"] == second]).itertuples())


def _degree(row: Row, shown: Row | None, *, is_pair: bool) -> Literal["mostly", "narrowly", ""]:
    """Return how far a leader leads: of a pair by its own share, of all by the populations and the largest of them."""
    if not is_pair and row.leads_count < row.populations_count:
        return "mostly"
    share = shown.first_share if is_pair and shown is not None else row.top_share
    return "narrowly" if is_known(share) and max(share, 1 - share) < NARROW_SHARE_FRACTION else ""


def _verdict(row: Row, leader: str | None, degree: str, *, is_pair: bool) -> str:
    """Return the verdict in the tense of its age; an old one with its date."""
    is_old = row.age_days > DATED_DAYS
    verb = "leads" if row.age_days < PRESENT_DAYS else "led"
    when = years(row.series_start, row.series_end)
    if is_pair and leader is None:
        return "No figure for both"
    if not leader:
        said = "Evidence disagrees" if row.series_leader == DISAGREE and not is_pair else "Cannot tell"
        return f"{said} for {when}; nothing newer on file" if is_old else said
    said = " ".join(part for part in (title_of(leader), degree, verb) if part)
    return f"{said} in {when}; nothing newer on file" if is_old else said


def _sentences(row: Row, pairs: pd.DataFrame, shown: Row | None, speaker: Speaker, *, is_pair: bool) -> Iterator[str]:
    """Yield the tally of populations, the counts, the share with its direction, and what to be wary of."""
    is_past = row.age_days >= PRESENT_DAYS
    if row.populations_count > 1 and not is_pair:
        yield _tally(row, speaker, is_past=is_past)
    if shown is None:
        yield f"{speaker.counted}: no figure for both."
    else:
        yield _counts(row, pairs, shown, speaker, is_pair=is_pair)
        have = "had" if is_past else "has"
        yield f"Against {title_of(shown.second)}, {title_of(shown.first)} {have} {_moved(shown, speaker)[1]}"
    if row.sampling == "no random sample":
        yield "It is no random sample, so it has no interval."
    if row.soundness in _UNSOUND and row.age_days <= DATED_DAYS:
        yield _UNSOUND[row.soundness]


def _tally(row: Row, speaker: Speaker, *, is_past: bool) -> str:
    be = "was" if is_past else "is"
    whole = f"{row.populations_count} {speaker.each[1]}"
    if not row.leads_count:
        return f"Nobody {be} surely ahead {speaker.inside} any of {whole}."
    leader = _decided(row.series_leader)
    who = title_of(leader) if leader else "The most frequent leader"
    undecided = f", nobody surely {speaker.inside} {row.undecided_count}" if row.undecided_count else ""
    return f"{who} {be} ahead {speaker.inside} {row.leads_count} of {whole}{undecided}."


def _counts(row: Row, pairs: pd.DataFrame, shown: Row, speaker: Speaker, *, is_pair: bool) -> str:
    """Return the counts of the frameworks with most, or of the pair."""
    first = shown.first if is_pair else row.top_framework
    others = _rows(pairs, row, first, shown.second if is_pair else None)
    figures = [(first, others[0].first_n), *((each.second, each.second_n) for each in others)]
    named = [(name, n) for name, n in figures if is_known(n) and n][:_MOST_NAMED]
    named += [figure for figure in figures if figure[0] == shown.second and figure not in named]
    which = f" ({row.population})" if row.populations_count > 1 else ""
    head = f"{speaker.counted}{which}, {period(row.period_start, shown.period_end)}"
    if not all(is_known(n) for _, n in named) or not named:
        return f"{head}; only percentages were published."
    whole = f" of {amount(shown.subjects_count)}" if is_known(shown.subjects_count) else ""
    return f"{head}: {', '.join(f'{title_of(name)} {amount(n)}' for name, n in named)}{whole}."


def _moved(shown: Row | None, speaker: Speaker) -> tuple[Literal["up", "down", ""], str]:
    """Return the sure direction of the first's share of the two, and the share with its change as a clause."""
    if shown is None:
        return "", ""
    said = wording.percent(shown.first_share)
    if speaker.no_direction:
        return "", f"{said}; no direction is given, since {speaker.no_direction}."
    if not is_known(shown.earlier_share):
        return "", f"{said}; no comparable earlier figure exists."
    when = period(shown.earlier_start, shown.earlier_end)
    if shown.change == 0:
        return "", f"{said}, as in {when} ({wording.span(shown.span_months)})."
    before = f"{wording.percent(shown.earlier_share)} in {when}"
    if not shown.is_change_sure:
        return "", f"{said}, after {before}: no sure change within {wording.span(shown.span_months)}."
    direction: Literal["up", "down"] = "up" if shown.change > 0 else "down"
    return direction, f"{said}, {direction} from {before} ({wording.span(shown.span_months)})."


def _exceptions(view: View, row: Row) -> Iterator[str]:
    """Yield the populations of the series that speaks in which its leader does not surely lead."""
    for each in view("headline_exceptions", {"headline_id": row.headline_id}, ("base",))[::-1].itertuples():
        first, second = title_of(each.first), title_of(each.second)
        if _decided(str(each.leader)):
            counts = f"{first} {amount(each.first_n)}, {second} {amount(each.second_n)}"
            yield f"The other way round in {each.population}: {counts}."
        else:
            share = f"{wording.percent(each.first_share)} ({wording.interval(each.interval_low, each.interval_high)})"
            yield f"No sure lead ({each.population}): {first} {share} against {second}."


def _contradictions(rows: list[Row], speakers: dict[str, Speaker]) -> Iterator[str]:
    """Yield each other series of the topic in which another framework leads than in the one that speaks."""
    mine, leader = rows[0], _decided(rows[0].series_leader)
    others = {each.series_id: each for each in rows if each.speaking_place > 1}
    for other in others.values():
        if leader and _decided(other.series_leader) not in {"", leader}:
            age = "An older" if other.series_end < mine.series_end else "Another"
            where = f"“{speakers[other.series_id].counted}”, {years(other.series_start, other.series_end)}"
            yield f"{age} source says otherwise: {title_of(other.series_leader)} led in {where}."


def _grounds(row: Row) -> str:
    """Return one row as a line: population, period, n of base, share, interval, as-of date and source."""
    n_of_base = f"{wording.count(row.first_n)} of {wording.count(row.base)}"
    counted = n_of_base if is_known(row.base) else "only percentages were published"
    both = f", {wording.count(row.both_n)} named both" if is_known(row.both_n) else ""
    if is_known(row.interval_low):
        method = row.interval_method.replace("Wilson ", "").replace("bounds: ", "").removeprefix("95 %")
        spread = f"95 % interval {wording.interval(row.interval_low, row.interval_high)}{method}"
    else:
        spread = row.interval_method.replace("none: ", "no interval: ")
    hedge = "; preliminary" if row.is_preliminary else ""
    two = listed([title_of(row.first), title_of(row.second)])
    return (
        f"{row.population}, {period(row.period_start, row.period_end)}{hedge}: {title_of(row.first)} "
        f"{wording.percent(row.first_share)} of {two} ({counted}{both}; {spread}); "
        f"as of {wording.short_day(row.as_of)}; {row.source_title}."
    )
