"""A figure with its interval as JSON values, and these in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from nonet.evaluate.bootstrap import figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["figure_json", "figure_words"]

_DIGITS = 6


def figure_json(drawn: NDArray[np.float64]) -> dict[str, float | None]:
    """A figure with its interval from its value in all rows and in each resample, ``float64[1 + R]``."""
    return {end: None if value is None else round(value, _DIGITS) for end, value in asdict(figure(drawn)).items()}


def figure_words(one: Mapping[str, float | None] | None) -> str:
    """A value and its interval to thousandths; a dash where there is none."""
    if one is None or one["value"] is None:
        return "-"
    low, high = ("no bound" if one[end] is None else f"{one[end]:.3f}" for end in ("low", "high"))
    return f"{one['value']:.3f} ({low} to {high})"
