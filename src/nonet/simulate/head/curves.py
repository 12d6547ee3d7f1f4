"""Plane curves in millimetres from which the anatomy is drawn."""

from __future__ import annotations

import numpy as np

from nonet.simulate.head.scene import FloatArray

__all__ = [
    "between",
    "bezier",
    "blob",
    "box_oval",
    "closed_spline",
    "in_box",
    "lens",
    "offset",
    "oval",
    "resample",
    "shifted",
    "spline",
]


def shifted(path: FloatArray, x: float, y: float) -> FloatArray:
    """The path, or the point, moved by (x, y) mm."""
    return np.asarray(path + np.array([x, y]))


def oval(
    x: float, y: float, half_width: float, half_height: float, *, angle: float = 0.0, power: float = 2.0
) -> FloatArray:
    """Outline of a (super-)ellipse: ``float[72, 2]``; ``angle`` in radians, clockwise on the screen."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    px = half_width * np.sign(cos) * np.abs(cos) ** (2 / power)
    py = half_height * np.sign(sin) * np.abs(sin) ** (2 / power)
    ca, sa = np.cos(angle), np.sin(angle)
    return np.column_stack((x + ca * px - sa * py, y + sa * px + ca * py))


def blob(x: float, y: float, half_width: float, half_height: float, rng: np.random.Generator) -> FloatArray:
    """Outline of an irregular lump about as large as the oval of these half axes."""
    turn = np.linspace(0, 2 * np.pi, 9, endpoint=False) + rng.uniform(0, 1)
    radius = np.exp(0.22 * rng.standard_normal(9))
    points = np.column_stack((x + half_width * radius * np.cos(turn), y + half_height * radius * np.sin(turn)))
    return closed_spline(points, per_segment=6)


def box_oval(box: FloatArray, power: float = 2.6) -> FloatArray:
    """Outline that touches the four edges of a box ``(x, y, width, height)`` given by its centre."""
    return oval(box[0], box[1], box[2] / 2, box[3] / 2, power=power)


def in_box(box: FloatArray, shares: FloatArray) -> FloatArray:
    """Points given as shares of a box, from its upper left corner, in mm."""
    return np.asarray(box[:2] + (shares - 0.5) * box[2:])


def spline(points: FloatArray, per_segment: int = 12) -> FloatArray:
    """Catmull-Rom curve through open points: ``float[(n - 1) * per_segment + 1, 2]``."""
    ends = np.vstack((2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    return np.vstack((_segments(ends, per_segment), points[-1:]))


def closed_spline(points: FloatArray, per_segment: int = 12) -> FloatArray:
    """Catmull-Rom curve around closed points: ``float[n * per_segment, 2]``."""
    return _segments(np.vstack((points[-1:], points, points[:2])), per_segment)


def _segments(points: FloatArray, per_segment: int) -> FloatArray:
    t = (np.arange(per_segment) / per_segment)[None, :, None]
    p0, p1, p2, p3 = (points[i : len(points) - 3 + i, None, :] for i in range(4))
    curve = 2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    return np.asarray(curve / 2).reshape(-1, 2)


def bezier(start: FloatArray, middle: FloatArray, end: FloatArray, count: int = 32) -> FloatArray:
    """Arc from start to end that leans towards ``middle``: ``float[count, 2]``."""
    t = np.linspace(0, 1, count)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end)


def offset(path: FloatArray, distance: float | FloatArray) -> FloatArray:
    """The path moved along its normal by ``distance`` mm (positive: to the right of its direction, y down)."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-12
    normal = np.column_stack((-tangent[:, 1], tangent[:, 0]))
    return np.asarray(path + normal * np.reshape(distance, (-1, 1)))


def between(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Closed outline of the area between two lines that run the same way."""
    return np.vstack((upper, lower[::-1]))


def lens(box: FloatArray, thickness: float, lean: float, fullness: float = 0.5) -> tuple[FloatArray, FloatArray]:
    """Upper and lower edge of a flat fluid space whose greatest thickness is given.

    Parameters
    ----------
    box
        Centre x, centre y, width, height in mm.
    thickness
        Greatest distance between the edges, mm.
    lean
        Rise of the middle line from end to end, mm.
    fullness
        Exponent of the thickness profile; small values give blunt ends.
    """
    t = np.linspace(-1, 1, 40)
    x = box[0] + t * box[2] / 2
    middle = box[1] - lean * t / 2
    half = thickness / 2 * (1 - np.abs(t) ** 2.4) ** fullness
    return np.column_stack((x, middle - half)), np.column_stack((x, middle + half))


def resample(path: FloatArray, step: float) -> FloatArray:
    """Points every ``step`` mm along a path."""
    run = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    where = np.arange(0.0, max(run[-1], step), step)
    return np.column_stack((np.interp(where, run, path[:, 0]), np.interp(where, run, path[:, 1])))
