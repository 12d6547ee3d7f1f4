"""The outline of the fetus: face, vault, nape, back and chest, with skin and skull."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure as S
from nonet.simulate.curves import closed_spline, oval, spline, offset
from nonet.simulate.part import Anatomy
from nonet.simulate.scene import Grain, Interface, Tissue


def draw_profile(a: Anatomy, rng: np.random.Generator) -> None:
    k, b = a.k, a.boxes
    tip, skin, bone, pal, cm = b[S.NASAL_TIP], b[S.NASAL_SKIN], b[S.NASAL_BONE], b[S.PALATE], b[S.CISTERNA_MAGNA]
    occ = cm[1] + cm[3] / 2 + 0.35 * k
    top = min(bone[1] - rng.uniform(3.0, 5.5) * k, -15.2 * k)
    right = rng.uniform(14.2, 16.6) * k
    cx = rng.uniform(3.2, 4.6) * k
    cy, hb = (occ + top) / 2, (occ - top) / 2
    ha = right - cx
    turn = np.radians(np.arange(-122, 51, 12.0))
    vault = np.column_stack((cx + ha * np.cos(turn), cy + hb * np.sin(turn)))
    a.landmarks.update(vault=vault, centre=np.array([cx, cy, ha, hb]))
    # skin profile from chin to forehead
    chin = np.array([pal[0] - pal[2] * 0.42, pal[1] + pal[3] * 0.5 + 1.6 * k])
    face = np.array(
        [
            [chin[0] + 3.0 * k, chin[1] + 1.9 * k],
            [chin[0] + 0.9 * k, chin[1] + 1.0 * k],
            chin + [-0.3 * k, 0],
            [chin[0] - 0.2 * k, chin[1] - 1.2 * k],
            [pal[0] - pal[2] * 0.5 - 0.9 * k, pal[1] + 0.8 * k],
            [pal[0] - pal[2] * 0.5 - 0.2 * k, pal[1] - 0.2 * k],
            [pal[0] - pal[2] * 0.5 - 0.5 * k, pal[1] - 1.3 * k],
            [min(tip[0] - tip[2] / 2, pal[0] - 0.25 * pal[2]), (pal[1] - pal[3] / 2 + tip[1]) / 2],
            [tip[0] - tip[2] * 0.5, tip[1] + 0.5 * k],
            [tip[0], tip[1] - 0.1 * k],
            [skin[0] + 0.2 * skin[2], skin[1] + 0.0 * k],
            [skin[0] + 0.5 * skin[2] + 0.8 * k, skin[1] - 0.1 * k],
        ]
    )
    a.landmarks["face"] = face
    nt = b[S.NUCHAL_TRANSLUCENCY]
    slope = rng.uniform(-0.08, 0.06)
    back_x = np.array([nt[0] + nt[2] / 2 + 1.0 * k, nt[0], nt[0] - nt[2] / 2, -32 * k, -60 * k])
    back_y = (
        nt[1] + nt[3] * 0.5 + np.array([-0.4 * k, 0, 0, 0, 0]) + slope * np.minimum(0, back_x - (nt[0] - nt[2] / 2))
    )
    back = np.column_stack((back_x, back_y))
    chest_y = rng.uniform(-12, -2) * k
    notch = np.array([face[0][0] - rng.uniform(1.0, 3.0) * k, face[0][1] + rng.uniform(0.2, 1.0) * k])
    chest = np.array(
        [
            [-60 * k, chest_y - rng.uniform(0, 3) * k],
            [-34 * k, chest_y],
            [notch[0] - 6.5 * k, 0.55 * chest_y + 0.45 * notch[1]],
            [notch[0] - 2 * k, notch[1] - 0.9 * k],
            notch,
        ]
    )
    a.landmarks.update(back=back, chest=chest)
    body_outline = np.vstack((spline(back), spline(chest), face[:2]))
    a.scene.tissues.append(Tissue(body_outline, rng.uniform(1, 5), 0.0, Grain.BODY))
    head = np.vstack((spline(face), spline(vault), [[cx, occ]]))
    a.scene.tissues.append(Tissue(head, rng.uniform(-1, 3), 0.0, Grain.BODY))
    skull = offset(spline(vault), rng.uniform(0.5, 0.9) * k)
    a.landmarks["skull"] = skull
    i = a.scene.interfaces
    i.append(Interface(spline(vault), rng.uniform(2, 12), 0.2, 2.0, taper=0.05))
    i.append(Interface(skull, rng.uniform(16, 24), 0.35 * k, 3.0, loss_db=3, taper=0.08))
    i.append(Interface(spline(chest)[::-1], rng.uniform(4, 16), 0.3, 3.0, taper=0.05))
    i.append(Interface(spline(face[:8]), rng.uniform(4, 14), 0.3, 1.0, taper=0.05))
