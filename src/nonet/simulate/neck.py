"""The nape: nuchal translucency, occipital bone, spine."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure as S
from nonet.simulate.curves import between, bezier, spline
from nonet.simulate.part import Anatomy
from nonet.simulate.scene import Grain, Interface, Tissue

LINE = 0.25


def draw_neck(a: Anatomy, rng: np.random.Generator) -> None:
    k, b = a.k, a.boxes
    nt, cm = b[S.NUCHAL_TRANSLUCENCY], b[S.CISTERNA_MAGNA]
    median = 1.2 + (a.crl_mm - 45) * 0.7 / 39
    t = float(np.clip(median * np.exp(0.25 * rng.standard_normal()), 0.6, 4.0))
    if rng.random() < 0.07:
        t = float(rng.uniform(3.0, 5.5))
    h = max(nt[3], t + 2 * LINE + 0.1)
    top = max(nt[1] - nt[3] / 2, cm[1] + cm[3] / 2 + 0.3 * k)
    x1, x2 = nt[0] - nt[2] / 2, nt[0] + nt[2] / 2
    u = np.linspace(0, 1, 60)
    x = x1 + u * (x2 - x1)
    # course of the middle: slope plus bow, spanning what is left of the height
    free = h - t - 2 * LINE
    bow = rng.uniform(-1, 1) * 4 * u * (1 - u) + rng.choice([-1, 1]) * rng.uniform(0.3, 1) * u
    peak = rng.uniform(0.3, 0.7)
    half = t / 2 * (0.62 + 0.38 * np.exp(-(((u - peak) / 0.28) ** 2)))
    lo, hi = 0.0, 50.0
    for _ in range(40):
        s = (lo + hi) / 2
        span = (s * bow + half).max() - (s * bow - half).min()
        lo, hi = (s, hi) if span < h - 2 * LINE else (lo, s)
    mid = lo * bow
    mid += top + LINE - (mid - half).min()
    upper, lower = np.column_stack((x, mid - half)), np.column_stack((x, mid + half))
    # beyond the box
    ext = np.linspace(-60 * k, x1, 40)[:-1]
    slope = (mid[4] - mid[0]) / (x[4] - x[0]) * 0.5 + rng.uniform(-0.04, 0.08)
    em = mid[0] + slope * (ext - x1)
    eh = half[0] * (0.25 + 0.75 * np.exp((ext - x1) / (4 * k)))
    vault = a.landmarks["vault"]
    goal = vault[-1]
    ctrl = np.array([x2 + 0.5 * (goal[0] - x2), mid[-1] + 0.5 * (mid[-1] - mid[-4]) / (x[-1] - x[-4]) * (goal[0] - x2)])
    arc = bezier(np.array([x2, mid[-1]]), ctrl, goal, 24)[1:]
    right, rm = arc.T
    rh = half[-1] * np.linspace(1, 0.02, 24)[1:] ** 2
    X = np.concatenate((ext, x, right))
    M = np.concatenate((em, mid, rm))
    H = np.concatenate((eh, half, rh))
    up, low = np.column_stack((X, M - H)), np.column_stack((X, M + H))
    a.scene.tissues.append(Tissue(between(up - [0, 6 * k], low + [0, 0.3 * k]), rng.uniform(0, 3), 0.0, Grain.BODY))
    a.outlines[S.NUCHAL_TRANSLUCENCY] = between(upper - [0, LINE], lower + [0, LINE])
    a.truth["nt_mm"] = t
    # below the skin: fluid, then wall
    a.scene.tissues.append(Tissue(between(up, low), -38.0, -0.3))
    a.landmarks["nape"] = low
    at = int(np.argmax(half))
    a.landmarks["callipers"] = np.array([upper[at], lower[at]])
    i = a.scene.interfaces
    i.append(Interface(low, rng.uniform(17, 24), 0.22, 2.0, taper=0.02))
    i.append(Interface(up[: 39 + 60], rng.uniform(10, 18), 0.22, 2.0, taper=0.1))
    # occipital bone
    l, r = cm[0] - cm[2] * 0.55, cm[0] + cm[2] * 0.5 + 1.5 * k
    y0 = cm[1] + cm[3] / 2 + 0.3 * k
    tilt = rng.uniform(-0.03, 0.12)
    path = np.array(
        [
            [l, y0 + tilt * (cm[0] - l)],
            [cm[0], y0],
            [(cm[0] + r) / 2, y0 - tilt * 0.4 * (r - cm[0])],
            [r, y0 - tilt * (r - cm[0])],
        ]
    )
    i.append(Interface(spline(path), rng.uniform(22, 27), 0.45 * k, 2.0, loss_db=3.0, taper=0.3))
    a.landmarks["occiput"] = path
    # spine and muscle streaks
    for _ in range(rng.integers(14, 26)):
        x0 = rng.uniform(-30, -2) * k
        y = rng.uniform(-1, 0) * 8 * k + np.interp(x0, X, M - H) - 0.5
        ln = rng.uniform(1.5, 6) * k
        sl = rng.uniform(-0.05, 0.05) + slope
        i.append(
            Interface(
                np.array([[x0, y], [x0 + ln / 2, y + sl * ln / 2 + rng.normal(0, 0.1)], [x0 + ln, y + sl * ln]]),
                rng.uniform(2, 13),
                0.2,
                2.0,
                taper=0.5,
            )
        )
    # spinal canal
    cyl = np.interp(X, X, M - H) - rng.uniform(2.0, 3.2) * k
    sel = X < l - 1 * k
    w = 0.35 * k
    p = np.column_stack((X[sel], cyl[sel]))
    a.scene.tissues.append(Tissue(between(p - [0, w], p + [0, w]), rng.uniform(-20, -4)))
    i.append(Interface(p + [0, w], rng.uniform(4, 14), 0.2, 3.0))
    i.append(Interface(p - [0, w], rng.uniform(2, 12), 0.2, 3.0))
