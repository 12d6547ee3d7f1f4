"""A reading as a picture: the frame with labelled boxes, the nose enlarged, and what was not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.picture.annotate import PITCH, annotate, pitch_of
from nonet.outputs.picture.caption import HEADER, footer, footer_height, header, scale_bar
from nonet.outputs.picture.enlarged_view import View
from nonet.outputs.picture.inset import INSET_HEIGHT, NOSE, nose_view
from nonet.outputs.picture.label_places import LabelColumn
from nonet.outputs.picture.line_art import GROUND
from nonet.reading import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nonet.outputs.frame_result import FrameResult
    from nonet.reading import Reading

__all__ = ["draw", "drawn"]

_MARGIN = 236
_GAP = 14
_EDGE = 16
_NARROWEST, _WIDEST, _HIGHEST = 1000, 1600, 1400
_BAR = 48
_MOST_LABELS = 6
_INSET_LABELS = 256


def drawn(result: FrameResult, burnt_in: BurntIn) -> Image.Image:
    """As `draw`; outputs that show the same result in the same way share one picture."""
    return result.once(_picture, burnt_in)


def _picture(result: FrameResult, burnt_in: BurntIn) -> Image.Image:
    return draw(result.pixels(burnt_in), result.reading, burnt_in)


def draw(pixels: NDArray[np.uint8], reading: Reading, burnt_in: BurntIn = BurntIn.KEPT) -> Image.Image:
    """The frame with its findings, for a person to look at.

    The frame is scaled to at least 1,000 and at most 1,600 pixels wide; labels stand in the margins.
    The same frame and reading give the same picture.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``, the grey pixels that were read.
    reading
        What was said of them.
    burnt_in
        What the pixels show of text that the machine burnt in; the picture says so.

    Returns
    -------
    An RGB image.
    """
    view = _main_view(reading)
    body = max(view.height, _MOST_LABELS * pitch_of(reading.findings))
    floor = HEADER + body + _BAR
    inset = nose_view(reading.findings, reading.image, view.scale, _EDGE, floor)
    below = max(footer_height(reading, burnt_in), INSET_HEIGHT if inset else 0)
    width = max(view.width, _NARROWEST) + 2 * _MARGIN
    sheet = Image.new("RGB", (width, floor + below + _EDGE), GROUND)
    pen = ImageDraw.Draw(sheet)
    header(pen, width, reading)
    _draw_frame(sheet, pen, view, body, pixels, reading)
    if inset is not None:
        _draw_nose(sheet, pen, inset, pixels, reading)
    footer(pen, _EDGE if inset is None else inset.right + _INSET_LABELS, floor, reading, burnt_in)
    return sheet


def _draw_frame(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, view: View, body: int, pixels: NDArray[np.uint8], reading: Reading
) -> None:
    sheet.paste(view.render(pixels), (view.left, view.top))
    pitch = pitch_of(reading.findings)
    rows = HEADER + pitch / 2, HEADER + body - pitch / 2
    columns = [LabelColumn(view.left - _GAP, *rows), LabelColumn(view.right + _GAP, *rows)]
    annotate(pen, view, reading.findings, columns, pitch)
    scale_bar(pen, view, reading.spacing)


def _draw_nose(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, view: View, pixels: NDArray[np.uint8], reading: Reading
) -> None:
    sheet.paste(view.render(pixels), (view.left, view.top))
    nose = [finding for finding in reading.findings if finding.structure in NOSE]
    column = LabelColumn(view.right + _GAP, view.top + PITCH / 2, view.top + INSET_HEIGHT - PITCH / 2)
    annotate(pen, view, nose, [column], PITCH)


def _main_view(reading: Reading) -> View:
    frame = reading.image
    scale = min(max(1.0, _NARROWEST / frame.width), _WIDEST / frame.width, _HIGHEST / frame.height)
    whole = View(Box(0, 0, frame.width, frame.height), scale, 0, HEADER)
    return View(whole.part, scale, _MARGIN + max(_NARROWEST - whole.width, 0) // 2, HEADER)
