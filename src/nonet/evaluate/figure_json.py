"""A figure with its interval as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from nonet.evaluate.bootstrap import figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["figure_json"]

_DIGITS = 6


def figure_json(drawn: NDArray[np.float64]) -> dict[str, float | None]:
    """A figure with its interval from its value in all rows and in each resample, ``float64[1 + R]``."""
    return {end: None if value is None else round(value, _DIGITS) for end, value in asdict(figure(drawn)).items()}
