"""The flow of images through a study, from all of the split to training and test (as CONSORT)."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from nonet.study.report.blocks import Block, FlowDrawing, details, figure, joined, row, table, td, th
from nonet.study.report.wording import counted, shortened
from nonet.study.splits import ALL, EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.study.report.run_results import RunResults

__all__ = ["flow"]

_WIDTH, _LINE, _PAD, _GAP = 1100, 19, 11, 34
_MIDDLE, _SIDE, _APART = 300, 310, 40
_CHARACTER, _OF_TITLE = 7.2, 7.8
"""Width of a character in the drawing's 13 px type, plain and bold, on the generous side."""
_MOST_REASONS, _MOST_LINES, _MOST_CHARACTERS = 6, 9, 400


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of the drawing; the first of its lines is its title."""

    x: float
    y: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 2 * _PAD

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def texts(self) -> list[tuple[float, float, str]]:
        """Each line with the place where it starts."""
        return [(self.x + _PAD + 2, self.y + _PAD + 14 + _LINE * place, line) for place, line in enumerate(self.lines)]


def flow(results: RunResults) -> Block:
    """The drawing, and beneath it the images that were left out by name."""
    values = results.figures["flow"]
    caption = "Images of the study and what became of them. Counts of training and test rows."
    return joined([figure(_drawing(results, values), caption, class_="wide"), *_left_out(results)])


def _drawing(results: RunResults, values: dict[str, Any]) -> FlowDrawing:
    left = (_WIDTH - _MIDDLE) / 2
    images = _boxed(left, 1, _MIDDLE, counted(values["images"], "image"))
    gone = _boxed(left + _MIDDLE + _APART, images.bottom + _GAP / 4, _SIDE, *_reasons(values))
    rows = _boxed(left, gone.bottom + _GAP / 4, _MIDDLE, *_rows(results, values))
    below = _divisions(results, values, rows.bottom + 1.4 * _GAP)
    height = max(box.bottom for box in (rows, *below)) + 2
    split = (gone.y + gone.bottom) / 2
    across, arrows = _fan(rows, below)
    boxes = (images, gone, rows, *below)
    counts = "; ".join(f"{box.lines[0]}: {', '.join(box.lines[1:])}" for box in boxes)
    return FlowDrawing(
        _WIDTH,
        height,
        f"Flow diagram. {counts}",
        boxes,
        (
            f"M{images.middle:.1f} {images.bottom:.1f}V{rows.y - 2:.1f}",
            f"M{images.middle:.1f} {split:.1f}H{gone.x - 2:.1f}",
            *arrows,
        ),
        across,
    )


def _boxed(x: float, y: float, width: float, *lines: str) -> _Box:
    room = width - 2 * _PAD
    title, *others = lines
    values = [
        *_folded(title, room / _OF_TITLE),
        *(part for line in others for part in _folded(line, room / _CHARACTER)),
    ]
    return _Box(x, y, width, tuple(values))


def _folded(line: str, most: float) -> list[str]:
    return wrap(shortened(line, _MOST_CHARACTERS), int(most)) or [""]


def _reasons(values: dict[str, Any]) -> list[str]:
    reasons = sorted(values["left_out"].items(), key=lambda one: -one[1])
    total = sum(values["left_out"].values())
    shown = [f"{count:,}: {reason}" for reason, count in reasons[:_MOST_REASONS]]
    others = sum(count for _, count in reasons[_MOST_REASONS:])
    return [f"{total:,} left out", *shown, *([f"{others:,}: other reasons, listed below"] if others else [])]


def _rows(results: RunResults, values: dict[str, Any]) -> list[str]:
    frames, rows = counted(values["frames"], "frame"), counted(values["rows"], values["unit"])
    title = frames if values["unit"] == "frame" else f"{frames}, {rows}"
    return [title, *(f"{values['answers'].get(name, 0):,} {name}" for name in results.classes)]


def _divisions(results: RunResults, values: dict[str, Any], y: float) -> list[_Box]:
    """A box for the folds, one for all that was left out in turn, one for the external split, one for all rows."""
    by: dict[str, list[dict[str, Any]]] = {}
    for one in values["divisions"]:
        by.setdefault(one["scheme"] if one["scheme"] in (INTERNAL, ALL) else "", []).append(one)
    boxes = []
    if INTERNAL in by:
        boxes.append([f"Internal: {counted(len(by[INTERNAL]), 'fold')}", *_counts(by[INTERNAL])])
    if "" in by:
        boxes.append([f"Each {results.plan.folds.leave_out or 'part'} left out in turn", *_counts(by[""])])
    if ALL in by:
        boxes.append(["All rows: the model that ships", f"{by[ALL][0]['train']:,} for training, none left to test"])
    external = results.cell(EXTERNAL, *results.best)
    if external is not None:
        boxes.append(["External split", f"{external['rows']:,} tested with the model of all rows"])
    width = min(330.0, (_WIDTH - 24 * (len(boxes) - 1)) / max(len(boxes), 1))
    start = (_WIDTH - width * len(boxes) - 24 * (len(boxes) - 1)) / 2
    return [_boxed(start + place * (width + 24), y, width, *lines) for place, lines in enumerate(boxes)]


def _counts(divisions: Sequence[dict[str, Any]]) -> list[str]:
    lines = [
        f"{shortened(one['division'], 22)}: {one['train']:,} for training, {one['test']:,} for testing"
        for one in divisions
    ]
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"and {more} more"]


def _fan(above: _Box, below: Sequence[_Box]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The line that joins what is below, and an arrow to each box of it."""
    if not below:
        return (), ()
    bus = (above.bottom + below[0].y) / 2
    across = f"M{below[0].middle:.1f} {bus:.1f}H{below[-1].middle:.1f}"
    stem = f"M{above.middle:.1f} {above.bottom:.1f}V{bus:.1f}"
    return (across + stem,), tuple(f"M{box.middle:.1f} {bus:.1f}V{box.y - 2:.1f}" for box in below)


def _left_out(results: RunResults) -> list[Block]:
    gone = results.figures["left_out"]
    if not gone:
        return []
    rows = (row(td(one["image"]), td(one["reason"])) for one in gone)
    listed = table("", [row(th("image"), th("why it was left out"))], rows)
    return [details(f"The {counted(len(gone), 'image')} left out, by name", listed)]
