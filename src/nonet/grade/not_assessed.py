"""When a structure is not graded, and why: the typed reasons and the gates before a grade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NotAssessed", "NotAssessedReason", "Scope"]


_DECIMALS = 4


class NotAssessedReason(StrEnum):
    """Why there is no grade, the reasons that concern the whole frame first."""

    WRONG_PLANE = "wrong_plane"
    """The frame is hardly a mid-sagittal plane of the head."""

    LOW_QUALITY = "low_quality"
    """The plane is the right one, but not good enough to grade by."""

    NOT_VISIBLE = "not_visible"
    """The program does not see the structure, which does not mean that it is absent."""

    UNKNOWN_CATEGORY = "unknown_category"
    """The grader was trained without this structure, or another word that it is told."""

    MISSING_FEATURES = "missing_features"
    """Too many of the features that the grader uses have no value."""


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """An answer in place of a grade."""

    reason: NotAssessedReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The plane-quality probabilities that a grade needs, learnt on held-out standard frames.

    Below ``wrong_plane_below`` the plane is taken for a wrong one, below ``low_quality_below`` for a poor one.
    """

    wrong_plane_below: float
    low_quality_below: float

    @classmethod
    def fit(cls, probabilities: NDArray[np.floating], *, wrong: float = 0.01, low: float = 0.05) -> Self:
        """Gates that turn away a share of standard frames.

        Parameters
        ----------
        probabilities
            ``float[N]``, the calibrated probability of a standard plane of standard frames that the grader has not
            seen.
        wrong, low
            At most this share of them lies below the first and below the second gate.
        """
        ordered = np.sort(np.asarray(probabilities, np.float64))
        gates = [float(ordered[int(share * len(ordered))]) for share in (wrong, low)]
        return cls(*(float(np.floor(gate * 10**_DECIMALS) / 10**_DECIMALS) for gate in gates))

    def reason(self, *, visible: bool, plane_quality: float | None) -> NotAssessed | None:
        """Why a structure is out of scope, or None if it can be graded.

        Parameters
        ----------
        visible
            Whether the program sees the structure.
        plane_quality
            Probability that the frame is a standard plane; None leaves the plane unjudged.
        """
        if plane_quality is not None and plane_quality < self.wrong_plane_below:
            return NotAssessed(
                NotAssessedReason.WRONG_PLANE, f"plane quality {plane_quality:.2f} < {self.wrong_plane_below:.2f}"
            )
        if plane_quality is not None and plane_quality < self.low_quality_below:
            return NotAssessed(
                NotAssessedReason.LOW_QUALITY, f"plane quality {plane_quality:.2f} < {self.low_quality_below:.2f}"
            )
        return None if visible else NotAssessed(NotAssessedReason.NOT_VISIBLE)
