"""Inside the skull: choroid plexus, thalami, midbrain, brain stem, fourth ventricle, cisterna magna."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure as S
from nonet.simulate.curves import between, blob, box_oval, lens, offset, oval, spline, closed_spline
from nonet.simulate.part import Anatomy
from nonet.simulate.scene import Grain, Interface, Tissue

LINE = 0.22


def draw_brain(a: Anatomy, rng: np.random.Generator) -> None:
    k, b = a.k, a.boxes
    t, i = a.scene.tissues, a.scene.interfaces
    cx, cy, ha, hb = a.landmarks["centre"]
    inner = oval(cx, cy, ha - 1.3 * k, hb - 1.3 * k, power=2.0)
    inner = inner[(inner[:, 0] > -5 * k)]
    t.append(Tissue(inner, rng.uniform(-8, -1), 0.0, Grain.BRAIN))
    # choroid plexus / hemisphere
    th, mb = b[S.THALAMI], b[S.MIDBRAIN]
    for _ in range(rng.integers(2, 5)):
        t.append(
            Tissue(
                blob(
                    rng.uniform(5, 11) * k, rng.uniform(-13, -2) * k, rng.uniform(2, 5) * k, rng.uniform(2, 4) * k, rng
                ),
                rng.uniform(-3, 5),
                0.0,
                Grain.BRAIN,
            )
        )
    if rng.random() < 0.6:
        t.append(
            Tissue(
                blob(
                    rng.uniform(-1, 4) * k,
                    rng.uniform(-14, -11) * k,
                    rng.uniform(2, 4) * k,
                    rng.uniform(0.8, 2) * k,
                    rng,
                ),
                rng.uniform(-25, -8),
                0.0,
                Grain.BRAIN,
            )
        )
    # skull base and pharynx: grey, uneven
    t.append(Tissue(blob(-4.5 * k, 0.0, 4.5 * k, 5.0 * k, rng), rng.uniform(-7, -2), 0.3, Grain.BRAIN))
    t.append(Tissue(blob(-1.0 * k, 2.5 * k, 3.5 * k, 4 * k, rng), rng.uniform(-8, -2), 0.2, Grain.BRAIN))
    a.outlines[S.THALAMI] = box_oval(th)
    a.outlines[S.MIDBRAIN] = box_oval(mb)
    t.append(Tissue(box_oval(th * [1, 1, 1.15, 1.15]), rng.uniform(-5, 0), 0.0, Grain.BRAIN))
    if S.THALAMI not in a.absent:
        t.append(Tissue(a.outlines[S.THALAMI], rng.uniform(-20, -9), 0.0, Grain.BRAIN))
        i.append(
            Interface(
                np.array([[th[0] - th[2] * 0.3, th[1] - th[3] * 0.52], [th[0] + th[2] * 0.25, th[1] - th[3] * 0.52]]),
                rng.uniform(4, 18),
                0.3 * k,
                2.0,
                taper=0.5,
            )
        )
    if S.MIDBRAIN not in a.absent:
        t.append(Tissue(a.outlines[S.MIDBRAIN], rng.uniform(-22, -10), 0.0, Grain.BRAIN))
        i.append(
            Interface(
                np.array([[mb[0] - mb[2] * 0.6, mb[1] - mb[3] * 0.5], [mb[0] + mb[2] * 0.0, mb[1] - mb[3] * 0.52]]),
                rng.uniform(2, 14),
                0.3 * k,
                2.0,
                taper=0.5,
            )
        )
    # echo spots
    for _ in range(rng.integers(4, 10)):
        x, y = rng.uniform(-3, 11) * k, rng.uniform(-12, 4) * k
        ln = rng.uniform(0.6, 2.0) * k
        i.append(
            Interface(np.array([[x, y], [x + ln, y + rng.normal(0, 0.2)]]), rng.uniform(2, 14), 0.3 * k, 1.0, taper=0.5)
        )
    fourth(a, rng)
    cisterna(a, rng)


def fourth(a, rng):
    k, box = a.k, a.boxes[S.FOURTH_VENTRICLE]
    t, i = a.scene.tissues, a.scene.interfaces
    want = 0.54 + 0.02 * a.crl_mm + 0.28 * np.clip(rng.standard_normal(), -2, 2)
    lean = rng.uniform(-0.02, 0.08) * box[2]
    w = max(0.5, want)
    box = box.copy()
    box[3] = w + 2 * LINE + abs(lean) * 0.4
    box[1] = min(box[1], a.boxes[S.CISTERNA_MAGNA][1] - a.boxes[S.CISTERNA_MAGNA][3] / 2 - box[3] / 2 + 0.3)
    up, low = lens(box, w, lean, 0.45)
    o = between(up - [0, LINE], low + [0, LINE])
    a.outlines[S.FOURTH_VENTRICLE] = o
    a.truth["fourth_ventricle_mm"] = w
    occ = float(a.landmarks["occiput"][1, 1])
    front = box[1] - w / 2
    bs = float(np.clip((0.9 + 0.032 * a.crl_mm) * np.exp(0.1 * rng.standard_normal()), 1.5, 5))
    a.truth["bs_mm"] = bs
    a.truth["bsob_mm"] = occ - front
    # brain stem
    t.append(
        Tissue(
            oval(box[0] - 0.5 * k, front - bs / 2, box[2] * 0.6, bs / 2, 0.0), rng.uniform(-10, -4), 0.0, Grain.BRAIN
        )
    )
    i.append(
        Interface(
            np.array([[box[0] - 2.2 * k, front - bs], [box[0] + 1.2 * k, front - bs - 0.2]]),
            rng.uniform(2, 14),
            0.3 * k,
            2.0,
            taper=0.5,
        )
    )
    if S.FOURTH_VENTRICLE in a.absent:
        return
    t.append(Tissue(between(up, low), -30.0, -0.2))
    s = slice(4, 36)
    i.append(Interface(up[s] - [0, LINE / 2], rng.uniform(12, 22), 0.25, 2.0, taper=0.3))
    i.append(Interface(low[s] + [0, LINE / 2], rng.uniform(12, 22), 0.25, 2.0, taper=0.3))


def cisterna(a, rng):
    k, box = a.k, a.boxes[S.CISTERNA_MAGNA]
    lean = rng.uniform(0, 0.04) * box[2]
    w = max(box[3] - LINE * 2 - abs(lean) * 0.4, 0.5)
    up, low = lens(box, w, lean, 0.5)
    a.truth["cisterna_magna_mm"] = w
    o = between(up - [0, LINE], low + [0, LINE])
    a.outlines[S.CISTERNA_MAGNA] = o
    if S.CISTERNA_MAGNA in a.absent:
        return
    a.scene.tissues.append(Tissue(between(up, low), rng.uniform(-30, -18), -0.2))
    a.scene.interfaces.append(Interface(up[8:32] - [0, LINE / 2], rng.uniform(4, 16), 0.25, 2.0, taper=0.4))
