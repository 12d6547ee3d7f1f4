"""The face: nasal tip, skin over the nose, nasal bone, palate, jaw."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure as S
from nonet.simulate.curves import bezier, blob, oval, spline, between
from nonet.simulate.part import Anatomy
from nonet.simulate.scene import Grain, Interface, Tissue


def draw_face(a: Anatomy, rng: np.random.Generator) -> None:
    k, b = a.k, a.boxes
    t, i = a.scene.tissues, a.scene.interfaces
    slope = rng.uniform(-0.1, 0.12)
    for s, level in (
        (S.NASAL_TIP, rng.uniform(16, 23)),
        (S.NASAL_SKIN, rng.uniform(14, 21)),
        (S.NASAL_BONE, rng.uniform(16, 25)),
    ):
        if s in a.absent:
            continue
        box = b[s]
        bar = _bar(box, slope, 0.55)
        a.outlines[s] = bar[1]
        i.append(Interface(bar[0], level, box[3] * 0.4, 1.5, loss_db=2.0 if s is S.NASAL_BONE else 0, taper=0.25))
    bone = b[S.NASAL_BONE]
    a.truth["nasal_bone_mm"] = (
        float(np.hypot(*(np.ptp(_bar(bone, slope, 0.55)[0], axis=0)))) if S.NASAL_BONE not in a.absent else 0.0
    )
    # palate
    p = b[S.PALATE]
    x1, y1, x2, y2 = p[0] - p[2] / 2, p[1] - p[3] / 2, p[0] + p[2] / 2, p[1] + p[3] / 2
    a.outlines[S.PALATE] = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
    f = lambda u, v: np.array([x1 + u * p[2], y1 + v * p[3]])
    if S.PALATE not in a.absent:
        up = f(rng.uniform(0.25, 0.45), rng.uniform(0.06, 0.18))
        end = f(rng.uniform(0.85, 0.96), rng.uniform(0.78, 0.92))
        mid = f(rng.uniform(0.45, 0.6), rng.uniform(0.5, 0.75))
        bar = bezier(up, mid, end)
        t.append(Tissue(oval(*f(0.42, 0.6), p[2] * 0.3, p[3] * 0.25, 0.3), rng.uniform(2, 8), 0.0, Grain.BRAIN))
        i.append(Interface(bar, rng.uniform(18, 26), 0.16 * p[3], 0.6, loss_db=4.0, taper=0.2))
        i.append(
            Interface(
                np.array([f(0.1, rng.uniform(0.75, 0.9)), f(0.9, 0.88)]), rng.uniform(8, 18), 0.3 * k, 1.0, taper=0.35
            )
        )
        t.append(
            Tissue(
                blob(*f(0.15, rng.uniform(0.45, 0.75)), 0.12 * p[2], 0.2 * p[3], rng),
                rng.uniform(8, 18),
                0.3,
                Grain.BRAIN,
            )
        )
    # jaw
    j = f(rng.uniform(-0.05, 0.12), 1.12)
    t.append(
        Tissue(
            blob(*j, rng.uniform(0.8, 1.3) * k, rng.uniform(0.5, 0.9) * k, rng), rng.uniform(8, 17), 0.4, Grain.BRAIN
        )
    )
    t.append(Tissue(oval(*f(0.45, 1.25), 2.2 * k, 0.8 * k, 0.1), rng.uniform(-12, -4), 0.0, Grain.BRAIN))


def _bar(box, slope, fill):
    """A short echo line and the outline that its box encloses"""
    h = box[3]
    dy = np.clip(slope * box[2], -0.5 * h, 0.5 * h)
    x1, x2 = box[0] - box[2] * 0.44, box[0] + box[2] * 0.44
    line = bezier(
        np.array([x1, box[1] - dy / 2]), np.array([box[0], box[1] - 0.12 * h]), np.array([x2, box[1] + dy / 2])
    )
    o = oval(box[0], box[1], box[2] / 2, h / 2, 0.0)
    return line, o
