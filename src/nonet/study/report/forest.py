"""Forest plot: the best grader's AUC on all rows, by device and centre, on what was left out, and within layouts."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING, Any

from nonet.evaluate.grading import UNKNOWN
from nonet.study.report.blocks import Block, figure
from nonet.study.report.drawing import DIM, FAINT, INK, SERIES, bare_axes, chart, house_style
from nonet.study.report.wording import scheme_label, shortened, spelled
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.axes import Axes

    from nonet.study.report.run_results import RunResults

__all__ = ["forest"]

_WIDTH, _LINE, _MARGIN = 10.6, 0.25, 0.66
"""Inches: of the chart, of one of its lines, and of what stands above and below the lines."""
_LEFT, _MIDDLE = 0.27, 0.46
"""Shares of the width: of the names, and of what is drawn to scale."""
_MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class _Line:
    """A heading, if there are no figures, or a part of the rows with its AUC."""

    label: str
    auc: Mapping[str, float | None] | None = None
    rows: int | None = None


def forest(results: RunResults) -> Block:
    """The chart with its caption."""
    name = "forest"
    lines = _lines(results)
    height = _LINE * len(lines) + _MARGIN
    with house_style(name):
        whole, axes = bare_axes((_WIDTH, height), (_LEFT, 0.55 / height, _MIDDLE, _LINE * len(lines) / height))
        _set_up(axes, results, lines)
        for place, line in enumerate(lines):
            _draw(axes, line, -place)
        drawn = chart(whole, name, f"Forest plot of AUC. {_spoken(lines)}")
    return figure(drawn, _caption(results), class_="wide")


def _caption(results: RunResults) -> str:
    within = f"{results.positive} against the rest, " if len(results.classes) > 2 else ""
    return (
        "AUC of the best grader with 95 % interval, part by part; the dashed line is that of all rows, a square is "
        f"the larger the more rows there are. Within layouts, {within}only pairs of rows of one screen layout are "
        "compared, so that what the layout gives away cannot help."
    )


def _lines(results: RunResults) -> list[_Line]:
    internal = results.of_best(INTERNAL)
    others = [scheme for scheme in results.schemes if scheme not in (INTERNAL, EXTERNAL)]
    lines = [_Line("Internal folds"), _Line("all rows", internal["auc"], internal["rows"])]
    lines += _parts("By device", internal["devices"]) + _parts("By centre", internal["centres"])
    lines += _group("Left out of training", (_of_scheme(results, scheme) for scheme in others))
    lines += _within(results)
    if EXTERNAL in results.schemes:
        external = results.of_best(EXTERNAL)
        lines += [_Line("External split"), _Line("all rows", external["auc"], external["rows"])]
        lines += _parts("External, by device", external["devices"]) + _parts("External, by centre", external["centres"])
    return lines


def _of_scheme(results: RunResults, scheme: str) -> _Line:
    values = results.of_best(scheme)
    return _Line(scheme_label(scheme), values["auc"], values["rows"])


def _parts(heading: str, values: Mapping[str, Any]) -> list[_Line]:
    """Each part with its figures, the largest first; nothing if all is one, or not known."""
    if set(values) <= {UNKNOWN}:
        return []
    order = sorted(values.items(), key=lambda one: -one[1]["rows"])
    return _group(heading, (_Line(part, figures["auc"], figures["rows"]) for part, figures in order))


def _within(results: RunResults) -> list[_Line]:
    values = ((scheme, results.of_best(scheme)["within_layout_auc"]) for scheme in results.schemes)
    return _group("Within layouts", (_Line(scheme_label(scheme), one) for scheme, one in values))


def _group(heading: str, lines: Iterable[_Line]) -> list[_Line]:
    known = [line for line in lines if line.auc is not None and line.auc["value"] is not None]
    more = len(known) - _MOST_OF_A_KIND
    shown = known if more <= 0 else [*known[:_MOST_OF_A_KIND], _Line(f"and {more} more, not drawn")]
    return [_Line(heading), *shown] if known else []


def _set_up(axes: Axes, results: RunResults, lines: list[_Line]) -> None:
    values = [end for line in lines if line.auc for end in line.auc.values() if end is not None]
    start = max(0.0, floor(20 * min([*values, 0.95]) - 0.2) / 20)
    axes.set(xlim=(start, 1 + 0.012 * (1 - start)), ylim=(0.5 - len(lines), 0.5), yticks=(), xlabel="AUC")
    axes.spines["left"].set_visible(False)
    if start < 0.5:
        axes.axvline(0.5, color=FAINT, linewidth=0.9)
    whole = results.of_best(INTERNAL)["auc"]["value"]
    if whole is not None:
        axes.axvline(whole, color=DIM, linewidth=0.8, linestyle=(0, (3, 2)))


def _draw(axes: Axes, line: _Line, height: float) -> None:
    across = axes.get_yaxis_transform()
    heading = line.auc is None
    indent = 0.0 if heading else 0.025
    weight = "bold" if heading else "normal"
    axes.text(indent - _LEFT / _MIDDLE, height, shortened(line.label, 40), va="center", weight=weight, transform=across)
    if line.auc is None:
        return
    value, low, high = line.auc["value"], line.auc["low"], line.auc["high"]
    if low is not None and high is not None:
        axes.plot([low, high], [height, height], color=SERIES[0], linewidth=1.2, solid_capstyle="butt")
    if value is not None:
        size = min(9.0, 3 + sqrt(line.rows or 60) / 6)
        axes.plot(
            [value], [height], marker="s" if line.rows else "D", markersize=size if line.rows else 4.5, color=SERIES[0]
        )
    axes.text(1.05, height, spelled(line.auc), va="center", transform=across, color=INK)
    if line.rows is not None:
        axes.text(1.55, height, f"{line.rows:,} rows", va="center", ha="right", transform=across, color=DIM)


def _spoken(lines: list[_Line]) -> str:
    return "; ".join(line.label if line.auc is None else f"{line.label} {spelled(line.auc)}" for line in lines)
