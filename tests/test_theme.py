"""The charts' colours: readable on both papers, apart for every kind of colour vision, and swapped without doubt."""

from itertools import combinations

import numpy as np
import pytest

from pipeline.charts import theme

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

    assert min(apart(*pair) for pair in combinations(theme.CORE_FRAMEWORKS, 2)) >= 13
    assert min(apart(*pair) for pair in combinations(theme.MARKS, 2)) >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inks_are_readable_on_their_paper(scheme):
    paper = getattr(theme.PAPER, scheme)
    for mark in theme.MARKS.values():
        assert contrast(getattr(mark.ink, scheme), paper) >= 3
    for text in (theme.INK, theme.MUTED):
        assert contrast(getattr(text, scheme), paper) >= 4.5


def test_shapes_differ():
    shapes = [mark.shape for mark in theme.MARKS.values()]
    assert len(set(shapes)) == len(shapes)


def test_every_light_token_has_one_dark_partner():
    inks = [theme.PAPER, theme.INK, theme.MUTED, theme.AXIS, theme.GRID, theme.RANGE, theme.BREAK, theme.UNLISTED.ink]
    inks += [mark.ink for mark in (*theme.MARKS.values(), *theme.STATES.values())]
    assert len(theme.dark_tokens()) == len(inks)


def test_order_is_fixed_with_states_last():
    assert theme.in_order(["none", "zeta", "tensorflow", "alpha", "pytorch", "none"]) == [
        "pytorch",
        "tensorflow",
        "alpha",
        "zeta",
        "none",
    ]
