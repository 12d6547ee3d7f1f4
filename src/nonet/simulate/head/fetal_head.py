"""The fetal head in the mid-sagittal plane, in millimetres: its scene, its nine outlines, its true sizes."""

from __future__ import annotations

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.body import draw_body
from nonet.simulate.head.brain import draw_brain
from nonet.simulate.head.face import draw_face
from nonet.simulate.head.hindbrain import draw_hindbrain
from nonet.simulate.head.nape import draw_nape
from nonet.simulate.head.profile import draw_profile
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.head.structure_positions import draw_layout
from nonet.simulate.head.womb import draw_womb

__all__ = ["draw_head"]


def draw_head(rng: np.random.Generator, crl_mm: float, absent: frozenset[Structure]) -> Sketch:
    """A head of a fetus of the given crown-rump length, the body to the left and the face up.

    Parameters
    ----------
    rng
        Source of every draw.
    crl_mm
        Crown-rump length, 45 to 84 mm.
    absent
        Structures to leave out.
    """
    sketch = Sketch(crl_mm, draw_layout(rng, crl_mm), absent, rng)
    for part in (draw_profile, draw_nape, draw_body, draw_brain, draw_hindbrain, draw_face, draw_womb):
        part(sketch)
    sketch.truth["crl_mm"] = crl_mm
    return sketch
