"""The palate: the maxilla seen from the side, whole or with a gap in its bright line."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from nonet.errors import SettingsError
from nonet.simulate.head.curves import bezier, blob, in_box, resample
from nonet.simulate.head.scene import FloatArray, Grain, Tissue
from nonet.simulate.head.sketch import Sketch

__all__ = ["MOST_GAP_MM", "draw_palate", "gap_along"]

_GAP = "palate_gap_mm"
MOST_GAP_MM = 3.0
"""The widest gap for which a palate has room."""
_BESIDE_MM = 0.7
"""The least length of line on either side of the widest gap, mm."""
_FOREMOST = np.array([0.1, 0.05])
"""The place, as shares of the box, to which the line may be drawn out forwards, so that it is long enough."""
_STEP_MM = 0.005
_CLEFT_DB, _CLEFT_SOFT_MM, _CLEFT_REACH = -12.0, 0.1, 0.45


def draw_palate(sketch: Sketch, box: FloatArray) -> None:
    """A bright back leg, which is measured, a front leg, a faint base, the ridge.

    A gap interrupts the back leg at its middle, and what lies behind it: base and body of the maxilla.

    Raises
    ------
    SettingsError
        If a gap is wanted that is wider than `MOST_GAP_MM`.
    """
    apex, knee = sketch.spot(box, (0.2, 0.55), (0.05, 0.25)), sketch.spot(box, (0.45, 0.7), (0.35, 0.7))
    back, front = sketch.spot(box, (0.84, 0.95), (0.74, 0.9)), sketch.spot(box, (0.05, 0.25), (0.6, 0.9))
    gap = sketch.size(_GAP, 0.0)
    if _GAP in sketch.wanted:
        apex = _drawn_out(apex, back, in_box(box, _FOREMOST))
    body = in_box(box, np.array([0.45, 0.6]))
    sketch.fill(blob(body[0], body[1], 0.3 * box[2], 0.28 * box[3], sketch.rng), (-3, 9), Grain.BRAIN, 0.3, loss=0.4)
    thickness = sketch.draw(0.10, 0.20) * box[3]
    leg = bezier(apex, knee, back)
    missing = gap_along(leg, gap)
    cleft = None if missing is None else _cleft(leg, missing, _CLEFT_REACH * float(box[3]))
    if cleft is not None:
        sketch.scene.tissues.append(Tissue(cleft, _CLEFT_DB, soft_mm=_CLEFT_SOFT_MM, part=sketch.part))
    sketch.line(leg, (17, 26), width=thickness, polish=0.7, loss=5.0, taper=0.35, missing=missing)
    sketch.truth.update(palate_mm=float(np.hypot(*(leg[-1] - leg[0]))), palate_gap_mm=gap)
    sketch.lines["palate_mm"] = sketch.scene.interfaces[-1]
    sketch.line(bezier(apex, (apex + front) / 2, front), (-8, 20), width=thickness, polish=0.7, loss=2.0, taper=0.4)
    base = bezier(front, (front + back) / 2, back)
    hidden = None if cleft is None else _within(base, cleft)
    sketch.line(base, (-8, 16), width=0.4, polish=1.0, loss=1.0, taper=0.4, missing=hidden)
    ridge = sketch.spot(box, (0.08, 0.25), (0.4, 0.8))
    lump = blob(ridge[0], ridge[1], 0.14 * box[2], sketch.draw(0.12, 0.24) * box[3], sketch.rng)
    sketch.fill(lump, (6, 19), Grain.BRAIN, soft_mm=0.25, loss=1.0)


def gap_along(path: FloatArray, gap_mm: float) -> tuple[float, float] | None:
    """From where to where along a path a gap about its middle goes, whose ends are so far apart in a straight line, mm.

    Raises
    ------
    SettingsError
        If the path is shorter.
    """
    if gap_mm == 0:
        return None
    run = _run(path)
    middle = run[-1] / 2
    if not 0 < gap_mm < float(np.hypot(*(path[-1] - path[0]))):
        raise SettingsError(
            "A gap lies within the line that it interrupts",
            found=f"{gap_mm:.2f} mm in a line of {run[-1]:.2f} mm",
            remedy=f"Draw a gap of up to {MOST_GAP_MM:g} mm",
        )
    half = optimize.brentq(lambda each: _apart(path, run, middle, each) - gap_mm, 0.0, middle, xtol=1e-9)
    return middle - half, middle + half


def _run(path: FloatArray) -> FloatArray:
    """Length along a path up to each of its points, ``float[n]``, mm."""
    return np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))


def _at(path: FloatArray, run: FloatArray, along: float) -> FloatArray:
    return np.array([np.interp(along, run, path[:, 0]), np.interp(along, run, path[:, 1])])


def _apart(path: FloatArray, run: FloatArray, middle: float, half: float) -> float:
    return float(np.hypot(*(_at(path, run, middle + half) - _at(path, run, middle - half))))


def _drawn_out(apex: FloatArray, back: FloatArray, foremost: FloatArray) -> FloatArray:
    """The front end, moved forwards where the line is too short for the widest gap: that of every head, gap or none."""
    least = MOST_GAP_MM + 2 * _BESIDE_MM
    for share in np.linspace(0.0, 1.0, 101):
        moved = np.asarray(apex + share * (foremost - apex))
        if np.hypot(*(back - moved)) >= least:
            return moved
    raise SettingsError(
        "A palate has room for the widest gap",
        found=f"{float(np.hypot(*(back - foremost))):.2f} mm of {least:g}",
        remedy="Take another seed",
    )


def _cleft(leg: FloatArray, missing: tuple[float, float], reach: float) -> FloatArray:
    """The strip across the maxilla that is missing, ``float[4, 2]``."""
    run = _run(leg)
    first, last = _at(leg, run, missing[0]), _at(leg, run, missing[1])
    along = (last - first) / np.hypot(*(last - first))
    across = reach * np.array([-along[1], along[0]])
    return np.array([first - across, last - across, last + across, first + across])


def _within(path: FloatArray, strip: FloatArray) -> tuple[float, float] | None:
    """From where to where along a path it lies in a strip of `_cleft`; None if nowhere."""
    fine = resample(path, _STEP_MM)
    along, across = strip[1] - strip[0], strip[3] - strip[0]
    shares = [(fine - strip[0]) @ side / (side @ side) for side in (along, across)]
    inside = np.flatnonzero(np.all([(share > 0) & (share < 1) for share in shares], axis=0))
    return None if not inside.size else (float(inside[0] * _STEP_MM), float(inside[-1] * _STEP_MM))
