"""ROC curves of the best grader under every scheme, beside what tells the classes apart without any anatomy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Rectangle

from nonet.bundle.grader_kind import GraderKind
from nonet.evaluate.bootstrap import frame_weights
from nonet.evaluate.grading import figure_json
from nonet.evaluate.grading.class_metrics import within_auc
from nonet.study.plan import Input
from nonet.study.report.blocks import Block, figure
from nonet.study.report.drawing import DASHES, DIM, FAINT, GROUND, SERIES, bare_axes, chart, house_style
from nonet.study.report.run_results import of_positive
from nonet.study.report.wording import scheme_label, shortened, spelled
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from nonet.evaluate.grading import GradedRows
    from nonet.study.figures import ExperimentKey
    from nonet.study.report.run_results import RunResults

    Shares = NDArray[np.float64]

__all__ = ["roc", "roc_chart", "roc_within"]

_SIZE = (5.4, 5.6)
_PLACE = (0.11, 0.09, 0.86, 0.895)
_NO_ANATOMY = {Input.LAYOUT, Input.ZOOM}
_THICK, _THIN = 1.7, 0.8
_CLOSE = 0.95
"""Above this AUC the corner in which curves turn is shown larger."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A curve with its label."""

    label: str
    wrong: Shares
    right: Shares
    thin: bool

    def draw(self, axes: Axes, place: int) -> None:
        colour = DIM if self.thin else SERIES[place % len(SERIES)]
        width, dash = _THIN if self.thin else _THICK, DASHES[place % len(DASHES)]
        axes.plot(self.wrong, self.right, color=colour, linewidth=width, linestyle=dash, label=self.label)


def roc(scores: Shares, truth: NDArray[np.bool_]) -> tuple[Shares, Shares]:
    """False and true positive rates at every threshold, from none called positive to all.

    Parameters
    ----------
    scores
        ``[N]``, higher where more likely positive.
    truth
        ``bool[N]``, with rows of both.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    right, wrong = np.cumsum(truth[order])[last], np.cumsum(~truth[order])[last]
    return np.append(0.0, wrong / wrong[-1]), np.append(0.0, right / right[-1])


def roc_within(rows: GradedRows) -> tuple[Shares, Shares]:
    """The mean of the curves of all divisions, each weighing as its pairs do: the area beneath is the AUC within them.

    Parameters
    ----------
    rows
        With rows of the positive class and of others in one division or more.
    """
    scores, truth = of_positive(rows)
    strata = rows.scored.strata
    own = [strata == each for each in np.unique(strata)]
    own = [some for some in own if 0 < truth[some].sum() < some.sum()]
    pairs = np.array([truth[some].sum() * (~truth[some]).sum() for some in own], np.float64)
    curves = [roc(scores[some], truth[some]) for some in own]
    wrong = np.unique(np.concatenate([curve[0] for curve in curves]))
    before = [_at(curve, wrong, "left") for curve in curves]
    after = [_at(curve, wrong, "right") for curve in curves]
    ends = np.stack([np.average(each, axis=0, weights=pairs) for each in (before, after)], axis=1)
    return np.repeat(wrong, 2), ends.ravel()


def _at(curve: tuple[Shares, Shares], wrong: Shares, side: str) -> Shares:
    """The true positive rates of a curve at false positive rates, before or after it rises there."""
    rates, heights = curve
    if side == "left":
        first = np.searchsorted(rates, wrong, "left")
        exact = rates[first.clip(max=len(rates) - 1)] == wrong
        return np.where(exact, heights[first.clip(max=len(rates) - 1)], np.interp(wrong, rates, heights))
    last = np.searchsorted(rates, wrong, "right") - 1
    return np.where(rates[last] == wrong, heights[last], np.interp(wrong, rates, heights))


def roc_chart(results: RunResults) -> Block:
    """The chart with its caption."""
    name = "roc"
    lines = _lines(results)
    with house_style(name):
        whole, axes = bare_axes(_SIZE, _PLACE)
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8)
        for place, line in enumerate(lines):
            line.draw(axes, place)
        axes.set(xlim=(0, 1), ylim=(0, 1.005), xlabel="1 − specificity", ylabel="sensitivity")
        axes.legend(
            loc="lower right",
            handlelength=2.6,
            borderaxespad=0.3,
            frameon=True,
            framealpha=1,
            facecolor=GROUND,
            edgecolor="none",
        )
        if (results.of_best(INTERNAL)["auc"]["value"] or 0) > _CLOSE:
            _enlarge_corner(axes, lines)
        drawn = chart(whole, name, f"ROC curves. {'; '.join(line.label for line in lines)}")
    return figure(drawn, _caption(results, lines))


def _caption(results: RunResults, lines: list[_Line]) -> str:
    against = "" if len(results.classes) == 2 else " against all other classes"
    thin = "; thin, logistic regression on what is no anatomy" if any(line.thin for line in lines) else ""
    hidden = len(results.schemes) - sum(not line.thin for line in lines)
    more = f" {hidden} more, left out in turn, are not drawn." if hidden else ""
    return f"ROC of {results.positive}{against}: the best grader, AUC with 95 % interval{thin}.{more}"


def _lines(results: RunResults) -> list[_Line]:
    values = [(scheme_label(scheme), (scheme, *results.best), False) for scheme in _drawn_schemes(results)]
    values += [
        (f"{name}, internal", (INTERNAL, name, GraderKind.LOGISTIC_REGRESSION.value), True)
        for name, inputs in results.plan.baselines.items()
        if set(inputs) <= _NO_ANATOMY
    ]
    found = (_line(results, *one) for one in values if one[1] in results.rows)
    return [line for line in found if line is not None]


def _drawn_schemes(results: RunResults) -> list[str]:
    """As many as there are colours; internal and external always."""
    outside = [EXTERNAL] * (EXTERNAL in results.schemes)
    others = [scheme for scheme in results.schemes if scheme != EXTERNAL]
    return others[: len(SERIES) - len(outside)] + outside


def _line(results: RunResults, label: str, cell: ExperimentKey, thin: bool) -> _Line | None:
    auc = _auc(results, cell)
    if auc["value"] is None:
        return None
    return _Line(f"{shortened(label, 26)} {spelled(auc)}", *roc_within(results.rows[cell]), thin)


def _auc(results: RunResults, cell: ExperimentKey) -> dict[str, Any]:
    """The AUC of the positive class: of two classes that of the figures, of more that against all others."""
    values = results.cell(*cell)
    if values is not None and len(results.classes) == 2:
        return dict(values["auc"])
    rows = results.rows[cell]
    weights = frame_weights(rows.groups, results.plan.resamples)
    return figure_json(within_auc(rows.scored, rows.scored.strata, weights))


def _enlarge_corner(axes: Axes, lines: list[_Line]) -> None:
    axes.add_patch(Rectangle((0.33, 0.345), 0.66, 0.53, transform=axes.transAxes, color=GROUND, zorder=3))
    corner = axes.inset_axes((0.42, 0.40, 0.55, 0.42), facecolor=GROUND)
    for place, line in enumerate(lines):
        if not line.thin:
            line.draw(corner, place)
    corner.set(xlim=(-0.004, 0.25), ylim=(0.75, 1.006), xticks=(0, 0.1, 0.2), yticks=(0.8, 0.9, 1.0))
    corner.tick_params(labelsize=8)
    corner.set_title("the upper left corner", fontsize=8.5, color=DIM, loc="left")
