"""The fetal head in the mid-sagittal plane, in millimetres: its scene, its nine outlines, its true sizes.

The body lies to the left and the face up; pose and place in the image come later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.brain import draw_brain
from nonet.simulate.face import draw_face
from nonet.simulate.layout import draw_layout
from nonet.simulate.neck import draw_neck
from nonet.simulate.part import Anatomy
from nonet.simulate.profile import draw_profile
from nonet.simulate.womb import draw_womb

__all__ = ["draw_head"]


def draw_head(rng: np.random.Generator, crl_mm: float, absent: frozenset[Structure]) -> Anatomy:
    """A head of a fetus of the given crown-rump length; structures in ``absent`` are left out."""
    boxes = draw_layout(rng, crl_mm)
    parts = [draw_profile, draw_neck, draw_brain, draw_face, draw_womb]
    whole = Anatomy(crl_mm=crl_mm, boxes=boxes, absent=absent)
    for draw in parts:
        draw(whole, rng)
    return whole
