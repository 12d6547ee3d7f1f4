"""How near measurements come to printed readings, with intervals, as JSON values and in words."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, SEED, figure, frame_weights
from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.measurements.printed_readings import Scale
from nonet.evaluate.robustness.resampled import group_numbers, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.measurements.run_measurements import Compared, MeasurementRun
    from nonet.reading import BundleReference

__all__ = ["INTERVAL", "interval_factor", "measurement_figures", "measurements_json", "measurements_words"]

_DECIMALS = 4
_NEAR_MM = 0.1
_LIMITS = 1.96
INTERVAL = 0.9
_FOLDS = 5
_LEAST_FOR_ICC = 3
_FIGURES = {
    "median_absolute_error_mm": "median absolute error, mm",
    "bias_mm": "bias (median), mm",
    "limits_mm": "limits of agreement, mm about the mean",
    "icc_a1": "ICC(A,1)",
    "within_0_1_mm": "within 0.1 mm",
    "interval_holds": "90 % interval holds the print",
}


def measurement_figures(run: MeasurementRun, *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Any]:
    """The figures of frames whose pixel size is from a ruler, and apart those whose pixel size is from the print.

    ``interval_holds`` is the share of printed readings within the interval, whose width is fitted to the other folds.
    ``limits_mm`` is the half-width of the limits of agreement about the mean difference (1.96 standard deviations:
    Bland and Altman 1986); ``icc_a1`` that of two raters. Intervals are percentiles of a bootstrap over patients where
    they are known, else over frames. Of frames whose pixel size is from the print there is no ICC, since both
    millimetres would share it.
    """
    ruled = [one for one in run.compared if one.scale is Scale.RULER]
    return {
        "n": len(ruled),
        "left_out": dict(sorted(run.left_out.items())),
        "frames_seen_in_training": sum(one.seen for one in run.compared),
        **_figures(ruled, resamples, seed, _OF_DISTANCES),
        "interval_holds": _interval_holds(ruled, resamples, seed),
        "calliper_text": {
            "n": sum(one.scale is Scale.FROM_TEXT for one in run.compared),
            **_figures([one for one in run.compared if one.scale is Scale.FROM_TEXT], resamples, seed, _OF_PLACEMENT),
        },
    }


def _figures(
    compared: Sequence[Compared], resamples: int, seed: int, wanted: dict[str, Callable[[NDArray[np.float64]], float]]
) -> dict[str, Any]:
    if not compared:
        return {name: {"value": None, "low": None, "high": None} for name in wanted}
    pairs = np.array([(one.printed, one.measured) for one in compared])
    groups = group_numbers([one.image for one in compared], {one.image.name: one.hashes for one in compared})
    weights = frame_weights(groups, resamples, seed)
    drawn = [np.repeat(pairs, weight, axis=0) for weight in weights]
    return {
        name: {
            key: None if value is None else round(value, _DECIMALS)
            for key, value in asdict(figure(np.array([made(each) for each in drawn]))).items()
        }
        for name, made in wanted.items()
    }


def interval_factor(errors: NDArray[np.float64], spreads: NDArray[np.float64], wanted: float = INTERVAL) -> float:
    """What a spread is multiplied by to hold the ``wanted`` share of the errors, as conformal prediction takes it.

    Infinite with too few errors to say.
    """
    scores = np.sort(np.abs(errors) / spreads)
    rank = int(np.ceil(wanted * (len(scores) + 1)))
    return float(scores[rank - 1]) if rank <= len(scores) else np.inf


def _interval_holds(compared: Sequence[Compared], resamples: int, seed: int) -> dict[str, float | None]:
    if len(compared) < _FOLDS:
        return {"value": None, "low": None, "high": None}
    errors = np.array([one.measured - one.printed for one in compared])
    spreads = np.array([one.spread for one in compared])
    groups = group_numbers([one.image for one in compared], {one.image.name: one.hashes for one in compared})
    held = np.zeros(len(errors), np.bool_)
    for fold in range(_FOLDS):
        test = groups % _FOLDS == fold
        held[test] = np.abs(errors[test]) <= interval_factor(errors[~test], spreads[~test]) * spreads[test]
    weights = frame_weights(groups, resamples, seed)
    return figure_json(share(held, np.ones_like(held), weights))


def _error(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    error: NDArray[np.float64] = pairs[:, 1] - pairs[:, 0]
    return error


def _icc(pairs: NDArray[np.float64]) -> float:
    """ICC(A,1) of two raters: two-way random effects, absolute agreement (McGraw and Wong 1996)."""
    count = len(pairs)
    if count < _LEAST_FOR_ICC:
        return np.nan
    whole, of_frame, of_rater = pairs.mean(), pairs.mean(axis=1), pairs.mean(axis=0)
    frames = 2 * np.sum((of_frame - whole) ** 2) / (count - 1)
    raters = count * np.sum((of_rater - whole) ** 2)
    rest = np.sum((pairs - of_frame[:, None] - of_rater + whole) ** 2) / (count - 1)
    spread = frames + rest + 2 / count * (raters - rest)
    return float((frames - rest) / spread) if spread > 0 else np.nan


_OF_PLACEMENT: dict[str, Callable[[NDArray[np.float64]], float]] = {
    "median_absolute_error_mm": lambda pairs: float(np.median(np.abs(_error(pairs)))),
    "bias_mm": lambda pairs: float(np.median(_error(pairs))),
    "within_0_1_mm": lambda pairs: float((np.abs(_error(pairs)) <= _NEAR_MM).mean()),
}
_OF_DISTANCES = {
    **_OF_PLACEMENT,
    "limits_mm": lambda pairs: float(_LIMITS * _error(pairs).std(ddof=1)) if len(pairs) > 1 else np.nan,
    "icc_a1": _icc,
}


def measurements_json(
    figures: dict[str, Any], bundles: Sequence[BundleReference], form: str, split: str, overlays: str
) -> str:
    """Indented JSON that ends in a newline: the figures, by which bundles, and the protocol."""
    document = {
        **figures,
        "data": {"form": form, "split": split},
        "bundles": [asdict(one) for one in bundles],
        "protocol": {
            "measurement": "nuchal translucency, greatest perpendicular gap, inner to inner, in the detected box",
            "overlays": overlays,
            "print": "readings that sonographers took, nearly all on one model of machine",
            "interval": "95 % percentile bootstrap over patients where they are known, or else frames",
            "resamples": RESAMPLES,
            "seed": SEED,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def measurements_words(figures: dict[str, Any], split: str) -> str:
    """The figures as lines of text."""
    lines = [f"nuchal translucency of {figures['n']} frames of {split} against the print, pixel size from a ruler"]
    lines += [f"{words:42}{_interval(figures[name])}" for name, words in _FIGURES.items()]
    apart = figures["calliper_text"]
    lines.append(f"{apart['n']} frames more whose pixel size is from the print itself, which tests placement only")
    lines += [f"{words:42}{_interval(apart[name])}" for name, words in _FIGURES.items() if name in apart]
    lines += [f"left out: {count} ({reason})" for reason, count in figures["left_out"].items()]
    if seen := figures["frames_seen_in_training"]:
        lines.append(f"{seen} of the frames were seen in training: figures of those are no test of where boxes lie")
    return "\n".join(lines) + "\n"


def _interval(one: dict[str, float | None]) -> str:
    if one["value"] is None:
        return "-"
    low, high = ("no bound" if one[end] is None else f"{one[end]:.3f}" for end in ("low", "high"))
    return f"{one['value']:.3f} ({low} to {high})"
