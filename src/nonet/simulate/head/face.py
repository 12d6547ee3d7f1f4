"""The face: nasal tip, skin over the nose, nasal bone, palate, jaw."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import bezier, blob, in_box, oval, resample
from nonet.simulate.head.palate import draw_palate
from nonet.simulate.head.scene import FloatArray, Grain, Region
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
    sketch.outlines[Structure.PALATE] = in_box(box, np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))
    if Structure.PALATE not in sketch.absent:
        with sketch.drawing(Structure.PALATE):
            draw_palate(sketch, box)
    with sketch.drawing(Region.JAW):
        _jaw(sketch, box)
    slope = sketch.draw(-0.12, 0.12)
    for structure, level, loss in _NOSE:
        with sketch.drawing(structure):
            _short_line(sketch, structure, level, loss, slope)
    _skin_distance(sketch)


def _soft_parts(sketch: Sketch) -> None:
    """Lighter and darker parts between profile and skull base; the mouth is dark."""
    box, k = sketch.boxes[Structure.PALATE], sketch.scale
    for level in ((-14, -6), (-4, 9), (-2, 10), (2, 13), (-10, 2)):
        at = sketch.spot(box, (0.0, 1.2), (-0.6, 1.3))
        lump = blob(at[0], at[1], sketch.length(0.7, 2.2), sketch.length(0.4, 1.2), sketch.rng)
        sketch.fill(lump, level, Grain.BRAIN, soft_mm=0.3, loss=0.3)
    mouth = sketch.spot(box, (0.3, 0.6), (1.2, 1.3))
    sketch.fill(oval(mouth[0], mouth[1], 2.2 * k, 0.8 * k, angle=sketch.draw(-0.2, 0.3)), (-14, -4), soft_mm=0.3)


def _jaw(sketch: Sketch, box: FloatArray) -> None:
    """The point of the lower jaw, bright in front of the mouth."""
    at = sketch.spot(box, (-0.02, 0.22), (1.05, 1.25))
    lump = blob(at[0], at[1], sketch.length(0.7, 1.4), sketch.length(0.4, 0.9), sketch.rng)
    sketch.fill(lump, (0, 15), Grain.BRAIN, soft_mm=0.15, loss=1.2)


def _short_line(sketch: Sketch, structure: Structure, level: tuple[float, float], loss: float, slope: float) -> None:
    """One of the nose's lines, lying in its box; the nasal bone's length is its true size."""
    box = sketch.boxes[structure]
    half = 0.44 * box[2]
    drop = float(np.clip(slope * box[2], -0.4 * box[3], 0.4 * box[3])) / 2
    bulge = np.array([box[0], box[1] - 0.12 * box[3]])
    line = bezier(np.array([box[0] - half, box[1] - drop]), bulge, np.array([box[0] + half, box[1] + drop]))
    share = _wanted_share(sketch, structure, line)
    if share != 1.0:
        line = np.asarray(box[:2] + share * (line - box[:2]))
    sketch.outlines[structure] = oval(box[0], box[1], share * box[2] / 2, box[3] / 2)
    if structure in sketch.absent:
        return
    sketch.line(line, level, width=0.4 * box[3], polish=1.5, loss=loss, taper=0.25)
    sketch.landmarks[structure.value] = line
    if structure is Structure.NASAL_BONE:
        sketch.truth["nasal_bone_mm"] = float(np.hypot(*(line[-1] - line[0])))
        sketch.lines["nasal_bone_mm"] = sketch.scene.interfaces[-1]


def _wanted_share(sketch: Sketch, structure: Structure, line: FloatArray) -> float:
    """How long a line is wanted, as a share of its own length; 1 of all but the nasal bone."""
    own = float(np.hypot(*(line[-1] - line[0])))
    return sketch.size("nasal_bone_mm", own) / own if structure is Structure.NASAL_BONE else 1.0


def _skin_distance(sketch: Sketch) -> None:
    """The shortest distance from the front end of the nasal bone to the skin's outer border."""
    bone, skin = (sketch.landmarks.get(each.value) for each in (Structure.NASAL_BONE, Structure.NASAL_SKIN))
    if bone is None or skin is None:
        return
    width = 0.4 * sketch.boxes[Structure.NASAL_SKIN][3] * sketch.scale
    middle = float(np.hypot(*(resample(skin, _STEP_MM) - bone[0]).T).min())
    sketch.truth["nasal_skin_mm"] = middle + width / 2
    sketch.reaches["nasal_skin_mm"] = LineReach(middle, width)
