"""Whether a batch of frames lies where a grader's thresholds were set, or has drifted from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import bdtrc

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Drift", "drift_of"]

_OUTER = 0.05
"""The outer share of the frames that the grader was made from."""
_LEAST_FRAMES = 20
_CHANCE = 0.001
"""Of batches like the frames that the grader was made from, fewer than one in a thousand counts as drifted."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many frames of a batch lie in the outer twentieth of those that a grader was made from.

    Attributes
    ----------
    frames, outside
        Frames of the batch, and those of them that lie there.
    chance
        Probability of so many or more if the batch were like the frames that the grader was made from.
    """

    frames: int
    outside: int
    chance: float

    @property
    def drifted(self) -> bool:
        """Whether so many are not to be expected by chance."""
        return self.chance < _CHANCE

    @property
    def words(self) -> str:
        """What was found in a batch that has drifted, and what to do."""
        return (
            f"{self.outside} of {self.frames} frames lie in the outer twentieth of those that plane quality was graded "
            f"on ({_OUTER * self.frames:.0f} expected): its threshold may not hold for them; see nonet adapt"
        )


def drift_of(as_far_out: Sequence[float]) -> Drift | None:
    """The drift of a batch from ``PlaneQuality.as_far_out`` of its frames; None with fewer than 20.

    Each frame counts alone: several of one examination say less than as many of different ones.
    """
    if len(as_far_out) < _LEAST_FRAMES:
        return None
    outside = sum(share <= _OUTER for share in as_far_out)
    return Drift(len(as_far_out), outside, float(bdtrc(outside - 1, len(as_far_out), _OUTER)))
