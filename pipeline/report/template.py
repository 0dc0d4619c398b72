"""From figures and words to the page's text: one template, one sheet, one script, one Vega, one block of data."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.charts import theme
from pipeline.claims.wording import count, day, interval, is_known, percent, short_day
from pipeline.reference import COMPARED
from pipeline.report.bundle import Bundle
from pipeline.report.figures import Figure
from pipeline.report.footnotes import age
from pipeline.report.payload import columns_of, script_json, script_source

_HERE: Final = Path(__file__).parent

# The shapes of the charts' marks, for the keys: paths in a box from -8 to 8.
_SHAPES: Final = (
    ("circle", "M0-6.4A6.4 6.4 0 1 1 0 6.4A6.4 6.4 0 1 1 0-6.4Z"),
    ("cross", "M-6.8-2.3H-2.3V-6.8H2.3V-2.3H6.8V2.3H2.3V6.8H-2.3V2.3H-6.8Z"),
    ("diamond", "M0-7.6L7.6 0L0 7.6L-7.6 0Z"),
    ("square", "M-5.9-5.9H5.9V5.9H-5.9Z"),
    ("stroke", "M-7.5-1.6H7.5V1.6H-7.5Z"),
    ("triangle-down", "M0 6.6L-7.3-6H7.3Z"),
    ("triangle-left", "M-6.6 0L6-7.3V7.3Z"),
    ("triangle-right", "M6.6 0L-6-7.3V7.3Z"),
    ("triangle-up", "M0-6.6L-7.3 6H7.3Z"),
    ("wedge", "M0-7.5L-3.4 6.5H3.4Z"),
)


def fill(figures: Sequence[Figure], bundle: Bundle, titles: Mapping[str, str], **words: object) -> str:
    """Return the page: `figures` as compiled in `bundle`, frameworks by `titles`, `words` as the template has them."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {each.__name__: each for each in (age, count, day, interval, percent, short_day)}
    environment.filters |= {"code": _with_code, "title": lambda framework: titles.get(framework, framework)}
    environment.tests["known"] = is_known
    charts = [_chart_data(figure, spec) for figure, spec in zip(figures, bundle.charts, strict=True)]
    own = {
        "ink_light": _inks(is_dark=False),
        "ink_dark": _inks(is_dark=True),
        "css": _own("page.css"),
        "js": script_source(_own("page.js")),
        "vega": script_source(bundle.library),
        "data": script_json({"charts": charts, "dark": theme.dark_tokens(), "titles": dict(titles)}),
    }
    return environment.get_template("page.html").render(
        **words, compared=COMPARED, shapes=_SHAPES, **{name: _unescaped(text) for name, text in own.items()}
    )


def _chart_data(figure: Figure, spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's script needs of one chart: its compiled spec once, its rows once, and its panels."""
    return {
        "name": figure.chart.name,
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


def _inks(*, is_dark: bool) -> str:
    """Return the charts' colours as custom properties, so that words and marks have the same."""
    inks = {"paper": theme.PAPER, "ink": theme.INK, "muted": theme.MUTED, "axis": theme.AXIS}
    inks |= {f"fw-{name}": mark.ink for name, mark in theme.marks().items()}
    inks |= {place: theme.mark_of(name).ink for place, name in zip(("first", "second"), COMPARED, strict=True)}
    inks["fw-unlisted"] = theme.UNLISTED.ink
    return "".join(f"--{name}:{ink.dark if is_dark else ink.light};" for name, ink in inks.items())


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _with_code(text: str) -> Markup:
    """Return `text` escaped, with what stands in back-quotes marked as code."""
    return _unescaped(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _unescaped(text: str) -> Markup:
    """Return text that is safe as it stands: our own files, or already escaped for its place."""
    return Markup(text)  # noqa: S704
