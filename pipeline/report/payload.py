"""The rows of a chart as compact JSON by column, and how text is made safe to stand inside a script element."""

import json
import re
from typing import Any, Final

import pandas as pd

Column = dict[str, Any]
Cell = Any
"""Whatever a frame holds in one place."""
DECIMALS: Final = 6


def columns_of(frame: pd.DataFrame) -> list[Column]:
    """Return the columns of `frame`, each packed in the shortest of three ways.

    One value for all rows (`all`), places in a list of distinct values (`pick`, `of`), or one value a row (`each`).
    Dates become ISO text, what is missing becomes null.
    """
    return [{"name": str(name), **_packed([_plain(value) for value in frame[name].tolist()])} for name in frame.columns]


def script_json(value: object) -> str:
    """Return `value` as JSON that may stand inside a script element: no `<` is left that could end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def script_source(source: str) -> str:
    """Return JavaScript that may stand inside a script element, meaning the same.

    Only what would end the element is touched: a bare `</` may be the end of a regular expression.
    """
    return re.sub(r"<(?=/script)", "\\\\x3c", source.replace("<!--", "\\x3c!--"), flags=re.IGNORECASE)


def _packed(values: list[Any]) -> Column:
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return {"all": distinct[0]}
    if isinstance(distinct[0], str) and 2 * len(distinct) < len(values):
        place = {value: index for index, value in enumerate(distinct)}
        return {"pick": [place[value] for value in values], "of": distinct}
    return {"each": values}


def _plain(value: Cell) -> Cell:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if value is None or pd.isna(value):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, DECIMALS)
    return value if isinstance(value, bool | int | str) else str(value)[:10]
