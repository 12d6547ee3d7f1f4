"""The boxes of a frame that lie where boxed frames rarely have them, and the side to which the face looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.shape_prior import RARE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.detect.shape_prior import ShapePrior
    from nonet.reading import Box, Face

__all__ = ["judged"]


def judged(boxes: Mapping[Structure, Box], arrangement: ShapePrior | None) -> tuple[Face | None, tuple[Structure, ...]]:
    """The face's side, and the structures that lie where fewer than one in 200 boxed frames has them.

    Parameters
    ----------
    boxes
        The visible structures of one frame. Of fewer than three nothing is said.
    arrangement
        Where structures may lie; without one nothing is said.
    """
    if arrangement is None:
        return None, ()
    known = np.array([structure in boxes for structure in STRUCTURES])
    edges = np.zeros((len(STRUCTURES), 4))
    edges[known] = [boxes[structure].xyxy for structure in STRUCTURES if structure in boxes] or np.empty((0, 4))
    judgement = arrangement.judge(edges, known)
    rare = known & (judgement.rarity[:, 0] < RARE)
    return judgement.face, tuple(STRUCTURES[index] for index in np.flatnonzero(rare))
