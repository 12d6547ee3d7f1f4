"""Behind and below: brain stem, fourth ventricle, cisterna magna."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.curves import between, lens, oval
from nonet.simulate.head.nape import OCCIPITAL_BONE
from nonet.simulate.head.scene import FloatArray, Grain
from nonet.simulate.head.sketch import LINE_MM, LineGap, Sketch

__all__ = ["draw_hindbrain", "room_for_cisterna"]

_LINE = 0.28
"""Width of the lines that bound a fluid space, mm for a fetus of 65 mm."""
_BESIDE = 0.5
"""How far outside the space they lie, as a share of `LINE_MM`."""
_LEAN = 0.05
"""The greatest rise of the cisterna magna from end to end, as a share of its length."""
_LEAST_MM = 0.05
"""The least width of fluid in a cisterna magna."""
_FLOATING = 0.2
"""The share of a short line inside a fluid space from which on it is left out of a head of wanted sizes."""
_CISTERNA = "cisterna_magna_mm"


def room_for_cisterna(sketch: Sketch) -> None:
    """Make the box of the cisterna magna as high as a wanted width needs, before anything is drawn.

    A wider one presses the occiput down, and with it the nape; a narrower one is filled up from the hindbrain, and the
    occiput stays. Below the least width of fluid the occiput comes nearer by the rest.
    """
    if _CISTERNA not in sketch.wanted:
        return
    wanted = sketch.wanted[_CISTERNA]
    box = sketch.boxes[Structure.CISTERNA_MAGNA]
    height = max(wanted, _LEAST_MM) + 2 * LINE_MM + 0.4 * 0.5 * _LEAN * box[2]
    down = abs(height - box[3]) / 2
    sketch.boxes[Structure.CISTERNA_MAGNA] = np.array([box[0], box[1] + down, box[2], height])
    sketch.occiput_rise_mm = max(_LEAST_MM - wanted, 0.0)


def draw_hindbrain(sketch: Sketch) -> None:
    """The fluid spaces behind the brain stem, and the stem in front of them."""
    fourth = _fourth_ventricle(sketch)
    _brain_stem(sketch, fourth)
    _cisterna_magna(sketch)


def _fourth_ventricle(sketch: Sketch) -> FloatArray:
    """The space is 0.54 + 0.02 CRL mm from front to back (perinataljournal 20180262009); gives its front edge."""
    box, cisterna = sketch.boxes[Structure.FOURTH_VENTRICLE], sketch.boxes[Structure.CISTERNA_MAGNA]
    own = 0.54 + 0.02 * sketch.crl_mm + 0.28 * float(np.clip(sketch.rng.standard_normal(), -2, 2))
    width = sketch.size("fourth_ventricle_mm", own)
    lowest = cisterna[1] - cisterna[3] / 2 - width / 2 - LINE_MM + 0.3
    centre = np.array([box[0], min(box[1], lowest), box[2]])
    upper, lower = lens(centre, width, sketch.draw(-0.02, 0.08) * box[2])
    _space(sketch, Structure.FOURTH_VENTRICLE, upper, lower, lines=((4, 18), (5, 19)))
    if Structure.FOURTH_VENTRICLE not in sketch.absent:
        sketch.truth["fourth_ventricle_mm"] = width
        sketch.gaps["fourth_ventricle_mm"] = LineGap(width + 2 * _BESIDE * LINE_MM, (_LINE * sketch.scale,) * 2)
    return upper


def _brain_stem(sketch: Sketch, front_of_ventricle: FloatArray) -> None:
    """Grey between a line in front and the fourth ventricle behind; BS and BSOB as Lachmann 2011 defines them."""
    k = sketch.scale
    x, back = front_of_ventricle[len(front_of_ventricle) // 2]
    diameter = (0.9 + 0.032 * sketch.crl_mm) * float(np.exp(0.1 * np.clip(sketch.rng.standard_normal(), -2, 2)))
    half_width = 0.55 * float(np.ptp(front_of_ventricle[:, 0]))
    stem = oval(x - 0.5 * k, back - diameter / 2, half_width, diameter / 2)
    sketch.fill(stem, (-11, -4), Grain.BRAIN, soft_mm=0.2)
    sketch.dash(np.array([x - 0.5 * k, back - diameter]), sketch.length(1.5, 3.5), sketch.draw(-0.1, 0.1), (0, 13))
    occiput = sketch.landmarks["occiput"]
    sketch.truth["bs_mm"] = diameter
    sketch.truth["bsob_mm"] = float(np.interp(x, occiput[:, 0], occiput[:, 1]) - back)


def _cisterna_magna(sketch: Sketch) -> None:
    """The space between the hindbrain and the occipital bone; its width is what its box leaves for it.

    Callipers stand on the line above the space and on the bone, a little below it.
    """
    box = sketch.boxes[Structure.CISTERNA_MAGNA]
    lean = sketch.draw(0.0, _LEAN) * box[2]
    width = max(sketch.size(_CISTERNA, max(box[3] - 2 * LINE_MM - 0.4 * lean, 0.5)), _LEAST_MM)
    upper, lower = lens(box, width, lean)
    _space(sketch, Structure.CISTERNA_MAGNA, upper, lower, lines=((0, 15), (-4, 6)))
    if Structure.CISTERNA_MAGNA not in sketch.absent:
        sketch.truth[_CISTERNA] = width
        bone = sketch.landmarks["occiput"]
        to_bone = np.interp(upper[:, 0], bone[:, 0], bone[:, 1]) - upper[:, 1] + _BESIDE * LINE_MM
        widths = _LINE * sketch.scale, OCCIPITAL_BONE * sketch.scale
        sketch.gaps[_CISTERNA] = LineGap(float(to_bone.max()), widths)


def _space(
    sketch: Sketch,
    structure: Structure,
    upper: FloatArray,
    lower: FloatArray,
    lines: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    """A fluid space with a bright line on either side; its outline holds both lines."""
    margin = np.array([0.0, LINE_MM])
    sketch.outlines[structure] = between(upper - margin, lower + margin)
    if structure in sketch.absent:
        return
    if sketch.wanted:
        _clear(sketch, upper, lower)
    with sketch.drawing(structure):
        sketch.fill(between(upper, lower), (-30, -18), soft_mm=0.08, loss=-0.2)
        for edge, shift, level in ((upper, -_BESIDE, lines[0]), (lower, _BESIDE, lines[1])):
            first, last = int(sketch.rng.integers(2, 10)), int(sketch.rng.integers(30, 39))
            sketch.line(edge[first:last] + shift * margin, level, width=_LINE, polish=2.0, taper=0.5)


def _clear(sketch: Sketch, upper: FloatArray, lower: FloatArray) -> None:
    """Leave out what lies in a fluid space, so that a wide one holds no more short lines than a narrow one."""
    sketch.scene.interfaces = [
        line for line in sketch.scene.interfaces if _share_in(line.path, upper, lower) < _FLOATING
    ]


def _share_in(path: FloatArray, upper: FloatArray, lower: FloatArray) -> float:
    """The share of a path's points between two edges."""
    x, y = path.T
    inside = (x > upper[0, 0]) & (x < upper[-1, 0]) & (y > np.interp(x, *upper.T)) & (y < np.interp(x, *lower.T))
    return float(inside.mean())
