"""The output ``coco``: the visible boxes of all frames as COCO annotations, beside their grey images.

Lin et al. 2014, *Microsoft COCO*. A structure that is not visible has no annotation; an image lists those
under ``not_visible``, so that "looked for and not seen" is not lost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
    from nonet.reading import Finding

__all__ = ["CocoOutput"]

_FOLDER = "coco"


class CocoOutput(PixelOutput):
    """Writes ``coco/annotations.json`` and ``coco/images/NAME.png``."""

    name = "coco"

    def files_of(self, name: str) -> Sequence[Path]:
        """The grey image."""
        return (self.folder / _FOLDER / "images" / f"{name}.png",)

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Write the frame's grey pixels."""
        (target,) = self.files_of(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(target) as file:
            Image.fromarray(result.pixels(self.burnt_in)).save(file, "PNG")

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write the annotations of all frames whose image is there."""
        del failures
        shown = [entry for entry in entries if self.files_of(entry.name)[0].is_file()]
        annotations = [
            _annotation(image_id, finding)
            for image_id, entry in enumerate(shown, start=1)
            for finding in entry.reading.findings
            if finding.box
        ]
        document = {
            "info": {"description": "Boxes by Nonet; research use, not a diagnosis", "bundle": _bundles(shown)},
            "categories": [{"id": number, "name": name.label} for number, name in enumerate(STRUCTURES, start=1)],
            "images": [self._image(image_id, entry) for image_id, entry in enumerate(shown, start=1)],
            "annotations": [{"id": number, **one} for number, one in enumerate(annotations, start=1)],
        }
        target = self.folder / _FOLDER / "annotations.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as file:
            json.dump(document, file, indent=1)

    def _image(self, image_id: int, entry: Entry) -> dict[str, object]:
        image, findings = entry.reading.image, entry.reading.findings
        return {
            "id": image_id,
            "file_name": f"images/{entry.name}.png",
            "width": image.width,
            "height": image.height,
            "not_visible": [finding.structure.label for finding in findings if not finding.visible],
            "burnt_in_text": self.burnt_in_of(entry.name).value,
        }


def _bundles(entries: Sequence[Entry]) -> list[str]:
    return sorted({f"{entry.reading.bundle.name} {entry.reading.bundle.version}" for entry in entries})


def _annotation(image_id: int, finding: Finding) -> dict[str, object]:
    assert finding.box is not None
    box = finding.box
    return {
        "image_id": image_id,
        "category_id": STRUCTURES.index(finding.structure) + 1,
        "bbox": [box.x1, box.y1, round(box.width, 2), round(box.height, 2)],
        "area": round(box.width * box.height, 2),
        "iscrowd": 0,
        "score": finding.score,
    }
