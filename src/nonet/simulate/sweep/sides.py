"""What lies beside the midline: orbit, cheek bone, choroid plexus, thalamus, skull base, cerebellum, ribs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import bezier, blob, oval, shifted
from nonet.simulate.head.scene import Grain, Interface, Region, Tissue
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.sweep.across import Reach

if TYPE_CHECKING:
    pass

__all__ = ["BesideMidline", "draw_sides"]

_MANY_RIBS = 8


@dataclass(slots=True)
class BesideMidline:
    """Tissues and interfaces beside the midline, each with its reach, in the order in which they are painted."""

    tissues: list[tuple[Tissue, Reach]] = field(default_factory=list)
    interfaces: list[tuple[Interface, Reach]] = field(default_factory=list)


def draw_sides(head: Sketch, rng: np.random.Generator) -> BesideMidline:
    """Both sides of a head; left and right resemble each other and are not the same.

    Parameters
    ----------
    head
        Its midline.
    rng
        Source of every draw.
    """
    sides = BesideMidline()
    for side in (-1.0, 1.0):
        for draw in (_hemisphere, _thalamus, _skull_base, _cerebellum, _orbit, _cheek, _ribs):
            board = replace(head, rng=rng, scene=type(head.scene)())
            reach = draw(board)
            there = replace(reach, middle_mm=side * reach.middle_mm)
            sides.tissues += [(each, there) for each in board.scene.tissues]
            sides.interfaces += [(each, there) for each in board.scene.interfaces]
    return sides


def _hemisphere(board: Sketch) -> Reach:
    """The lateral ventricle, wide at this age, with the bright choroid plexus that nearly fills it."""
    k, centre = board.scale, board.landmarks["skull_centre"]
    x, y = centre[0] + board.length(0.8, 2.4), centre[1] - board.length(0.8, 2.8)
    with board.drawing(Region.BRAIN):
        ventricle = oval(x, y, board.length(6.3, 7.4), board.length(4.9, 5.9), angle=board.draw(-0.3, 0.2), power=2.3)
        board.fill(ventricle, (-24, -14), Grain.NONE, soft_mm=0.3)
        at = shifted(np.array([x, y]), board.length(0.2, 1.5), board.length(0.2, 1.2))
        plexus = blob(at[0], at[1], board.length(4.2, 5.4), board.length(2.8, 3.8), board.rng)
        board.fill(plexus, (2, 8), Grain.BRAIN, soft_mm=0.3)
        board.line(ventricle[38:64], (-2, 8), width=0.4, polish=2.0, taper=0.3)
        board.dash(shifted(at, 0.0, 3.0 * k), board.length(2.0, 4.0), board.draw(-0.3, 0.3), (-2, 8))
    return Reach(board.draw(3.0, 3.6), board.draw(5.2, 5.8))


def _thalamus(board: Sketch) -> Reach:
    """The mass of the thalamus, as bright as brain: the dark space between the two is gone."""
    box = board.boxes[Structure.THALAMI]
    with board.drawing(Region.BRAIN):
        lump = blob(box[0], box[1], 0.62 * box[2], 0.66 * box[3], board.rng)
        board.fill(lump, (-4, 2), Grain.BRAIN, soft_mm=0.4)
    return Reach(board.draw(2.2, 2.8), board.draw(3.6, 4.2))


def _skull_base(board: Sketch) -> Reach:
    """The wing of the sphenoid and the petrous bone: bright slanting lines that cast shadows, before the hindbrain."""
    palate, midbrain = board.boxes[Structure.PALATE], board.boxes[Structure.MIDBRAIN]
    fourth = board.boxes[Structure.FOURTH_VENTRICLE]
    with board.drawing(Region.BRAIN):
        neck = blob(-5.0 * board.scale, 2.0 * board.scale, board.length(4.5, 5.5), board.length(4.0, 5.0), board.rng)
        board.fill(neck, (-7, -2), Grain.BODY, soft_mm=1.0)
        front = np.array([palate[0] + 0.5 * palate[2], palate[1] - board.length(0.5, 2.0)])
        back = np.array([midbrain[0] + board.length(-1.0, 1.0), midbrain[1] + board.length(0.5, 2.0)])
        knee = (front + back) / 2 + np.array([board.length(-2.0, 2.0), board.length(1.5, 4.0)])
        board.line(bezier(front, knee, (front + 2 * back) / 3), (3, 12), width=0.9, polish=1.5, loss=3.0, taper=0.5)
        ear = np.array([fourth[0] - board.length(2.0, 4.0), (midbrain[1] + fourth[1]) / 2])
        lump = blob(ear[0], ear[1], board.length(1.6, 2.6), board.length(0.9, 1.5), board.rng)
        board.fill(lump, (3, 11), Grain.BRAIN, soft_mm=0.3, loss=1.2)
    return Reach(board.draw(2.8, 3.6), board.draw(5.2, 6.0))


def _cerebellum(board: Sketch) -> Reach:
    """A hemisphere of the cerebellum with a bright rim, where fourth ventricle and cisterna magna were."""
    fourth, cisterna = board.boxes[Structure.FOURTH_VENTRICLE], board.boxes[Structure.CISTERNA_MAGNA]
    x, y = (fourth[:2] + cisterna[:2]) / 2
    half_height = abs(cisterna[1] - fourth[1]) / 2 + board.length(1.0, 1.6)
    with board.drawing(Region.BRAIN_STEM):
        outline = oval(x, y, 0.55 * max(fourth[2], cisterna[2]), half_height, angle=board.draw(-0.15, 0.15))
        board.fill(outline, (-5, 1), Grain.BRAIN, soft_mm=0.25)
        board.line(outline[40:68], (-2, 9), width=0.3, polish=2.0, taper=0.4)
        at = shifted(np.array([x, y]), board.length(-1.0, 1.0), board.length(-0.6, 0.6))
        spot = blob(at[0], at[1], board.length(0.8, 1.6), board.length(0.4, 0.8), board.rng)
        board.fill(spot, (-12, -4), Grain.BRAIN, soft_mm=0.3)
    return Reach(board.draw(2.2, 2.8), board.draw(3.8, 4.4))


def _orbit(board: Sketch) -> Reach:
    """The eye: a dark round with a bright rim and the ring of the lens, below and behind the root of the nose."""
    k, bone, palate = board.scale, board.boxes[Structure.NASAL_BONE], board.boxes[Structure.PALATE]
    centre = np.array([bone[0] + board.length(0.2, 1.2), (bone[1] + palate[1]) / 2 + board.length(-0.6, 0.4)])
    with board.drawing(Region.FACE):
        globe = oval(centre[0], centre[1], 2.3 * k, 2.1 * k)
        board.fill(oval(centre[0], centre[1], 3.1 * k, 2.9 * k), (0, 7), Grain.BRAIN, soft_mm=0.35, loss=0.4)
        board.fill(globe, (-30, -22), soft_mm=0.12)
        board.line(globe[34:70], (6, 15), width=0.35, polish=1.5, taper=0.25)
        board.line(globe[4:32], (2, 12), width=0.35, polish=1.5, taper=0.25)
        lens = oval(centre[0] - 0.3 * k, centre[1] - 0.9 * k, 0.7 * k, 0.45 * k)
        board.line(np.vstack((lens, lens[:1])), (0, 9), width=0.2, polish=0.7, taper=0.02)
    return Reach(board.draw(2.3, 2.7), board.draw(5.6, 6.2))


def _cheek(board: Sketch) -> Reach:
    """Frontal process of the maxilla and cheek bone: a long bright mass from the gum up to the brow, with a shadow."""
    palate, bone = board.boxes[Structure.PALATE], board.boxes[Structure.NASAL_BONE]
    with board.drawing(Region.FACE):
        low = np.array([palate[0] - board.draw(0.1, 0.35) * palate[2], palate[1] + board.draw(-0.2, 0.3) * palate[3]])
        high = np.array([bone[0] + board.length(1.0, 2.4), bone[1] + board.length(1.3, 2.2)])
        knee = (low + high) / 2 + np.array([board.length(-0.6, 0.6), board.length(-0.3, 0.8)])
        board.line(bezier(low, knee, high), (14, 22), width=0.9, polish=0.7, loss=5.0, taper=0.25)
        at = (low + palate[:2]) / 2
        lump = blob(at[0], at[1], board.length(1.4, 2.4), board.length(0.8, 1.4), board.rng)
        board.fill(lump, (5, 13), Grain.BRAIN, soft_mm=0.3, loss=1.4)
    return Reach(board.draw(1.8, 2.2), board.draw(3.2, 3.8))


def _ribs(board: Sketch) -> Reach:
    """Ribs cut across: bright dots in a row along the back, each with its shadow."""
    k, neck, face = board.scale, board.landmarks["neck"], board.landmarks["face"]
    first = face[0, 0] - board.length(1.0, 3.0)
    with board.drawing(Region.TRUNK):
        for number in range(_MANY_RIBS):
            x = first - number * board.length(1.7, 2.1)
            y = float(np.interp(x, neck[:, 0], neck[:, 1])) - board.length(2.0, 3.0)
            spot = np.array([[x - 0.45 * k, y], [x, y - 0.15 * k], [x + 0.45 * k, y]])
            board.line(spot, (8, 16), width=0.5, polish=1.0, loss=3.0, taper=0.3)
    return Reach(5.0, 6.5)
