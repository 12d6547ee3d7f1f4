"""Outliers: boxes that lie where boxed frames rarely have them; and the side to which the face looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.shape_prior import OUTLIER_SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.detect.shape_prior import ShapePrior
    from nonet.reading import Box, Face

__all__ = ["find_outliers"]


def find_outliers(
    boxes: Mapping[Structure, Box], shape_prior: ShapePrior | None
) -> tuple[Face | None, tuple[Structure, ...]]:
    """The face's side, and the structures that lie where fewer than one in 200 boxed frames has them.

    Parameters
    ----------
    boxes
        The visible structures of one frame. With fewer than three there is no answer.
    shape_prior
        Where structures may lie; without one there is no answer.
    """
    if shape_prior is None:
        return None, ()
    known = np.array([structure in boxes for structure in STRUCTURES])
    edges = np.zeros((len(STRUCTURES), 4))
    edges[known] = [boxes[structure].xyxy for structure in STRUCTURES if structure in boxes] or np.empty((0, 4))
    fit = shape_prior.fit(edges, known)
    rare = known & (fit.tail_share[:, 0] < OUTLIER_SHARE)
    return fit.face, tuple(STRUCTURES[index] for index in np.flatnonzero(rare))
