"""The fetal head in the mid-sagittal plane, in millimetres: its scene, its nine outlines, its true sizes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.head.body import draw_body
from nonet.simulate.head.brain import draw_brain
from nonet.simulate.head.face import draw_face
from nonet.simulate.head.hindbrain import draw_hindbrain, room_for_cisterna
from nonet.simulate.head.nape import draw_nape
from nonet.simulate.head.profile import draw_profile
from nonet.simulate.head.scene import Region
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.head.structure_positions import draw_layout
from nonet.simulate.head.womb import draw_womb

__all__ = ["draw_head"]

_PARTS = (
    (Region.PROFILE, draw_profile),
    (Region.NAPE, draw_nape),
    (Region.TRUNK, draw_body),
    (Region.BRAIN, draw_brain),
    (Region.BRAIN_STEM, draw_hindbrain),
    (Region.FACE, draw_face),
    (Region.WOMB, draw_womb),
)


def draw_head(
    rng: np.random.Generator, crl_mm: float, absent: frozenset[Structure], wanted: Mapping[str, float] | None = None
) -> Sketch:
    """A head of a fetus of the given crown-rump length, the body to the left and the face up.

    Parameters
    ----------
    rng
        Source of every draw.
    crl_mm
        Crown-rump length, 45 to 84 mm.
    absent
        Structures to leave out.
    wanted
        Sizes in mm that it has instead of its own, by the names of ``Sketch.truth``: ``nt_mm``, ``nasal_bone_mm``,
        ``fourth_ventricle_mm``, ``cisterna_magna_mm``, ``palate_gap_mm``, ``midbrain_mm``. All that does not depend on
        them is that of the same head without them.

    Raises
    ------
    SettingsError
        If the head has no room for one of them.
    """
    sketch = Sketch(crl_mm, draw_layout(rng, crl_mm), absent, rng, wanted or {})
    room_for_cisterna(sketch)
    for part, draw in _PARTS:
        with sketch.drawing(part):
            draw(sketch)
    sketch.truth["crl_mm"] = crl_mm
    return sketch
