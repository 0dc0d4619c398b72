"""Colours, shapes and type of every chart: one colour and shape per framework, in a light and a dark scheme.

A chart is drawn once, in light tokens; the page swaps each token for its dark partner when the reader's scheme is dark.
So every light token is a different string, and nothing in a chart uses a colour that is not listed here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zlib import crc32

from pipeline.reference import Frameworks, known_frameworks


@dataclass(frozen=True)
class Ink:
    """One colour in both schemes, as `#RRGGBB`."""

    light: str
    dark: str


@dataclass(frozen=True)
class Mark:
    """One framework's colour, and its shape for readers and printers without colour."""

    ink: Ink
    shape: str


PAPER: Final = Ink("#FFFFFF", "#16191E")
INK: Final = Ink("#1B2027", "#E9ECF1")
MUTED: Final = Ink("#59616D", "#A4ACB9")
AXIS: Final = Ink("#8B939F", "#6C7583")
GRID: Final = Ink("#E7E9EC", "#272C34")
RANGE: Final = Ink("#EFE3D6", "#2F2A27")
BREAK: Final = Ink("#B6BCC5", "#565E6A")

UNLISTED: Final = Mark(Ink("#A8B0BB", "#5D6570"), "circle")

# For frameworks whose file gives no colour. Under simulated deuteranopia, protanopia and tritanopia any two of these,
# and each of them from every given colour, stay at least 9 apart (CIE 1976); a test holds it.
COMPUTED_INKS: Final = (
    Ink("#5700AD", "#AA00FF"), Ink("#33004C", "#CC00AA"), Ink("#5500FF", "#5765AD"), Ink("#4C0000", "#AD9882"),
    Ink("#CC66CC", "#FF00D4"), Ink("#AD5757", "#CC2200"), Ink("#24006B", "#7B698C"), Ink("#4060FF", "#BFDFFF"),
    Ink("#4C4339", "#FFFF00"), Ink("#AD00AD", "#9933CC"), Ink("#62366B", "#9966CC"), Ink("#8C8C46", "#EBB075"),
)  # fmt: skip
SHAPES: Final = {
    "circle": "M0-6.4A6.4 6.4 0 1 1 0 6.4A6.4 6.4 0 1 1 0-6.4Z",
    "square": "M-5.9-5.9H5.9V5.9H-5.9Z", "triangle-up": "M0-6.6L-7.3 6H7.3Z", "diamond": "M0-7.6L7.6 0L0 7.6L-7.6 0Z",
    "cross": "M-6.8-2.3H-2.3V-6.8H2.3V-2.3H6.8V2.3H2.3V6.8H-2.3V2.3H-6.8Z",
    "triangle-down": "M0 6.6L-7.3-6H7.3Z", "triangle-right": "M6.6 0L-6-7.3V7.3Z",
    "triangle-left": "M-6.6 0L6-7.3V7.3Z", "stroke": "M-7.5-1.6H7.5V1.6H-7.5Z", "wedge": "M0-7.5L-3.4 6.5H3.4Z",
}  # fmt: skip
"""Each shape of a mark, and its path in a box from -8 to 8, for the keys of the page."""

SANS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def marks() -> Mapping[str, Mark]:
    """Return how each framework, state and benchmarked variant of the registry is drawn."""
    return _marks(known_frameworks())


def mark_of(framework: str) -> Mark:
    """Return how `framework` is drawn; what the registry does not know gets the grey of unlisted ones."""
    return marks().get(framework, UNLISTED)


def in_order(frameworks: Iterable[str]) -> list[str]:
    """Return `frameworks` without repeats in the order used everywhere: those with a place, others by name, states."""
    known = known_frameworks()
    variants = (bench.id for _, bench in known.bench() if bench.id not in known)
    states = (entry.id for entry in known if entry.kind == "state")
    rank = {name: place for place, name in enumerate([*known.placed, *variants, "", *states])}
    return sorted(set(frameworks), key=lambda name: (rank.get(name, rank[""]), name))


def dark_tokens() -> dict[str, str]:
    """Return light token → dark token for every colour that a chart may use."""
    inks = [PAPER, INK, MUTED, AXIS, GRID, RANGE, BREAK, UNLISTED.ink, *(mark.ink for mark in marks().values())]
    return {ink.light: ink.dark for ink in inks}


@lru_cache(maxsize=4)
def _marks(frameworks: Frameworks) -> Mapping[str, Mark]:
    given = ((entry.id, entry.mark) for entry in frameworks if entry.mark)
    drawn = {name: Mark(Ink(mark.light, mark.dark), mark.shape) for name, mark in given}
    drawn |= _computed(entry.id for entry in frameworks if entry.id not in drawn and entry.kind != "state")
    variants = ((entry.id, bench) for entry, bench in frameworks.bench() if bench.id not in frameworks)
    drawn |= {bench.id: Mark(drawn[name].ink, bench.shape or drawn[name].shape) for name, bench in variants}
    return drawn


def _computed(names: Iterable[str]) -> Iterator[tuple[str, Mark]]:
    """Yield a mark for each name: the colour that its letters choose, or the next one that is less often taken.

    Where all colours are taken they come again with another shape.
    """
    taken, shapes = [0] * len(COMPUTED_INKS), list(SHAPES)
    for name in names:
        first = crc32(name.encode())
        places = ((first + step) % len(taken) for step in range(len(taken)))
        place = min(places, key=taken.__getitem__)
        yield name, Mark(COMPUTED_INKS[place], shapes[(place + taken[place]) % len(shapes)])
        taken[place] += 1


def vega_config() -> dict[str, object]:
    """Return the Vega-Lite config shared by all charts, in light tokens.

    Marks and axes get no labels of their own for screen readers: the chart's description and its table say it in order.
    """
    axis = {
        "aria": False, "domainColor": AXIS.light, "gridColor": GRID.light, "labelColor": MUTED.light,
        "labelFont": SANS, "labelFontSize": 11.5, "labelPadding": 6, "tickColor": AXIS.light, "tickSize": 4,
        "title": None, "titleColor": MUTED.light, "titleFont": SANS, "titleFontSize": 11.5,
        "titleFontWeight": "normal",
    }  # fmt: skip
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
