"""The same frame measured again: how far the measurements of one frame spread, with intervals over frames."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, SEED, figure, frame_weights
from nonet.measure.protocols import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.measure.protocols import Measured

__all__ = ["REPEAT_FIGURES", "FrameRepeats", "repeat_figures"]

_DECIMALS = 4

REPEAT_FIGURES = {
    "share_measured": "share measured again",
    "sd_mm": "sd, mm",
    "median_sd_mm": "median sd of a frame, mm",
    "median_mm": "median of the frames, mm",
}
"""The figures by name, and in words."""


@dataclass(frozen=True, slots=True)
class FrameRepeats:
    """The measurements of one frame, mm, by structure and name, kind of change, and picture.

    Attributes
    ----------
    image
        Name of the frame.
    own
        Of the frame as it is.
    repeats
        ``{kind: {(structure, name): values}}``, of the pictures in which that was measured.
    pictures
        How many pictures there were of each kind.
    """

    image: str
    own: Mapping[Measured, float]
    repeats: Mapping[str, Mapping[Measured, Sequence[float]]]
    pictures: Mapping[str, int]


def repeat_figures(frames: Sequence[FrameRepeats], *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Any]:
    """Of each measurement, over all kinds of change and for each kind, how far the measurements of a frame spread.

    Parameters
    ----------
    frames
        The frames, each of which is drawn as one.
    resamples, seed
        Of the bootstrap over frames.

    Returns
    -------
    By structure and name, such as ``nasal_bone.length``: ``n`` frames in which it was measured; ``share_measured``, of
    their changed pictures; ``sd_mm``, the root mean square of the frames' standard deviations over the frame as it is
    and its changed pictures; ``median_sd_mm``, the median of these; ``median_mm``, of the frames as they are; each
    ``{value, low, high}``. ``kinds`` has the same for each kind of change.
    """
    kinds = list(dict.fromkeys(kind for one in frames for kind in one.repeats))
    return {
        f"{measured[0].value}.{measured[1]}": {
            **_figures(frames, measured, kinds, resamples, seed),
            "kinds": {kind: _figures(frames, measured, [kind], resamples, seed) for kind in kinds},
        }
        for measured in MEASURED
    }


def _figures(
    frames: Sequence[FrameRepeats], measured: Measured, kinds: Iterable[str], resamples: int, seed: int
) -> dict[str, Any]:
    chosen = list(kinds)
    pairs = []
    for one in frames:
        if measured in one.own:
            again = [value for kind in chosen for value in one.repeats.get(kind, {}).get(measured, ())]
            spread = float(np.var([one.own[measured], *again], ddof=1)) if again else np.nan
            pairs.append((spread, one.own[measured], len(again) / sum(one.pictures[kind] for kind in chosen)))
    if not pairs:
        return {"n": 0, **{name: {"value": None, "low": None, "high": None} for name in REPEAT_FIGURES}}
    table = np.array(pairs)
    weights = frame_weights(np.arange(len(table)), resamples, seed)
    drawn = [np.repeat(table, each, axis=0) for each in weights]
    return {
        "n": len(table),
        **{name: _figure(np.array([made(each) for each in drawn])) for name, made in _MADE.items()},
    }


def _figure(samples: NDArray[np.float64]) -> dict[str, float | None]:
    return {key: None if value is None else round(value, _DECIMALS) for key, value in asdict(figure(samples)).items()}


def _spread(table: NDArray[np.float64], middle: Callable[[NDArray[np.float64]], float]) -> float:
    """The root of the middle of the variances that are known; NaN where none is."""
    known = table[np.isfinite(table[:, 0]), 0]
    return float(np.sqrt(middle(known))) if len(known) else np.nan


def _root_median(variances: NDArray[np.float64]) -> float:
    """The square of the median standard deviation."""
    return float(np.median(np.sqrt(variances))) ** 2


_MADE: dict[str, Callable[[NDArray[np.float64]], float]] = {
    "share_measured": lambda table: float(table[:, 2].mean()),
    "sd_mm": lambda table: _spread(table, lambda known: float(np.mean(known))),
    "median_sd_mm": lambda table: _spread(table, _root_median),
    "median_mm": lambda table: float(np.median(table[:, 1])),
}
