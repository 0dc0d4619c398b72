"""The answer to a query as a table, CSV, JSON or Markdown."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.errors import BadInput
from pipeline.metrics.query import Answer, QueryResult

_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a cell for a formula (OWASP, CSV injection)."""
_WIDEST_CELL = 60
"""Characters that one column takes at most before its text is folded; longer ones are no reason to turn a table."""


def to_table(result: QueryResult, width: int | None = None) -> RenderableType:
    """Return the result for a terminal of so many characters; None is as wide as it takes.

    Null is shown dimmed and numbers stand to the right. What does not fit is turned: one block per row, one line per
    column. Control characters are shown, not sent.
    """
    lines = [tuple(map(_shown, row)) for row in result.rows]
    caption = f"the first {len(lines)} rows; there are more" if result.is_truncated else None
    cells: Iterable[tuple[Text, ...]] = zip(*lines, strict=True) if lines else [()] * len(result.columns)
    widths = [
        3 + max([len(name), *(min(len(text), _WIDEST_CELL) for text in column)])
        for name, column in zip(result.columns, cells, strict=True)
    ]
    if width is not None and 1 + sum(widths) > width:
        return _blocks(result, lines, caption)
    table = Table(caption=caption)
    for name, kind in zip(result.columns, result.types, strict=True):
        table.add_column(Text(name), justify="right" if _is_number(kind) else "left", overflow="fold")
    for line in lines:
        table.add_row(*line)
    return table


def csv_lines(answer: Answer, *, is_safe: bool = False) -> Iterator[str]:
    """Yield the answer as CSV (RFC 4180, Unix line ends), the header first.

    Null is an empty cell and empty text is `""`; dates are ISO 8601, decimals keep their digits. `is_safe` sets an
    apostrophe before text that a spreadsheet would take for a formula.
    """
    for row in chain([answer.columns], answer.rows):
        # A line of one null would be empty, and readers skip empty lines.
        yield (",".join(_csv_cell(value, is_safe=is_safe) for value in row) or '""') + "\n"


def json_pieces(answer: Answer) -> Iterator[str]:
    """Yield the answer as a JSON list, one object per row and line.

    Null is null, dates are ISO 8601, decimals keep their digits; NaN and infinity, which JSON does not have, are null.

    Raises:
        BadInput: two columns share a name.
    """
    repeated = [name for name, times in Counter(answer.columns).items() if times > 1]
    if repeated:
        raise BadInput(f"two columns are named {repeated[0]}; give one of them another name with `as`.")
    opening = "[\n"
    for row in answer.rows:
        yield opening + _json(dict(zip(answer.columns, row, strict=True)))
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def markdown_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer as a Markdown table; null is an empty cell."""
    yield _markdown_line(answer.columns)
    yield _markdown_line(["--:" if _is_number(kind) else "---" for kind in answer.types])
    yield from map(_markdown_line, answer.rows)


def _shown(value: object) -> Text:
    """Return a cell for a terminal, its control characters written out."""
    if value is None:
        return Text("null", style="dim")
    return Text("".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in _cell(value)))


def _blocks(result: QueryResult, lines: Iterable[Sequence[Text]], caption: str | None) -> Group:
    blocks: list[RenderableType] = []
    for number, line in enumerate(lines, 1):
        block = Table(box=None, pad_edge=False, show_header=False, title=f"row {number}", title_justify="left")
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for name, text in zip(result.columns, line, strict=True):
            block.add_row(Text(name), text)
        blocks += [block, Text()]
    turned = "turned: one block per row, as the columns do not fit side by side"
    return Group(*blocks, Text(caption or turned if blocks else ""))


def _markdown_line(row: Iterable[object]) -> str:
    cells = ("" if value is None else _cell(value).replace("|", "\\|").replace("\n", " ") for value in row)
    return f"| {' | '.join(cells)} |\n"


def _is_number(kind: str) -> bool:
    return any(word in kind for word in _NUMBERS) and not kind.endswith("]")


def _csv_cell(value: object, *, is_safe: bool) -> str:
    if value is None:
        return ""
    is_formula = is_safe and isinstance(value, str) and value.startswith(_FORMULA_MARKS)
    text = "'" * is_formula + _cell(value)
    needs_quotes = value == "" or any(mark in text for mark in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def _cell(value: object) -> str:
    if isinstance(value, list | tuple | dict):
        return _json(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(str(key))}: {_json(item)}" for key, item in value.items()) + "}"
    return json.dumps(_plain(value), ensure_ascii=False)
