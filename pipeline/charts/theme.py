"""Colours, shapes and type of every chart: one colour and shape per framework, in a light and a dark scheme.

A chart is drawn once, in light tokens; the page swaps each token for its dark partner when the reader's scheme is dark.
So every light token is a different string, and nothing in a chart uses a colour that is not listed here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, Final
from zlib import crc32

from pipeline.reference import Frameworks, known_frameworks
from pipeline.reference.toml_file import read_toml


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

_FILE: Final = Path(__file__).with_suffix(".toml")
_TOLD: Final[dict[str, Any]] = read_toml(_FILE)
COMPUTED_INKS: Final = tuple(Ink(*pair) for pair in _TOLD["computed_inks"])
"""For frameworks whose file gives no colour."""
SHAPES: Final[dict[str, str]] = _TOLD["shapes"]
"""Each shape of a mark, and its path in a box from -8 to 8, for the keys of the page."""

SANS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_CONFIG: Final = Template(_FILE.with_name("vega_config.json").read_text(encoding="utf-8"))


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
    inks = {"axis": AXIS, "grid": GRID, "muted": MUTED, "paper": PAPER}
    told = _CONFIG.substitute({name: ink.light for name, ink in inks.items()}, sans=SANS)
    config: dict[str, object] = json.loads(told)
    return config
