"""The face: nasal tip, skin over the nose, nasal bone, palate, jaw."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.curves import bezier, blob, oval
from nonet.simulate.scene import FloatArray, Grain
from nonet.simulate.sketch import Sketch

__all__ = ["draw_face"]

_NOSE = (
    (Structure.NASAL_TIP, (13.0, 22.0), 0.0),
    (Structure.NASAL_SKIN, (11.0, 20.0), 0.0),
    (Structure.NASAL_BONE, (13.0, 23.0), 2.5),
)


def draw_face(sketch: Sketch) -> None:
    """Soft parts first, then palate and jaw, then the three short lines of the nose."""
    _soft_parts(sketch)
    box = sketch.boxes[Structure.PALATE]
    sketch.outlines[Structure.PALATE] = _in_box(box, np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))
    if Structure.PALATE not in sketch.absent:
        _palate(sketch, box)
    _jaw(sketch, box)
    slope = sketch.draw(-0.12, 0.12)
    for structure, level, loss in _NOSE:
        _short_line(sketch, structure, level, loss, slope)


def _in_box(box: FloatArray, shares: FloatArray) -> FloatArray:
    """Points given as shares of a box, from its upper left corner, in mm."""
    return np.asarray(box[:2] + (shares - 0.5) * box[2:])


def _soft_parts(sketch: Sketch) -> None:
    """Lighter and darker parts between profile and skull base; the mouth is dark."""
    box, k = sketch.boxes[Structure.PALATE], sketch.scale
    for level in ((-14, -6), (-4, 9), (-2, 10), (2, 13), (-10, 2)):
        at = _in_box(box, np.array([sketch.draw(0.0, 1.2), sketch.draw(-0.6, 1.3)]))
        lump = blob(at[0], at[1], sketch.length(0.7, 2.2), sketch.length(0.4, 1.2), sketch.rng)
        sketch.fill(lump, level, Grain.BRAIN, soft_mm=0.3, loss=0.3)
    mouth = _in_box(box, np.array([sketch.draw(0.3, 0.6), 1.25]))
    sketch.fill(oval(mouth[0], mouth[1], 2.2 * k, 0.8 * k, angle=sketch.draw(-0.2, 0.3)), (-14, -4), soft_mm=0.3)


def _palate(sketch: Sketch, box: FloatArray) -> None:
    """The maxilla seen from the side: an oblique bar, a fainter base, the bright alveolar ridge in front."""
    top = _in_box(box, np.array([sketch.draw(0.22, 0.5), sketch.draw(0.08, 0.2)]))
    knee = _in_box(box, np.array([sketch.draw(0.35, 0.65), sketch.draw(0.4, 0.8)]))
    back = _in_box(box, np.array([sketch.draw(0.82, 0.95), sketch.draw(0.72, 0.9)]))
    middle = _in_box(box, np.array([0.42, 0.62]))
    sketch.fill(
        blob(middle[0], middle[1], 0.3 * box[2], 0.25 * box[3], sketch.rng), (-2, 8), Grain.BRAIN, soft_mm=0.3, loss=0.4
    )
    sketch.line(bezier(top, knee, back), (17, 26), width=sketch.draw(0.14, 0.3) * box[3], polish=0.6, loss=5.0)
    front = _in_box(box, np.array([sketch.draw(0.08, 0.3), sketch.draw(0.6, 0.9)]))
    sketch.line(bezier(front, (front + back) / 2, back), (2, 17), width=0.4, polish=1.0, loss=2.0, taper=0.4)
    ridge = _in_box(box, np.array([sketch.draw(0.08, 0.25), sketch.draw(0.35, 0.75)]))
    lump = blob(ridge[0], ridge[1], 0.13 * box[2], sketch.draw(0.12, 0.24) * box[3], sketch.rng)
    sketch.fill(lump, (8, 18), Grain.BRAIN, soft_mm=0.25, loss=1.0)


def _jaw(sketch: Sketch, box: FloatArray) -> None:
    """The point of the lower jaw, bright in front of the mouth."""
    at = _in_box(box, np.array([sketch.draw(-0.02, 0.22), sketch.draw(1.05, 1.25)]))
    lump = blob(at[0], at[1], sketch.length(0.7, 1.4), sketch.length(0.4, 0.9), sketch.rng)
    sketch.fill(lump, (0, 15), Grain.BRAIN, soft_mm=0.15, loss=1.2)


def _short_line(sketch: Sketch, structure: Structure, level: tuple[float, float], loss: float, slope: float) -> None:
    """One of the nose's lines, lying in its box; the nasal bone's length is its true size."""
    box = sketch.boxes[structure]
    sketch.outlines[structure] = oval(box[0], box[1], box[2] / 2, box[3] / 2)
    if structure in sketch.absent:
        return
    half = 0.44 * box[2]
    drop = float(np.clip(slope * box[2], -0.4 * box[3], 0.4 * box[3])) / 2
    bulge = np.array([box[0], box[1] - 0.12 * box[3]])
    line = bezier(np.array([box[0] - half, box[1] - drop]), bulge, np.array([box[0] + half, box[1] + drop]))
    sketch.line(line, level, width=0.4 * box[3], polish=1.5, loss=loss, taper=0.25)
    if structure is Structure.NASAL_BONE:
        sketch.truth["nasal_bone_mm"] = float(np.hypot(*(line[-1] - line[0])))
