"""A loop as a picture: its best frames with their boxes; beneath, plane quality and visible structures over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.frame_result import shown_pixels
from nonet.outputs.loop_result import how_taken
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import printable
from nonet.outputs.picture.caption import HEADER
from nonet.outputs.picture.enlarged_view import View
from nonet.outputs.picture.line_art import DIM, GROUND, INK, font, outline
from nonet.outputs.picture.time_chart import CHART_HEIGHT, time_chart
from nonet.reading import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from nonet.cine import BestFrame, Loop
    from nonet.outputs.loop_result import LoopResult

__all__ = ["MOST_SHOWN", "drawn_strip", "strip"]

MOST_SHOWN = 10
"""Best frames that the picture shows at most."""

_WIDTH = 1600
_EDGE, _GAP = 16, 12
_ACROSS = 5
_WIDEST = 620
_CAPTION = 58
_LINE = 28


def drawn_strip(result: LoopResult, burnt_in: BurntIn) -> Image.Image:
    """As `strip`, of a loop whose frames are opened once more."""
    wanted = {one.number for one in result.loop.best[:MOST_SHOWN]}
    pixels = {}
    for number, frame in enumerate(result.frames() if wanted else ()):
        if number in wanted:
            pixels[number] = shown_pixels(frame, burnt_in)
        if len(pixels) == len(wanted):
            break
    return strip(result.loop, pixels, burnt_in)


def strip(loop: Loop, pixels: Mapping[int, NDArray[np.uint8]], burnt_in: BurntIn = BurntIn.KEPT) -> Image.Image:
    """The picture of a loop, 1,600 pixels wide.

    Parameters
    ----------
    loop
        The document.
    pixels
        ``uint8[H, W]`` by the number of the frame, of the best frames to show; they stand in the order of time.
    burnt_in
        What the pixels show of text that the machine burnt in; the picture says so.

    Returns
    -------
    An RGB image.
    """
    shown = sorted((one for one in loop.best[:MOST_SHOWN] if one.number in pixels), key=lambda one: one.number)
    across = max(min(len(shown), _ACROSS), 1)
    wide = min((_WIDTH - 2 * _EDGE - (across - 1) * _GAP) // across, _WIDEST)
    tall = round(wide * loop.height / loop.width)
    rows = -(-len(shown) // _ACROSS)
    floor = HEADER + rows * (tall + _CAPTION)
    said = _sentences(loop, burnt_in)
    sheet = Image.new("RGB", (_WIDTH, floor + CHART_HEIGHT + _LINE * len(said) + _EDGE), GROUND)
    pen = ImageDraw.Draw(sheet)
    _header(pen, loop)
    for place, one in enumerate(shown):
        left = _EDGE + place % _ACROSS * (wide + _GAP)
        top = HEADER + place // _ACROSS * (tall + _CAPTION)
        view = View(Box(0, 0, loop.width, loop.height), wide / loop.width, left, top)
        sheet.paste(view.render(pixels[one.number]), (left, top))
        _boxes(pen, view, loop, one)
        _caption(pen, view, loop, one)
    time_chart(pen, loop, [one.number for one in loop.best[:MOST_SHOWN]], (_EDGE, floor), _WIDTH - 2 * _EDGE)
    for index, line in enumerate(said):
        y = floor + CHART_HEIGHT + (index + 0.5) * _LINE
        pen.text((_EDGE, y), printable(line), fill=DIM, font=font(17), anchor="lm")
    return sheet


def _header(pen: ImageDraw.ImageDraw, loop: Loop) -> None:
    bundle = f"Nonet, bundle {loop.bundle.name} {loop.bundle.version}"
    pen.text((_EDGE, HEADER / 2), "AI, research use. Not a diagnosis.", fill=INK, font=font(20), anchor="lm")
    pen.text((_WIDTH - _EDGE, HEADER / 2), printable(bundle), fill=DIM, font=font(17), anchor="rm")


def _boxes(pen: ImageDraw.ImageDraw, view: View, loop: Loop, one: BestFrame) -> None:
    """The boxes of the frame's reading, or of its tracks where it has none beside it."""
    if one.reading is not None:
        boxes = {found.structure: found.box for found in one.reading.findings if found.box}
    else:
        on_frame = ((track, box) for track in loop.tracks for box in track.boxes if box.number == one.number)
        boxes = {track.structure: box.to_box() for track, box in on_frame}
    for structure, box in boxes.items():
        outline(pen, view.place(box), MARKS[structure], 1)


def _caption(pen: ImageDraw.ImageDraw, view: View, loop: Loop, one: BestFrame) -> None:
    rank = [best.number for best in loop.best].index(one.number) + 1
    plane = one.plane_quality
    seen = len(loop.frames[one.number].visible)
    quality = "plane not graded" if plane.probability is None else f"plane {plane.probability:.2f}"
    pen.text((view.left, view.bottom + 17), f"frame {one.number + 1}", fill=INK, font=font(19), anchor="lm")
    name = "best" if rank == 1 else f"no. {rank}"
    pen.text((view.right, view.bottom + 17), name, fill=INK, font=font(19), anchor="rm")
    unmet = [each.criterion.value.replace("_", " ") for each in plane.criteria if each.met is False]
    words = f"{quality}, {seen} of 9 seen" + (f"; not met: {', '.join(unmet)}" if unmet else "")
    for size in (16, 14, 12):
        if pen.textlength(words, font(size)) <= view.width:
            break
    pen.text((view.left, view.bottom + 40), words, fill=DIM, font=font(size), anchor="lm")


def _sentences(loop: Loop, burnt_in: BurntIn) -> Sequence[str]:
    warnings = list(loop.warnings[:3])
    if len(loop.warnings) > len(warnings):
        warnings.append(f"{len(loop.warnings) - len(warnings)} more warnings, see the document")
    return [how_taken(loop), *warnings, burnt_in.words]
