"""Colours, shapes and type of every chart: one fixed colour and shape a framework, in a light and a dark scheme.

A chart is drawn once, in light tokens; the page swaps each token for its dark partner when the reader's scheme is dark.
So every light token is a different string, and nothing in a chart uses a colour that is not listed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Ink:
    """One colour in both schemes, as `#RRGGBB`."""

    light: str
    dark: str


@dataclass(frozen=True)
class Mark:
    """How one framework is drawn: its colour, and a shape for readers and printers without colour."""

    ink: Ink
    shape: str


PAPER: Final = Ink("#FFFFFF", "#16191E")
INK: Final = Ink("#1B2027", "#E9ECF1")
MUTED: Final = Ink("#59616D", "#A4ACB9")
AXIS: Final = Ink("#8B939F", "#6C7583")
GRID: Final = Ink("#E7E9EC", "#272C34")
RANGE: Final = Ink("#EFE3D6", "#2F2A27")
BREAK: Final = Ink("#B6BCC5", "#565E6A")

# Under simulated deuteranopia, protanopia and tritanopia any two of the first six stay at least 13 apart (CIE 1976),
# and any two of all at least 7; the shapes differ besides. A test holds both.
MARKS: Final[dict[str, Mark]] = {
    "pytorch": Mark(Ink("#C9431A", "#F4774A"), "circle"),
    "tensorflow": Mark(Ink("#124A8F", "#4A8FE8"), "square"),
    "keras": Mark(Ink("#0FA183", "#5FE0C4"), "triangle-up"),
    "jax": Mark(Ink("#9A55DB", "#D9BCFF"), "diamond"),
    "scikit-learn": Mark(Ink("#717A88", "#8C939E"), "cross"),
    "mxnet": Mark(Ink("#B88A00", "#F2D36B"), "triangle-down"),
    "paddle": Mark(Ink("#4A7A12", "#A6C93A"), "triangle-right"),
    "mindspore": Mark(Ink("#C23A7C", "#F58AC0"), "triangle-left"),
    "torch7": Mark(Ink("#6B3F16", "#A8713C"), "stroke"),
    "caffe": Mark(Ink("#2B323C", "#DDE2E9"), "wedge"),
}
# Keras on each backend is still Keras: one colour, three shapes. They stand in charts of benchmarks only, without it.
BACKENDS: Final[dict[str, Mark]] = {
    "keras_tensorflow": Mark(MARKS["keras"].ink, "triangle-up"),
    "keras_pytorch": Mark(MARKS["keras"].ink, "triangle-down"),
    "keras_jax": Mark(MARKS["keras"].ink, "triangle-right"),
}
CORE_FRAMEWORKS: Final = tuple(MARKS)[:6]
# States are no frameworks: they are drawn in greys, so that the eye does not count them as a rival.
STATES: Final[dict[str, Mark]] = {
    "none": Mark(Ink("#C9CED5", "#3E454F"), "circle"),
    "other": Mark(Ink("#A9B0BA", "#5C646F"), "circle"),
}
UNLISTED: Final = Mark(Ink("#A8B0BB", "#5D6570"), "circle")

SANS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def mark_of(framework: str) -> Mark:
    """Return how `framework` is drawn; one without an entry of its own gets the grey of unlisted ones."""
    return MARKS.get(framework) or BACKENDS.get(framework) or STATES.get(framework) or UNLISTED


def in_order(frameworks: Sequence[str]) -> list[str]:
    """Return `frameworks` without repeats in the order used everywhere: listed ones, others by name, states last."""
    rank = {name: place for place, name in enumerate([*MARKS, *BACKENDS, "", *STATES])}
    return sorted(set(frameworks), key=lambda name: (rank.get(name, rank[""]), name))


def dark_tokens() -> dict[str, str]:
    """Return light token → dark token for every colour that a chart may use."""
    inks = [PAPER, INK, MUTED, AXIS, GRID, RANGE, BREAK, UNLISTED.ink]
    inks += [mark.ink for mark in (*MARKS.values(), *STATES.values())]
    return {ink.light: ink.dark for ink in inks}


def vega_config() -> dict[str, object]:
    """Return the Vega-Lite config shared by all charts, in light tokens.

    Marks and axes get no labels of their own for screen readers: the chart's description and its table say it in order.
    """
    axis = {
        "aria": False,
        "domainColor": AXIS.light,
        "gridColor": GRID.light,
        "labelColor": MUTED.light,
        "labelFont": SANS,
        "labelFontSize": 11.5,
        "labelPadding": 6,
        "tickColor": AXIS.light,
        "tickSize": 4,
        "title": None,
        "titleColor": MUTED.light,
        "titleFont": SANS,
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
    }
    return {
        "axis": axis,
        "axisX": {"grid": False, "labelFlush": False, "labelOverlap": "greedy"},
        "axisY": {"domain": False, "grid": True, "ticks": False, "tickCount": 5},
        "background": PAPER.light,
        "legend": {"disable": True},
        "mark": {"aria": False},
        "text": {"color": MUTED.light, "font": SANS, "fontSize": 11.5},
        "view": {"stroke": None},
    }
