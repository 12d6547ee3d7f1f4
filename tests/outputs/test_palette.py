"""Nine structures can be told apart by number, letter, line, and colour, whoever looks."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.outputs.palette import MARKS

VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB."""

SIDE_BY_SIDE = [
    (Structure.NASAL_TIP, Structure.NASAL_SKIN),
    (Structure.NASAL_SKIN, Structure.NASAL_BONE),
    (Structure.NASAL_TIP, Structure.NASAL_BONE),
    (Structure.THALAMI, Structure.MIDBRAIN),
    (Structure.MIDBRAIN, Structure.FOURTH_VENTRICLE),
    (Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA),
    (Structure.CISTERNA_MAGNA, Structure.NUCHAL_TRANSLUCENCY),
    (Structure.PALATE, Structure.NASAL_BONE),
]


def test_numbers_follow_the_order_of_every_table() -> None:
    assert [MARKS[name].number for name in STRUCTURES] == list(range(1, 10))


def test_letters_and_colours_are_nine_each() -> None:
    assert len({mark.letter for mark in MARKS.values()}) == 9
    assert len({mark.colour for mark in MARKS.values()}) == 9


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_differ_clearly(vision: str) -> None:
    least = 40 if vision == "normal" else 20
    shown = {name: seen(MARKS[name].colour, vision) for name in STRUCTURES}
    for one, other in combinations(STRUCTURES, 2):
        assert np.linalg.norm(shown[one] - shown[other]) >= least, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_colours_side_by_side_differ_more(vision: str) -> None:
    for one, other in SIDE_BY_SIDE:
        distance = np.linalg.norm(seen(MARKS[one].colour, vision) - seen(MARKS[other].colour, vision))
        assert distance >= 34, (one, other)


def test_lines_side_by_side_differ_without_colour() -> None:
    for one, other in SIDE_BY_SIDE:
        assert MARKS[one].dash != MARKS[other].dash, (one, other)


def test_every_colour_is_light_enough_for_black_digits() -> None:
    for mark in MARKS.values():
        assert seen(mark.colour, "normal")[0] >= 55


def seen(colour: str, vision: str) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of a colour as a kind of vision sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
