"""What stands below a picture: what is counted, of whom, how it leans, from where, how old and under which licence."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipeline.claims.base import Row
from pipeline.claims.wording import count, day, is_known


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line below a picture; `address` makes it a link."""

    term: str
    text: str
    address: str = ""
    is_definition: bool = False
    """Whether it says how a figure is made rather than how to take it; the page folds those."""


def age(days: object) -> str:
    """Return an age in words, as the view source_health has it."""
    if not is_known(days):
        return "age unknown"
    return "1 day old" if days == 1 else f"{count(days)} days old"


def series_facts(
    series: pd.DataFrame, health: pd.DataFrame, frame: pd.DataFrame, view_comment: str
) -> tuple[Fact, ...]:
    """Return the lines for each series in `frame`; `series` and `health` are the views series and source_health."""
    mine = series[series["series_id"].isin(frame["series_id"])]
    lines = [fact for row in mine.itertuples() for fact in _of_series(row, health)]
    methods = sorted({str(method) for method in frame["interval_method"].dropna()})
    lines.append(Fact(term="Interval", text="; ".join(methods), is_definition=True))
    lines.append(Fact(term="Defined in", text=f"The view `adoption`. {view_comment}", is_definition=True))
    return tuple(lines)


def _of_series(row: Row, health: pd.DataFrame) -> Iterator[Fact]:
    yield Fact(term="Counted", text=f"{row.title}. Unit: {row.unit}.", is_definition=True)
    yield Fact(term="Of whom", text=f"{row.population}.", is_definition=True)
    yield Fact(term="Known bias", text=f"{row.known_bias} Direction: {row.bias_direction}")
    source: Row = next(health[health["source_id"] == row.source_id].itertuples(), None)
    if source is None:
        yield Fact(
            term="Source", text=f"{row.source_id}: its address and licence are not recorded; run `observatory run`."
        )
        return
    yield Fact(
        term="Source",
        text=f"{source.title}. As of {day(source.as_of)}, {age(source.age_days)} at the newest run ({source.state}). ",
        address=str(row.public_address),
    )
    yield Fact(term="Licence", text=f"{row.licence}. Attribution: {row.attribution}")
