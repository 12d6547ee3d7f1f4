"""The face: nasal tip, skin over the nose, nasal bone, palate, jaw."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import bezier, blob, oval, resample
from nonet.simulate.head.scene import FloatArray, Grain
from nonet.simulate.head.sketch import LineReach, Sketch

__all__ = ["draw_face"]

_NOSE = (
    (Structure.NASAL_TIP, (13.0, 22.0), 0.0),
    (Structure.NASAL_SKIN, (11.0, 20.0), 0.0),
    (Structure.NASAL_BONE, (13.0, 23.0), 2.5),
)
_STEP_MM = 0.01


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
    _skin_distance(sketch)


def _in_box(box: FloatArray, shares: FloatArray) -> FloatArray:
    """Points given as shares of a box, from its upper left corner, in mm."""
    return np.asarray(box[:2] + (shares - 0.5) * box[2:])


def _soft_parts(sketch: Sketch) -> None:
    """Lighter and darker parts between profile and skull base; the mouth is dark."""
    box, k = sketch.boxes[Structure.PALATE], sketch.scale
    for level in ((-14, -6), (-4, 9), (-2, 10), (2, 13), (-10, 2)):
        at = _somewhere(sketch, box, (0.0, 1.2), (-0.6, 1.3))
        lump = blob(at[0], at[1], sketch.length(0.7, 2.2), sketch.length(0.4, 1.2), sketch.rng)
        sketch.fill(lump, level, Grain.BRAIN, soft_mm=0.3, loss=0.3)
    mouth = _somewhere(sketch, box, (0.3, 0.6), (1.2, 1.3))
    sketch.fill(oval(mouth[0], mouth[1], 2.2 * k, 0.8 * k, angle=sketch.draw(-0.2, 0.3)), (-14, -4), soft_mm=0.3)


def _palate(sketch: Sketch, box: FloatArray) -> None:
    """The maxilla seen from the side: a bright back leg, which is measured, a front leg, a faint base, the ridge."""
    apex, knee = _somewhere(sketch, box, (0.2, 0.55), (0.05, 0.25)), _somewhere(sketch, box, (0.45, 0.7), (0.35, 0.7))
    back, front = _somewhere(sketch, box, (0.84, 0.95), (0.74, 0.9)), _somewhere(sketch, box, (0.05, 0.25), (0.6, 0.9))
    body = _in_box(box, np.array([0.45, 0.6]))
    sketch.fill(blob(body[0], body[1], 0.3 * box[2], 0.28 * box[3], sketch.rng), (-3, 9), Grain.BRAIN, 0.3, loss=0.4)
    thickness = sketch.draw(0.10, 0.20) * box[3]
    leg = bezier(apex, knee, back)
    sketch.line(leg, (17, 26), width=thickness, polish=0.7, loss=5.0, taper=0.35)
    sketch.truth["palate_mm"] = float(np.hypot(*(leg[-1] - leg[0])))
    sketch.lines["palate_mm"] = sketch.scene.interfaces[-1]
    sketch.line(bezier(apex, (apex + front) / 2, front), (-8, 20), width=thickness, polish=0.7, loss=2.0, taper=0.4)
    sketch.line(bezier(front, (front + back) / 2, back), (-8, 16), width=0.4, polish=1.0, loss=1.0, taper=0.4)
    ridge = _somewhere(sketch, box, (0.08, 0.25), (0.4, 0.8))
    lump = blob(ridge[0], ridge[1], 0.14 * box[2], sketch.draw(0.12, 0.24) * box[3], sketch.rng)
    sketch.fill(lump, (6, 19), Grain.BRAIN, soft_mm=0.25, loss=1.0)


def _somewhere(sketch: Sketch, box: FloatArray, x: tuple[float, float], y: tuple[float, float]) -> FloatArray:
    """A point within limits that are shares of a box."""
    return _in_box(box, np.array([sketch.draw(*x), sketch.draw(*y)]))


def _jaw(sketch: Sketch, box: FloatArray) -> None:
    """The point of the lower jaw, bright in front of the mouth."""
    at = _somewhere(sketch, box, (-0.02, 0.22), (1.05, 1.25))
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
    sketch.landmarks[structure.value] = line
    if structure is Structure.NASAL_BONE:
        sketch.truth["nasal_bone_mm"] = float(np.hypot(*(line[-1] - line[0])))
        sketch.lines["nasal_bone_mm"] = sketch.scene.interfaces[-1]


def _skin_distance(sketch: Sketch) -> None:
    """The shortest distance from the front end of the nasal bone to the skin's outer border."""
    bone, skin = (sketch.landmarks.get(each.value) for each in (Structure.NASAL_BONE, Structure.NASAL_SKIN))
    if bone is None or skin is None:
        return
    width = 0.4 * sketch.boxes[Structure.NASAL_SKIN][3] * sketch.scale
    middle = float(np.hypot(*(resample(skin, _STEP_MM) - bone[0]).T).min())
    sketch.truth["nasal_skin_mm"] = middle + width / 2
    sketch.reaches["nasal_skin_mm"] = LineReach(middle, width)
