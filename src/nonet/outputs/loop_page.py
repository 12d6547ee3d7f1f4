"""The page of a loop: a player with its frames, boxes and curve, as HTML that needs nothing but itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from nonet.anatomy import STRUCTURES
from nonet.files import replacing
from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.frame_result import shown_pixels
from nonet.outputs.html import Block, data_block, embedded, page_template
from nonet.outputs.loop_result import how_taken
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import printable
from nonet.outputs.thumbnail import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from nonet.cine import Loop
    from nonet.outputs.loop_result import LoopResult

__all__ = ["MOST_PICTURES", "write_loop_page"]

MOST_PICTURES = 300
"""Frames of a player; of a longer loop every second has a picture, or every third, and so on."""

_WIDTH = 480
_QUALITY = 55
_EFFORT = 0
_SHOWN = ("number", "taken", "taken_from", "plane_probability", "plane_label", "plane_smoothed", "visible")


def write_loop_page(path: Path, result: LoopResult, burnt_in: BurntIn = BurntIn.KEPT) -> None:
    """Write the page of a loop, about 8 kB a frame. The same loop gives the same bytes.

    Parameters
    ----------
    path
        The ``.html`` file; it is replaced only once all is written.
    result
        The loop, whose frames are opened once more; one is in memory at a time.
    burnt_in
        What its pictures show of burnt-in text; the page says so.
    """
    template, values = page_template("loop.html", "loop.js")
    with replacing(path) as page:
        page.writelines(template.generate(values, blocks=_blocks(result, burnt_in), burnt_in=burnt_in.words))


def _blocks(result: LoopResult, burnt_in: BurntIn) -> Iterator[Block]:
    loop = result.loop
    step = -(-len(loop.frames) // MOST_PICTURES)
    wanted = {one.number for one in loop.frames if one.number % step == 0} | {one.number for one in loop.best}
    numbers: list[int] = []
    for number, frame in enumerate(result.frames()):
        if number in wanted:
            numbers.append(number)
            yield embedded(f"picture-{number}", _small(shown_pixels(frame, burnt_in)))
        if number == len(loop.frames) - 1:
            break
    yield data_block("data", _content(loop, numbers))


def _small(pixels: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(pixels)
    if image.width > _WIDTH:
        image = image.resize((_WIDTH, max(round(image.height * _WIDTH / image.width), 1)), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=_EFFORT)
    return buffer.getvalue()


def _content(loop: Loop, numbers: list[int]) -> dict[str, object]:
    frames = [{name: getattr(one, name) for name in _SHOWN} for one in loop.frames]
    tracks = [{"boxes": [{"number": box.number, "box": box.box} for box in track.boxes]} for track in loop.tracks]
    best = [{"number": one.number, "reasons": [printable(each) for each in one.reasons]} for one in loop.best]
    marks = [
        {"key": name.value, "label": name.label, "number": MARKS[name].number, "colour": MARKS[name].colour}
        for name in STRUCTURES
    ]
    return {
        "structures": marks,
        "media": MEDIA_TYPE,
        "pictures": numbers,
        "summary": _summary(loop),
        "loop": {
            "width": loop.width,
            "height": loop.height,
            "frames": frames,
            "tracks": tracks,
            "best": best,
            "warnings": [printable(text) for text in loop.warnings],
        },
    }


def _summary(loop: Loop) -> str:
    return f"{how_taken(loop)}; bundle {loop.bundle.name} {loop.bundle.version}"
