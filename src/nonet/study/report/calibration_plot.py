"""Whether the best grader's probabilities come true: rows in bins of predicted probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.study.report.blocks import Block, figure
from nonet.study.report.drawing import FAINT, SERIES, bare_axes, chart, house_style
from nonet.study.report.run_results import of_positive
from nonet.study.report.wording import decimal, shortened, spelled
from nonet.study.splits import INTERNAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from nonet.study.report.run_results import RunResults

    Shares = NDArray[np.float64]

__all__ = ["Reliability", "calibration_chart", "reliability"]

_SIZE = (5.4, 5.6)
_ABOVE, _BELOW = (0.11, 0.30, 0.86, 0.685), (0.11, 0.09, 0.86, 0.17)
_LIMITS = (-0.02, 1.02)
_MOST_BINS, _BARS = 10, 20
_Z = 1.959964
"""Half the width of a 95 % interval in standard deviations."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of rows by probability: its mean, the share that is positive with its interval, the number of rows."""

    values: Shares
    found: Shares
    low: Shares
    high: Shares
    rows: NDArray[np.intp]


def reliability(scores: Shares, truth: NDArray[np.bool_]) -> Reliability:
    """Up to ten bins of as many rows each, with Wilson's interval (1927) of the share that is positive.

    Parameters
    ----------
    scores
        ``[N]``, probabilities.
    truth
        ``bool[N]``.
    """
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, min(_MOST_BINS, len(order)))
    rows = np.array([len(part) for part in parts], np.intp)
    found = np.array([truth[part].mean() for part in parts])
    middle = (found + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    half = _Z * np.sqrt(found * (1 - found) / rows + _Z**2 / (4 * rows**2)) / (1 + _Z**2 / rows)
    return Reliability(np.array([scores[part].mean() for part in parts]), found, middle - half, middle + half, rows)


def calibration_chart(results: RunResults) -> Block:
    """The chart with its caption."""
    name = "calibration"
    scores, truth = of_positive(results.rows_of_best(INTERNAL))
    bins = reliability(scores, truth)
    best = results.of_best(INTERNAL)
    fit = f"slope {spelled(best['calibration_slope'])}, intercept {spelled(best['calibration_intercept'])}"
    with house_style(name):
        whole, axes = bare_axes(_SIZE, _ABOVE)
        _draw_bins(axes, bins)
        axes.set_ylabel(f"share that is {shortened(results.positive, 30)}")
        axes.text(0.03, 0.94, fit, transform=axes.transAxes)
        _draw_histogram(whole.add_axes(_BELOW), results, scores, truth)
        drawn = chart(whole, name, f"Calibration; {fit}. {_spoken(bins)}")
    return figure(drawn, _caption(bins))


def _caption(bins: Reliability) -> str:
    return (
        f"Calibration of the best grader, internal folds: {len(bins.rows)} bins of as many rows each, 95 % Wilson "
        "intervals. A slope of 1 is right, below 1 is overconfident; an intercept above 0 says that the class is more "
        "frequent than it is called. Beneath, how often each probability occurs."
    )


def _draw_bins(axes: Axes, bins: Reliability) -> None:
    away = np.vstack([bins.found - bins.low, bins.high - bins.found]).clip(0)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8)
    axes.errorbar(bins.values, bins.found, away, color=SERIES[0], marker="o", markersize=4.5, linewidth=1, elinewidth=1)
    axes.set(xlim=_LIMITS, ylim=_LIMITS)
    axes.tick_params(labelbottom=False)


def _draw_histogram(axes: Axes, results: RunResults, scores: Shares, truth: NDArray[np.bool_]) -> None:
    positive = shortened(results.positive, 24)
    edges = np.linspace(0, 1, _BARS + 1).tolist()
    shown, labels = [scores[~truth], scores[truth]], [f"not {positive}", positive]
    axes.hist(shown, bins=edges, color=[SERIES[1], SERIES[0]], label=labels, stacked=True)
    axes.set(xlim=_LIMITS, xlabel=f"probability of {positive}", ylabel=f"{results.unit}s")
    axes.legend(loc="upper center", ncols=2, handlelength=1, borderaxespad=0)


def _spoken(bins: Reliability) -> str:
    pairs = zip(bins.values.tolist(), bins.found.tolist(), strict=True)
    return "; ".join(f"predicted {decimal(values, 2)}, found {decimal(found, 2)}" for values, found in pairs)
