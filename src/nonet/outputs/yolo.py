"""The output ``yolo``: the visible boxes of each frame as YOLO text, with its grey image and ``data.yaml``.

One line a box, ``class x_centre y_centre width height`` from 0 to 1. Every frame has a text file: an empty one says
that nothing was seen, and a class without a line was looked for and not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from PIL import Image

from nonet.anatomy import STRUCTURES
from nonet.files import replacing, replacing_bytes
from nonet.outputs.pixel_output import PixelOutput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.errors import Failure
    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.output import Entry
    from nonet.reading import Box, ImageSize

__all__ = ["YoloOutput"]

_FOLDER = "yolo"
_DECIMALS = 7


class YoloOutput(PixelOutput):
    """Writes ``yolo/images/NAME.png``, ``yolo/labels/NAME.txt`` and ``yolo/data.yaml``."""

    name = "yolo"

    def files_of(self, name: str) -> Sequence[Path]:
        """The grey image and its labels."""
        place = self.folder / _FOLDER
        return (place / "images" / f"{name}.png", place / "labels" / f"{name}.txt")

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Write the frame's grey pixels and the line of each visible box."""
        image, labels = self.files_of(name)
        for path in (image, labels):
            path.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(image) as pixels:
            Image.fromarray(result.pixels(self.burnt_in)).save(pixels, "PNG")
        with replacing(labels) as text:
            text.writelines(
                _line(STRUCTURES.index(finding.structure), finding.box, result.reading.image)
                for finding in result.reading.findings
                if finding.box
            )

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write the names of the classes, and what the images show of burnt-in text."""
        del failures
        document = {
            "path": ".",
            "train": "images",
            "val": "images",
            "names": [name.label for name in STRUCTURES],
            "burnt_in_text": self.burnt_in_of_all([entry.name for entry in entries]).value,
        }
        target = self.folder / _FOLDER / "data.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as file:
            yaml.safe_dump(document, file, sort_keys=False)


def _line(number: int, box: Box, image: ImageSize) -> str:
    (x, y), width, height = box.centre, box.width, box.height
    numbers = (x / image.width, y / image.height, width / image.width, height / image.height)
    return " ".join([str(number), *(f"{value:.{_DECIMALS}f}" for value in numbers)]) + "\n"
