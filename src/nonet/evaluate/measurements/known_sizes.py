"""Measurements of pictures whose sizes are known exactly, and how near they come, with intervals over heads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, SEED, figure, frame_weights
from nonet.measure.protocols import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nonet.anatomy import Structure

__all__ = ["KNOWN_FIGURES", "KnownSize", "known_size_figures"]

_DECIMALS = 4
_NEAR_MM = 0.2

KNOWN_FIGURES = {
    "share_measured": "share measured",
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias (median), mm",
    "median_absolute_error_to_size_mm": "median absolute error to the size itself, mm",
    "bias_to_size_mm": "bias to the size itself, mm",
    "within_0_2_mm": "within 0.2 mm",
    "interval_holds": "90 % interval holds the truth",
}
"""The figures by name, and in words."""


@dataclass(frozen=True, slots=True)
class KnownSize:
    """One measurement of one picture: what is true of it, and what was measured.

    Attributes
    ----------
    head
        Number of the head: pictures of one head are drawn together.
    device, picture
        The machine, and the twin or the frame as it is.
    structure, name
        What was measured.
    truth, size
        What callipers should find on the picture, and the size of the structure itself, mm.
    measured, low, high
        Millimetres; None where the structure was not seen or no edges supported a measurement.
    """

    head: int
    device: str
    picture: str
    structure: Structure
    name: str
    truth: float
    size: float
    measured: float | None
    low: float | None
    high: float | None


def known_size_figures(
    rows: Sequence[KnownSize], own: str, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Any]:
    """Of each measurement the figures of the frames as they are, of each machine apart, and of each twin.

    Parameters
    ----------
    rows
        All pictures.
    own
        The name of the frame as it is among the pictures.
    resamples, seed
        Of the bootstrap over heads.

    Returns
    -------
    By structure and name, such as ``nasal_bone.length``, of what has a known size: ``n``, the figures of
    `KNOWN_FIGURES`, each ``{value, low, high}``, and the same by ``devices`` and by ``twins``. ``share_measured`` is of
    structures that the picture shows whole; the other figures are of those that were measured.
    """
    return {
        f"{structure.value}.{name}": _of_measured(found, own, resamples, seed)
        for structure, name in MEASURED
        if (found := [one for one in rows if (one.structure, one.name) == (structure, name)])
    }


def _of_measured(rows: Sequence[KnownSize], own: str, resamples: int, seed: int) -> dict[str, Any]:
    plain = [one for one in rows if one.picture == own]
    devices = dict.fromkeys(one.device for one in rows)
    twins = [name for name in dict.fromkeys(one.picture for one in rows) if name != own]
    return {
        **_figures(plain, resamples, seed),
        "devices": {name: _figures([one for one in plain if one.device == name], resamples, seed) for name in devices},
        "twins": {name: _figures([one for one in rows if one.picture == name], resamples, seed) for name in twins},
    }


def _figures(rows: Sequence[KnownSize], resamples: int, seed: int) -> dict[str, Any]:
    nothing = {"value": None, "low": None, "high": None}
    if not rows:
        return {"n": 0, **dict.fromkeys(KNOWN_FIGURES, nothing)}
    heads = np.unique([one.head for one in rows], return_inverse=True)[1].astype(np.int64)
    weights = frame_weights(heads, resamples, seed)
    table = np.array([_numbers(one) for one in rows], np.float64)
    samples = {
        name: np.array([made(np.repeat(table, each, axis=0)) for each in weights]) for name, made in _MADE.items()
    }
    return {
        "n": len(rows),
        **{
            name: {
                key: None if value is None else round(value, _DECIMALS) for key, value in asdict(figure(one)).items()
            }
            for name, one in samples.items()
        },
    }


def _numbers(one: KnownSize) -> tuple[float, ...]:
    """Error, error to the size itself, and whether the interval holds; NaN where nothing was measured."""
    if one.measured is None or one.low is None or one.high is None:
        return np.nan, np.nan, np.nan
    return one.measured - one.truth, one.measured - one.size, float(one.low <= one.truth <= one.high)


def _median(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else np.nan


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else np.nan


def _near(values: NDArray[np.float64]) -> float:
    return _mean(np.where(np.isnan(values), np.nan, np.abs(values) <= _NEAR_MM))


_MADE: dict[str, Callable[[NDArray[np.float64]], float]] = {
    "share_measured": lambda table: float((~np.isnan(table[:, 0])).mean()) if len(table) else np.nan,
    "median_absolute_error_mm": lambda table: _median(np.abs(table[:, 0])),
    "bias_mm": lambda table: _median(table[:, 0]),
    "median_absolute_error_to_size_mm": lambda table: _median(np.abs(table[:, 1])),
    "bias_to_size_mm": lambda table: _median(table[:, 1]),
    "within_0_2_mm": lambda table: _near(table[:, 0]),
    "interval_holds": lambda table: _mean(table[:, 2]),
}
