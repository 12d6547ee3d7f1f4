"""The output ``cvat``: the tracks of each loop in the form of CVAT for video 1.1, to be corrected there.

The form is that of CVAT's XML (docs.cvat.ai, *XML annotation format*, interpolation): a track for each structure, a
keyframe for each box, and one marked ``outside`` where a gap begins, so that CVAT fills no gap by interpolation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from nonet.files import replacing_bytes
from nonet.outputs.output import Output
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.cine import Loop, Track, TrackBox
    from nonet.frame import Source
    from nonet.outputs.loop_result import LoopResult

__all__ = ["CvatOutput", "tracks_xml"]

_NO_LOOP = "a single frame, which has no tracks"


class CvatOutput(Output):
    """Writes ``NAME.tracks.xml`` for each loop."""

    name = "cvat"

    def declines(self, source: Source) -> str | None:
        """Say that a still has no tracks."""
        return _NO_LOOP if source.frames == 1 else None

    def loop_files_of(self, name: str) -> Sequence[Path]:
        """The tracks."""
        return (self.folder / f"{name}.tracks.xml",)

    def write_loop(self, name: str, result: LoopResult) -> None:
        """Write the tracks."""
        (target,) = self.loop_files_of(name)
        with replacing_bytes(target) as file:
            tracks_xml(result.loop, name).write(file, encoding="utf-8", xml_declaration=True)
            file.write(b"\n")


def tracks_xml(loop: Loop, name: str) -> ElementTree[Element]:
    """The document.

    Parameters
    ----------
    loop
        Whose tracks.
    name
        What CVAT shows as the name of the task.
    """
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    _meta(root, loop, name)
    for number, track in enumerate(track for track in loop.tracks if track.boxes):
        _track(root, number, track, len(loop.frames))
    indent(root)
    return ElementTree(root)


def _meta(root: Element, loop: Loop, name: str) -> None:
    task = SubElement(SubElement(root, "meta"), "task")
    values = {"name": printable(name), "size": len(loop.frames), "mode": "interpolation", "start_frame": 0,
              "stop_frame": len(loop.frames) - 1}  # fmt: skip
    for key, value in values.items():
        SubElement(task, key).text = str(value)
    labels = SubElement(task, "labels")
    for track in loop.tracks:
        label = SubElement(labels, "label")
        SubElement(label, "name").text = track.structure.label
        SubElement(label, "color").text = MARKS[track.structure].colour
        SubElement(label, "attributes")
    size = SubElement(task, "original_size")
    SubElement(size, "width").text, SubElement(size, "height").text = str(loop.width), str(loop.height)
    SubElement(root[-1], "source").text = f"Nonet, {loop.bundle.name} {loop.bundle.version}; research use"


def _track(root: Element, number: int, track: Track, frames: int) -> None:
    made = SubElement(root, "track", id=str(number), label=track.structure.label, source="auto")
    for run in track.runs():
        for box in run:
            _box(made, box, box.number, outside=False)
        if run[-1].number + 1 < frames:
            _box(made, run[-1], run[-1].number + 1, outside=True)


def _box(track: Element, box: TrackBox, frame: int, *, outside: bool) -> None:
    x1, y1, x2, y2 = (f"{edge:.2f}" for edge in box.box)
    SubElement(track, "box", frame=str(frame), keyframe="1", outside=str(int(outside)), occluded="0", xtl=x1, ytl=y1,
               xbr=x2, ybr=y2, z_order="0")  # fmt: skip
