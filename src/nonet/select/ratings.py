"""Repeated ratings of the same subjects, and the frames that they were made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import LeakError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

__all__ = ["Ratings"]


@dataclass(frozen=True, slots=True)
class Ratings:
    """The same features of the same subjects, measured by several raters of one source.

    A rater is whatever may differ where the anatomy does not: a reviewer's box, a machine.

    Attributes
    ----------
    values
        ``float64[S, R, F]``: subjects, raters (at least 2), features; NaN where there is no value.
    frames
        The real frame that each subject was rated on, or None for simulated heads, which are in no fold.
    against_first
        Whether each rater is held against the first alone, as a copy is against the original; else all are held
        against each other.

    Raises
    ------
    SettingsError
        If the shapes disagree.
    """

    values: NDArray[np.float64]
    frames: tuple[str, ...] | None = None
    against_first: bool = False

    def __post_init__(self) -> None:
        shape = self.values.shape
        if self.values.ndim != 3 or shape[1] < 2 or (self.frames is not None and len(self.frames) != shape[0]):
            raise SettingsError(
                "Ratings have subjects, two or more raters, and features, and a frame a subject if they are real",
                found=f"shape {shape}, {'no' if self.frames is None else len(self.frames)} frames",
                remedy="Stack the tables of the raters along the second axis",
            )

    def within(self, frames: Collection[str]) -> Ratings:
        """The ratings made on some frames, such as those of a training fold; simulated heads all stay."""
        if self.frames is None:
            return self
        kept = set(frames)
        rows = [row for row, frame in enumerate(self.frames) if frame in kept]
        return replace(self, values=self.values[rows], frames=tuple(self.frames[row] for row in rows))

    def take(self, features: Sequence[int] | NDArray[np.intp]) -> Ratings:
        """The ratings of some features, in the order given."""
        return replace(self, values=self.values[:, :, features])

    def refuse_beyond(self, frames: Collection[str] | None) -> None:
        """Raise if a rated real frame is not among the training frames.

        Parameters
        ----------
        frames
            The training frames; None if they have no names, which real ratings do not allow.

        Raises
        ------
        LeakError
            If a rated frame is not among them.
        """
        strangers = sorted(set(self.frames or ()) - set(frames or ()))
        if strangers:
            raise LeakError(
                "Stability is measured on training frames alone",
                found=f"ratings of {len(strangers)} other frames, such as {strangers[0]}",
                remedy="Pass the names of the training frames, and ratings.within(those names)",
            )
