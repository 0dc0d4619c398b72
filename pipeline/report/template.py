"""From figures and words to the page's text: one template, one sheet, one script, one Vega, one block of data."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.charts import theme
from pipeline.claims import wording
from pipeline.claims.wording import is_known
from pipeline.reference import COMPARED, Frameworks, known_frameworks
from pipeline.report.bundle import library

if TYPE_CHECKING:
    from pipeline.charts.chart import Spec
    from pipeline.report.figures import Figure

_HERE: Final = Path(__file__).parent
_SCRIPTS: Final = ("page", "tables", "choice", "doors", "weights", "take")
"""The page's own scripts, joined in this order."""
_WORDINGS: Final = (
    *(wording.age, wording.count, wording.day, wording.in_unit, wording.interval, wording.listed, wording.percent),
    *(wording.period, wording.ratio, wording.ratio_tally_of, wording.short_day, wording.tallied),
)
Cell = Any
"""Whatever a frame holds in one place."""
DECIMALS: Final = 6
_ROWS_BEHIND: Final = 3


def fill(
    figures: Sequence["Figure"],
    specs: Sequence["Spec"],
    titles: Mapping[str, str],
    behind: Mapping[str, object],
    **words: object,
) -> str:
    """Return the page: `figures` with their compiled `specs`, frameworks by `titles`, `words` as the template has them.

    `behind` holds a sample of rows for some series, as `sample_behind` gives it.
    """
    charts = [_chart_data(figure, spec) for figure, spec in zip(figures, specs, strict=True)]
    own = {
        "ink_light": _inks(is_dark=False),
        "ink_dark": _inks(is_dark=True),
        "css": (_HERE / "page.css").read_text(encoding="utf-8"),
        "js": script_source("\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)),
        "vega": script_source(library()),
        "data": script_json({"charts": charts, "dark": theme.dark_tokens(), "titles": dict(titles), "behind": behind}),
    }
    digests = (b64encode(sha256(own[name].encode()).digest()).decode() for name in ("vega", "js"))
    own["script_hashes"] = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        environment(titles)
        .get_template("page.html")
        .render(**words, shapes=sorted(theme.SHAPES.items()), **{name: _unescaped(text) for name, text in own.items()})
    )


def sheet() -> Markup:
    """Return the style sheet with its colours, for a page that draws nothing."""
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {_inks(is_dark=True)} }} }}"
    css = (_HERE / "page.css").read_text(encoding="utf-8")
    return _unescaped(f":root {{ {_inks(is_dark=False)} }}\n{dark}\n{css}")


def environment(titles: Mapping[str, str]) -> Environment:
    """Return the templates of this folder with the wordings as filters and frameworks by `titles`."""
    return _environment(tuple(titles.items()), known_frameworks())


@lru_cache(maxsize=4)  # to compile a template takes longer than to fill it
def _environment(names: tuple[tuple[str, str], ...], _drawn: Frameworks) -> Environment:
    titles, drawn = dict(names), theme.marks()
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {each.__name__: each for each in _WORDINGS} | {
        # What stands in back-quotes is code.
        "code": lambda text: _unescaped(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))),
        "place": lambda fraction: f"{fraction * 100:.2f}%" if is_known(fraction) else "",
        "script_json": lambda value: _unescaped(script_json(value)),
        "shape": lambda framework: drawn.get(framework, theme.UNLISTED).shape,
        "title": lambda framework: titles.get(framework, framework),
        "title_of_all": lambda named: " or ".join(titles.get(each, each) for each in named.split("|")),
    }
    made.tests["known"] = is_known
    made.globals["compared"] = COMPARED
    return made


def sentences(titles: Mapping[str, str]) -> Any:  # noqa: ANN401 — a module of macros
    """Return what is told of rows, in `sentences.txt`: a macro for each view, of its row unless it says otherwise."""
    return _sentences(environment(titles))


@lru_cache(maxsize=4)
def _sentences(made: Environment) -> Any:  # noqa: ANN401
    return made.overlay(autoescape=False).get_template("sentences.txt").module


def _chart_data(figure: "Figure", spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's script needs of one chart: its compiled spec once, its rows once, and its panels."""
    return {
        "name": figure.chart.name,
        "view": figure.chart.view,
        "spec": spec,
        "columns": columns_of(figure.frame),
        "count": len(figure.frame),
        "dense": figure.chart.is_dense,
        "panels": [
            {
                "label": panel.label,
                "first": panel.first,
                "end": panel.end,
                "breaks": [{"label": each.label, "starts_on": each.starts_on} for each in panel.breaks],
            }
            for panel in figure.panels
        ],
    }


def columns_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the columns of `frame`, each packed in the shortest of three ways.

    One value for all rows (`all`), places in a list of distinct values (`pick`, `of`), or one value per row (`each`).
    Dates become ISO text, what is missing becomes null.
    """
    return [{"name": str(name), **_packed([_plain(value) for value in frame[name].tolist()])} for name in frame.columns]


def sample_behind(rows: pd.DataFrame, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a few rows of each group that a figure may count, by an entry of behind.toml.

    `alike_count` is the size of the group in its first row and nought in the others: a sum over groups is their size.
    """
    rows = rows.assign(**{column: rows[column].map(_plain) for column in entry["by"].values()})
    groups = rows.groupby(list(entry["by"].values()), sort=False, dropna=False)
    place, sizes = groups.cumcount(), groups[rows.columns[0]].transform("size")
    sample = rows.assign(alike_count=sizes.where(place == 0, 0))[place < entry.get("rows_count", _ROWS_BEHIND)]
    return {**entry, "columns": columns_of(sample), "count": len(sample)}


def _packed(values: list[Cell]) -> dict[str, Any]:
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


def script_json(value: object) -> str:
    """Return `value` as JSON that may stand inside a script element: no `<` is left that could end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def script_source(source: str) -> str:
    """Return JavaScript that may stand inside a script element, meaning the same.

    Only what would end the element is touched: a bare `</` may be the end of a regular expression.
    """
    return re.sub(r"<(?=/script)", "\\\\x3c", source.replace("<!--", "\\x3c!--"), flags=re.IGNORECASE)


def _inks(*, is_dark: bool) -> str:
    """Return the charts' colours as custom properties, so that words and marks have the same."""
    inks = {"paper": theme.PAPER, "ink": theme.INK, "muted": theme.MUTED, "axis": theme.AXIS}
    inks |= {f"fw-{name}": mark.ink for name, mark in theme.marks().items()}
    inks |= {place: theme.mark_of(name).ink for place, name in zip(("first", "second"), COMPARED, strict=True)}
    inks["fw-unlisted"] = theme.UNLISTED.ink
    return "".join(f"--{name}:{ink.dark if is_dark else ink.light};" for name, ink in inks.items())


def _unescaped(text: str) -> Markup:
    """Return text that is safe as it stands: our own files, or already escaped for its place."""
    return Markup(text)  # noqa: S704
