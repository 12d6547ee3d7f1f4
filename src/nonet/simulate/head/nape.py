"""The nape: the nuchal translucency between skin and neck, and the occipital bone above it."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import between, bezier, offset, shifted, spline
from nonet.simulate.head.scene import FloatArray, Grain, Region
from nonet.simulate.head.sketch import LINE_MM, LineGap, Sketch

__all__ = ["OCCIPITAL_BONE", "draw_nape"]

_POINTS = 60
_BACK = 39
_FAR = 60.0
_NUCHAL_LINE, OCCIPITAL_BONE = 0.25, 0.45
"""Width of the translucency's lines and of the occipital bone, mm for a fetus of 65 mm."""


def draw_nape(sketch: Sketch) -> None:
    """Neck tissue, the translucency with its two lines, the skin up to the vault, the occipital bone."""
    own = _thickness(sketch)
    thickness = sketch.size("nt_mm", own)
    half = thickness / 2 * _profile(sketch)
    middle = _course(sketch, half, own)
    _record(sketch, middle, half, thickness)
    path, halves = _continued(sketch, middle, half)
    upper, skin = offset(path, -halves), offset(path, halves)
    sketch.landmarks.update(nape=skin, neck=upper)
    sketch.fill(between(shifted(upper, 0.0, -6.0 * sketch.scale), shifted(skin, 0.0, 0.3)), (-2, 3), Grain.BODY)
    if Structure.NUCHAL_TRANSLUCENCY not in sketch.absent:
        with sketch.drawing(Structure.NUCHAL_TRANSLUCENCY):
            sketch.fill(between(upper, skin), (-36, -24), loss=-0.3)
            stop = int(0.85 * len(path))
            sketch.line(upper[:stop], (8, 18), width=_NUCHAL_LINE, polish=2.0, taper=0.1)
    near = int(0.75 * _POINTS) + _BACK
    sketch.line(skin[: near + int(sketch.rng.integers(0, 24))], (12, 23), width=_NUCHAL_LINE, polish=6.0, taper=0.12)
    sketch.line(skin[near:], (-4, 8), width=0.3, polish=4.0, taper=0.1)
    with sketch.drawing(Region.OCCIPUT):
        _occiput(sketch)


def _thickness(sketch: Sketch) -> float:
    """NT in mm about the median for CRL (1.2 at 45, 1.9 at 84; PMID 16363364); one in fourteen is thick."""
    if sketch.rng.random() < 0.07:
        return sketch.draw(3.0, 5.5)
    median = 1.2 + (sketch.crl_mm - 45.0) * 0.7 / 39.0
    return float(np.clip(median * np.exp(0.25 * sketch.rng.standard_normal()), 0.6, 4.0))


def _profile(sketch: Sketch) -> FloatArray:
    """Thickness along the box as a share of the greatest, ``float[n]``."""
    along = np.linspace(0.0, 1.0, _POINTS)
    where = along[int(sketch.rng.integers(18, 42))]
    return np.asarray(0.62 + 0.38 * np.exp(-(((along - where) / 0.28) ** 2)))


def _course(sketch: Sketch, half: FloatArray, own: float) -> FloatArray:
    """Middle line from the top of the box: a bow and a slope that make up what its own thickness leaves of its height.

    A translucency that is made thicker than its own lifts the skin, and reaches below the box.
    """
    box, cisterna = sketch.boxes[Structure.NUCHAL_TRANSLUCENCY], sketch.boxes[Structure.CISTERNA_MAGNA]
    along = np.linspace(0.0, 1.0, _POINTS)
    bow = sketch.draw(-1, 1) * 4 * along * (1 - along) + float(sketch.rng.choice([-1, 1])) * sketch.draw(0.3, 1) * along
    spare = max(box[3] - 2 * LINE_MM - own, 0.05)
    middle = spare * bow / np.ptp(bow)
    top = max(box[1] - box[3] / 2, cisterna[1] + cisterna[3] / 2 + 0.3 * sketch.scale)
    middle += top + LINE_MM - (middle - half).min()
    return np.column_stack((box[0] + (along - 0.5) * box[2], middle))


def _record(sketch: Sketch, middle: FloatArray, half: FloatArray, thickness: float) -> None:
    """Outline, true thickness and the place where callipers go."""
    outline = between(offset(middle, -half - LINE_MM), offset(middle, half + LINE_MM))
    outline[:, 0] = np.clip(outline[:, 0], middle[0, 0], middle[-1, 0])
    at = int(np.argmax(half))
    sketch.outlines[Structure.NUCHAL_TRANSLUCENCY] = outline
    sketch.landmarks["callipers"] = np.array([offset(middle, -half)[at], offset(middle, half)[at]])
    if Structure.NUCHAL_TRANSLUCENCY not in sketch.absent:
        sketch.truth["nt_mm"] = thickness
        sketch.gaps["nt_mm"] = LineGap(thickness, (_NUCHAL_LINE * sketch.scale,) * 2)


def _continued(sketch: Sketch, middle: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Middle line and half thickness from the far back, through the box, up to the vault."""
    k = sketch.scale
    back = np.linspace(-_FAR * k, middle[0, 0], _BACK + 1)[:-1]
    slope = 0.5 * (middle[4, 1] - middle[0, 1]) / (middle[4, 0] - middle[0, 0]) + sketch.draw(-0.04, 0.10)
    away = back - middle[0, 0]
    tail = np.column_stack((back, middle[0, 1] + slope * away))
    goal = _landing(sketch, middle[-1])
    rise = (middle[-1, 1] - middle[-4, 1]) / (middle[-1, 0] - middle[-4, 0])
    lead = 0.75 * (goal[0] - middle[-1, 0])
    crest = bezier(middle[-1], shifted(middle[-1], lead, 0.5 * rise * lead), goal, 24)[1:]
    sketch.landmarks["back_slope"] = np.array([slope])
    shrink = half[0] * (0.25 + 0.75 * np.exp(away / (4.0 * k)))
    closing = half[-1] * np.linspace(1.0, 0.02, 24)[1:] ** 2
    return np.vstack((tail, middle, crest)), np.concatenate((shrink, half, closing))


def _landing(sketch: Sketch, end: FloatArray) -> FloatArray:
    """Where the skin meets the vault: the lowest of its points that lies well past the end of the box."""
    vault = sketch.landmarks["vault"]
    past = vault[vault[:, 0] > end[0] + 4.0 * sketch.scale]
    return np.asarray((past if len(past) else vault)[-1])


def _occiput(sketch: Sketch) -> None:
    """The occipital bone: the bright line behind the cisterna magna, from which BSOB is measured."""
    k, cisterna = sketch.scale, sketch.boxes[Structure.CISTERNA_MAGNA]
    y, tilt = cisterna[1] + cisterna[3] / 2 + 0.3 * k - sketch.occiput_rise_mm, sketch.draw(-0.03, 0.14)
    steps = np.array(
        [-0.55 * cisterna[2] - sketch.length(0.0, 1.5), 0.0, 0.3 * cisterna[2], 0.5 * cisterna[2] + 1.5 * k]
    )
    rise = tilt * steps * np.array([1.0, 1.0, 0.6, 1.3])
    sketch.landmarks["occiput"] = np.column_stack((cisterna[0] + steps, y - rise))
    sketch.line(spline(sketch.landmarks["occiput"]), (19, 25), width=OCCIPITAL_BONE, polish=2.0, loss=3.0, taper=0.35)
