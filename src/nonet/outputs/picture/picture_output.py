"""The output ``picture``: each frame, and each loop, drawn with its boxes, as a PNG beside its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.files import replacing_bytes
from nonet.frames.discovery import PICTURE_SUFFIX
from nonet.outputs.picture.draw import drawn
from nonet.outputs.picture.strip import drawn_strip
from nonet.outputs.pixel_output import PixelOutput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.loop_result import LoopResult

__all__ = ["PictureOutput", "picture_path"]

_PNG_EFFORT = 1


def picture_path(folder: Path, name: str) -> Path:
    """Where the picture of a frame lies in an output folder."""
    return folder / f"{name}{PICTURE_SUFFIX}"


class PictureOutput(PixelOutput):
    """Writes ``NAME.picture.png`` for each frame, and for each loop."""

    name = "picture"

    def files_of(self, name: str) -> Sequence[Path]:
        """The picture."""
        return (picture_path(self.folder, name),)

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Draw the frame with its boxes."""
        target = picture_path(self.folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(target) as file:
            drawn(result, self.burnt_in).save(file, "PNG", compress_level=_PNG_EFFORT)

    def loop_files_of(self, name: str) -> Sequence[Path]:
        """The picture of the loop."""
        return (picture_path(self.folder, f"{name}.loop"),)

    def write_loop(self, name: str, result: LoopResult) -> None:
        """Draw the best frames and the chart."""
        (target,) = self.loop_files_of(name)
        with replacing_bytes(target) as file:
            drawn_strip(result, self.burnt_in).save(file, "PNG", compress_level=_PNG_EFFORT)
