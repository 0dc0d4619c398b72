"""The charts' colours: readable on both papers, apart for every kind of colour vision, and swapped without doubt."""

import re
from itertools import combinations

import numpy as np
import pytest

from pipeline.charts import theme
from pipeline.reference import Frameworks, known_frameworks
from pipeline.reference.frameworks import Framework

GIVEN = [entry.id for entry in known_frameworks() if entry.mark and entry.kind != "state"]

# Machado, Oliveira and Fernandes (2009), severity 1, applied to linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(ink):
    channels = np.array([int(ink[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def seen(ink, vision):
    """Return CIE L*a*b* of an ink as a reader with this vision sees it."""
    xyz = TO_XYZ @ np.clip(np.array(VISIONS[vision]) @ linear(ink), 0, 1) / np.array([0.9505, 1, 1.089])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(one, other):
    brighter, darker = sorted((TO_XYZ[1] @ linear(one), TO_XYZ[1] @ linear(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_frameworks_stay_apart(scheme, vision):
    def apart(one, other):
        inks = (getattr(theme.mark_of(name).ink, scheme) for name in (one, other))
        return np.linalg.norm(np.subtract(*(seen(ink, vision) for ink in inks)))

    assert min(apart(*pair) for pair in combinations(known_frameworks().placed[:6], 2)) >= 13
    assert min(apart(*pair) for pair in combinations(GIVEN, 2)) >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inks_are_readable_on_their_paper(scheme):
    paper = getattr(theme.PAPER, scheme)
    for ink in (*(theme.mark_of(name).ink for name in GIVEN), *theme.COMPUTED_INKS):
        assert contrast(getattr(ink, scheme), paper) >= 3
    for text in (theme.INK, theme.MUTED):
        assert contrast(getattr(text, scheme), paper) >= 4.5


def test_shapes_differ():
    shapes = [theme.mark_of(name).shape for name in GIVEN]
    assert len(set(shapes)) == len(shapes)


def test_every_shape_has_its_path_in_the_keys():
    assert all(re.fullmatch(r"M[-\d. AHLVZ]+Z", path) for path in theme.SHAPES.values())
    assert {mark.shape for mark in theme.marks().values()} <= set(theme.SHAPES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_computed_colours_stay_apart_from_each_other_and_from_the_given_ones(scheme, vision):
    inks = [*theme.COMPUTED_INKS, *(theme.mark_of(name).ink for name in GIVEN)]
    found = [seen(getattr(ink, scheme), vision) for ink in inks]
    computed = range(len(theme.COMPUTED_INKS))
    assert min(np.linalg.norm(found[i] - found[j]) for i in computed for j in range(len(inks)) if i < j) >= 9


def of(*entries):
    """Return a registry of frameworks without colours of their own."""
    return Frameworks(
        Framework(id=name, title=name, kind="framework", is_deep_learning=True, order=place)
        for place, name in enumerate(entries, start=1)
    )


def test_a_framework_without_a_colour_gets_one_by_its_name():
    (mark,) = theme._marks(of("zeta")).values()
    assert mark.ink in theme.COMPUTED_INKS
    assert theme._marks(of("zeta")) == {"zeta": mark}


def test_many_frameworks_without_colours_differ_in_colour_and_then_in_shape():
    names = [f"made-up-{place}" for place in range(60)]
    marks = list(theme._marks(of(*names)).values())
    inks_count = len(theme.COMPUTED_INKS)
    assert len({mark.ink for mark in marks[:inks_count]}) == inks_count
    assert len(set(marks)) == len(marks)


def test_every_light_token_has_one_dark_partner():
    inks = {theme.PAPER, theme.INK, theme.MUTED, theme.AXIS, theme.GRID, theme.RANGE, theme.BREAK, theme.UNLISTED.ink}
    inks |= {mark.ink for mark in theme.marks().values()} | {*theme.COMPUTED_INKS}
    assert len({ink.light for ink in inks}) == len(inks)
    assert theme.dark_tokens().items() <= {(ink.light, ink.dark) for ink in inks}


def test_order_is_fixed_with_states_last():
    assert theme.in_order(["none", "zeta", "tensorflow", "alpha", "pytorch", "none"]) == [
        "pytorch",
        "tensorflow",
        "alpha",
        "zeta",
        "none",
    ]
