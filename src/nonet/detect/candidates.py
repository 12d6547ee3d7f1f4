"""What a network offers for each structure, whatever its layout: a few places, the strongest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Candidates"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """``K`` places for each of ``S`` structures, by falling score; a place that is not there scores 0.

    Attributes
    ----------
    scores
        ``float32[S, K]``, 0 to 1.
    edges
        ``float32[S, K, 4]``: x1, y1, x2, y2, pixels.
    spreads
        ``float32[S, K, 4]``: how far off each edge is likely to be, pixels; NaN if the network does not say.
    """

    scores: NDArray[np.float32]
    edges: NDArray[np.float32]
    spreads: NDArray[np.float32]

    def chosen(self, places: NDArray[np.intp]) -> Candidates:
        """One place for each structure, ``places`` being ``int[S]``."""
        rows = np.arange(len(self.scores))
        return Candidates(
            self.scores[rows, places][:, None], self.edges[rows, places][:, None], self.spreads[rows, places][:, None]
        )
