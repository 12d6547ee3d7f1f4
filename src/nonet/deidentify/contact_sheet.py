"""Sheets of small cleaned pictures, so that a person can look at every one before they leave the hospital."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from nonet.files import replacing_bytes

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ContactSheets"]

_TILE, _CAPTION = (480, 360), 22
_ACROSS, _DOWN = 3, 4
_GROUND, _INK = (40, 40, 40), (230, 230, 230)
_NOTICE = "Look at every picture: a text detector is no proof. For small text open the file itself."


class ContactSheets:
    """Writes ``contact-sheet.png``, ``contact-sheet-2.png`` and so on, twelve pictures each.

    Parameters
    ----------
    folder
        The output folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tiles: list[tuple[str, Image.Image]] = []
        self.names: list[str] = []

    def add(self, caption: str, picture: NDArray[np.uint8]) -> None:
        """Add a picture ``uint8[H, W]`` or ``uint8[H, W, 3]``; a full sheet is written at once."""
        small = Image.fromarray(picture)
        small.thumbnail(_TILE, Image.Resampling.LANCZOS)
        self._tiles.append((caption, small))
        if len(self._tiles) == _ACROSS * _DOWN:
            self.finish()

    def finish(self) -> None:
        """Write the sheet that is begun."""
        if not self._tiles:
            return
        number = len(self.names) + 1
        name = "contact-sheet.png" if number == 1 else f"contact-sheet-{number}.png"
        with replacing_bytes(self._folder / name) as file:
            _sheet(self._tiles).save(file, "PNG")
        self.names.append(name)
        self._tiles = []


def _sheet(tiles: list[tuple[str, Image.Image]]) -> Image.Image:
    rows = -(-len(tiles) // _ACROSS)
    width, height = _TILE[0], _TILE[1] + _CAPTION
    sheet = Image.new("RGB", (_ACROSS * width, rows * height + 2 * _CAPTION), _GROUND)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    pen.text((8, _CAPTION), _NOTICE, fill=_INK, font=ImageFont.load_default(17), anchor="lm")
    for place, (caption, picture) in enumerate(tiles):
        x, y = place % _ACROSS * width, place // _ACROSS * height + 2 * _CAPTION
        sheet.paste(picture, (x + (width - picture.width) // 2, y))
        pen.text((x + 6, y + _TILE[1] + _CAPTION // 2), caption, fill=_INK, font=font, anchor="lm")
    return sheet
