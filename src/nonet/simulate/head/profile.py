"""The outline of the head: chin, lips, nose, forehead and vault, with skin and skull."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import offset, shifted, spline
from nonet.simulate.head.scene import FloatArray, Grain
from nonet.simulate.head.sketch import Sketch

__all__ = ["draw_profile"]

_VAULT = np.radians(np.arange(-118.0, 52.0, 10.0))


def draw_profile(sketch: Sketch) -> None:
    """Skin of face and vault, the skull under it, and the tissue between."""
    vault = _vault(sketch)
    face = spline(_face(sketch))
    skin = spline(np.vstack((face[-1:], vault)))
    skull = offset(skin, sketch.length(0.45, 0.85))
    sketch.landmarks.update(vault=vault, face=face, skull=skull)
    middle = sketch.landmarks["skull_centre"]
    sketch.fill(np.vstack((face, skin, [[middle[0], sketch.landmarks["occiput_y"][0]]])), (-9, 0), Grain.BODY)
    sketch.line(skin, (-14, 2), width=0.3, polish=4.0, taper=0.05)
    sketch.line(skull, (6, 19), width=0.4, polish=7.0, loss=2.0, taper=0.06)
    sketch.line(skull, (-15, -3), width=0.6, polish=0.5, taper=0.06)
    sketch.line(skull[: len(skull) // 3], (2, 15), width=0.6, polish=2.5, loss=1.0, taper=0.3)
    sketch.line(face[: len(face) * 2 // 3], (-4, 12), width=0.4, polish=1.5, taper=0.1)


def _vault(sketch: Sketch) -> FloatArray:
    """From above the nasion over the vertex to behind the hindbrain; an oval on the skull's centre."""
    cisterna, bone = sketch.boxes[Structure.CISTERNA_MAGNA], sketch.boxes[Structure.NASAL_BONE]
    bottom = cisterna[1] + cisterna[3] / 2 + 0.35 * sketch.scale
    top = min(bone[1] - sketch.length(3.2, 7.5), -15.2 * sketch.scale)
    x, right = sketch.length(3.2, 4.6), sketch.length(14.5, 17.8)
    centre = np.array([x, (top + bottom) / 2])
    radii = np.array([right - x, (bottom - top) / 2])
    sketch.landmarks.update(skull_centre=centre, skull_radii=radii, occiput_y=np.array([bottom]))
    radius = 1 + 0.015 * sketch.rng.standard_normal(len(_VAULT))
    return np.asarray(centre + radii * radius[:, None] * np.column_stack((np.cos(_VAULT), np.sin(_VAULT))))


def _face(sketch: Sketch) -> FloatArray:
    """From the throat over chin, lips and nose to the nasion, through the boxes of nose and palate."""
    k = sketch.scale
    palate, tip = sketch.boxes[Structure.PALATE], sketch.boxes[Structure.NASAL_TIP]
    skin, bone = sketch.boxes[Structure.NASAL_SKIN], sketch.boxes[Structure.NASAL_BONE]
    front, top, bottom = palate[0] - palate[2] / 2, palate[1] - palate[3] / 2, palate[1] + palate[3] / 2
    chin = np.array([front + sketch.length(0.0, 1.5), bottom + sketch.length(0.8, 2.2)])
    lip = sketch.length(0.3, 1.3)
    points = np.array([
        shifted(chin, 3.2 * k, 1.9 * k),
        shifted(chin, 0.8 * k, 0.9 * k),
        shifted(chin, -0.4 * k, 0.0),
        shifted(chin, -0.1 * k, -1.0 * k),
        (front - lip, palate[1] + 1.0 * k),
        (front - 0.1 * k, palate[1]),
        (front - 0.8 * lip, palate[1] - 1.1 * k),
        (min(tip[0] - tip[2] * 0.35, front + 0.2 * palate[2]), (top + tip[1]) / 2),
        (tip[0] - tip[2] * 0.55, tip[1] + 0.4 * k),
        (tip[0] - tip[2] * 0.1, tip[1]),
        (skin[0] + 0.2 * skin[2], skin[1]),
        (max(bone[0] + 0.55 * bone[2], skin[0] + 0.55 * skin[2]) + 0.3 * k, bone[1] - 0.1 * k),
    ])  # fmt: skip
    points[:8] += 0.15 * k * sketch.rng.standard_normal((8, 2))
    return points
