"""Inside the vault: hemisphere, choroid plexus, ventricle, thalami and midbrain."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import blob, box_oval, oval
from nonet.simulate.head.scene import FloatArray, Grain, Region
from nonet.simulate.head.sketch import Sketch

__all__ = ["draw_brain"]


def draw_brain(sketch: Sketch) -> None:
    """Everything above the hindbrain, from the lining of the skull inwards."""
    k = sketch.scale
    centre, radii = sketch.landmarks["skull_centre"], sketch.landmarks["skull_radii"] - 1.3 * k
    lining = oval(centre[0], centre[1], radii[0], radii[1])
    with sketch.drawing(Region.PROFILE):
        sketch.fill(lining[lining[:, 0] > -5.0 * k], (-7, 0), Grain.BRAIN, soft_mm=0.4)
    _hemisphere(sketch)
    for x, y in ((-4.5, 0.0), (-1.0, 2.5)):
        sketch.fill(blob(x * k, y * k, 4.0 * k, 4.0 * k, sketch.rng), (-8, -3), Grain.BRAIN, soft_mm=0.8, loss=0.25)
    for structure in (Structure.THALAMI, Structure.MIDBRAIN):
        with sketch.drawing(structure):
            _nucleus(sketch, structure)
    for _ in range(int(sketch.rng.integers(4, 11))):
        spot = sketch.place((-3.0, 11.0), (-12.0, 4.0))
        sketch.dash(spot, sketch.length(0.4, 1.8), 0.3 * sketch.rng.standard_normal(), (-2, 12))


def _hemisphere(sketch: Sketch) -> None:
    """Choroid plexus, brighter; lateral ventricle and fissures, darker."""
    for _ in range(int(sketch.rng.integers(2, 5))):
        at = sketch.place((4.0, 11.0), (-13.0, -2.0))
        plexus = blob(at[0], at[1], sketch.length(2.0, 5.0), sketch.length(1.5, 4.0), sketch.rng)
        sketch.fill(plexus, (-4, 5), Grain.BRAIN, soft_mm=0.6)
    for _ in range(int(sketch.rng.integers(1, 5))):
        at = sketch.place((-2.0, 10.0), (-14.5, -7.0))
        space = blob(at[0], at[1], sketch.length(0.8, 3.5), sketch.length(0.5, 1.6), sketch.rng)
        sketch.fill(space, (-26, -10), Grain.BRAIN, soft_mm=0.4)


def _nucleus_box(sketch: Sketch, structure: Structure) -> FloatArray:
    """Its box; a midbrain of wanted height keeps its shape and its middle."""
    box = sketch.boxes[structure]
    if structure is not Structure.MIDBRAIN:
        return box
    share = sketch.size("midbrain_mm", float(box[3])) / float(box[3])
    return np.asarray(box * (1.0, 1.0, share, share))


def _nucleus(sketch: Sketch, structure: Structure) -> None:
    """Thalami or midbrain: echo-poor, filling its box, with a short bright line on top."""
    box, k = _nucleus_box(sketch, structure), sketch.scale
    sketch.outlines[structure] = box_oval(box)
    if structure in sketch.absent:
        return
    if structure is Structure.MIDBRAIN:
        sketch.truth["midbrain_mm"] = float(box[3])
    sketch.fill(box_oval(box * (1.0, 1.0, 1.2, 1.2)), (-5, 0), Grain.BRAIN, soft_mm=0.6)
    sketch.fill(sketch.outlines[structure], (-20, -9), Grain.BRAIN, soft_mm=0.4)
    for side in (-0.5, 0.5):
        at = np.array([box[0] + sketch.draw(-0.35, 0.25) * box[2], box[1] + side * box[3]])
        sketch.dash(at, sketch.length(0.8, 3.5), sketch.draw(-0.15, 0.15), (-2, 13), width=0.4)
    for _ in range(int(sketch.rng.integers(0, 4))):
        at = np.array([box[0] + sketch.draw(-0.3, 0.3) * box[2], box[1] + sketch.draw(-0.3, 0.3) * box[3]])
        sketch.fill(blob(at[0], at[1], 0.9 * k, 0.5 * k, sketch.rng), (-12, -3), Grain.BRAIN, soft_mm=0.3)
