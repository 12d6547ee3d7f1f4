"""The loop document: what is said of the frames of a loop together; JSON in and out.

Each frame says how its values came about, so that no value is taken for more than it is. The same frames, bundle and
settings give the same bytes, whatever the number of workers: the document holds no time and no path.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from nonet.anatomy import PlaneLabel, Structure
from nonet.errors import LoopError
from nonet.frame import Frame, Source, Spacing
from nonet.reading import Box, BundleReference, Criterion, PlaneQuality, Reading, Settings

__all__ = ["SCHEMA", "BestFrame", "Loop", "LoopFrame", "RepeatedMeasurement", "Taken", "Track", "TrackBox"]

SCHEMA: Literal["urn:nonet:schema:loop:1"] = "urn:nonet:schema:loop:1"
"""Identifier of the document's form; a change that breaks a reader raises its number."""

Edges = tuple[float, float, float, float]
"""Values for x1, y1, x2, y2."""


class Taken(StrEnum):
    """How the values of a frame came about.

    ``READ``: as those of a still, the head sought from the start. ``FOLLOWED``: in one pass, where an earlier frame has
    its head. ``BOXED``: likewise, for the boxes alone; the plane is not graded. ``COPIED``: not computed; they are
    those of an earlier frame that is near-identical.
    """

    READ = "read"
    FOLLOWED = "followed"
    BOXED = "boxed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class LoopFrame:
    """One frame of a loop.

    Attributes
    ----------
    number
        Its place in the loop, from 0.
    source
        The file and frame that the pixels came from.
    pixels_sha256
        Of its own grey pixels, also where its values are another frame's.
    taken, taken_from
        How its values came about, and the number of the frame that they were computed on.
    plane_probability, plane_label
        As in a reading; None where the plane is not graded, and where boxes alone were looked for and found.
    plane_smoothed
        The probability with those of the frames around it (`nonet.cine.plane_curve`); None where no plane is
        graded.
    visible
        The structures that are seen.
    criteria_not_met
        The criteria of a standard plane that the frame does not meet.
    """

    number: int
    source: Source
    pixels_sha256: str
    taken: Taken
    taken_from: int
    plane_probability: float | None
    plane_label: PlaneLabel | None
    plane_smoothed: float | None
    visible: tuple[Structure, ...]
    criteria_not_met: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class TrackBox:
    """A structure's box on one frame, smoothed in time.

    ``box`` has its edges in frame pixels, ``sd_px`` the standard deviation of each as the smoother has it.
    ``measured`` is False on a frame whose values are copied.
    """

    number: int
    box: Edges
    sd_px: Edges
    measured: bool

    def to_box(self) -> Box:
        """The edges as a box."""
        return Box(*self.box)


@dataclass(frozen=True, slots=True)
class Track:
    """One structure through the loop: a box for each frame on which it is seen, and none in the gaps."""

    structure: Structure
    boxes: tuple[TrackBox, ...]

    def runs(self) -> tuple[tuple[TrackBox, ...], ...]:
        """The boxes of frames that follow one another without a gap."""
        runs: list[list[TrackBox]] = []
        for one in self.boxes:
            if runs and one.number == runs[-1][-1].number + 1:
                runs[-1].append(one)
            else:
                runs.append([one])
        return tuple(map(tuple, runs))


@dataclass(frozen=True, slots=True)
class RepeatedMeasurement:
    """A measurement on one of the best frames, and the same on frames around it.

    ``value`` is that of the frame, ``values`` those of the frames ``numbers`` around it; ``median`` and ``sd`` are of
    all of them, ``sd`` None with fewer than two.
    """

    structure: Structure
    name: str
    unit: str
    value: float
    numbers: tuple[int, ...]
    values: tuple[float, ...]
    median: float
    sd: float | None


@dataclass(frozen=True, slots=True)
class BestFrame:
    """One of the best frames, and why it is.

    ``reading`` and ``frame`` are those that the values are from. They stand beside the document: they are not part of
    its bytes, and loops are compared without them.
    """

    number: int
    plane_quality: PlaneQuality
    reasons: tuple[str, ...]
    measurements: tuple[RepeatedMeasurement, ...]
    reading: Annotated[Reading | None, Field(exclude=True)] = field(default=None, compare=False, repr=False)
    frame: Annotated[Any, Field(exclude=True)] = field(default=None, compare=False, repr=False)

    def pixels_of(self) -> Frame | None:
        """The frame, where the loop was read from frames and not from readings or a document."""
        return self.frame if isinstance(self.frame, Frame) else None


@dataclass(frozen=True, slots=True, repr=False)
class Loop:
    """Everything Nonet says about a loop beside the readings of its frames.

    Attributes
    ----------
    width, height
        Of every frame, pixels.
    spacing
        That of the first frame.
    frames
        All of them, in order.
    tracks
        One for each of the nine structures, in their order.
    best
        The best frames, the best first.
    """

    schema: Literal["urn:nonet:schema:loop:1"]
    width: int
    height: int
    spacing: Spacing | None
    frames: tuple[LoopFrame, ...]
    tracks: tuple[Track, ...]
    best: tuple[BestFrame, ...]
    bundle: BundleReference
    settings: Settings
    warnings: tuple[str, ...]
    notice: str = "Research use. Not a diagnosis. A structure not seen by the program is not thereby absent."

    def __repr__(self) -> str:
        """One line: how many frames, how they were taken, which are best."""
        counts = ", ".join(f"{count} {how.value}" for how, count in self.counts().items())
        return f"<Loop of {len(self.frames)} frames: {counts}; best: {', '.join(str(one.number) for one in self.best)}>"

    def counts(self) -> dict[Taken, int]:
        """How many frames were taken in each way."""
        return {how: sum(one.taken is how for one in self.frames) for how in Taken}

    def track(self, structure: Structure) -> Track:
        """The track of one structure."""
        return next(one for one in self.tracks if one.structure is structure)

    def to_dict(self) -> dict[str, Any]:
        """The document as JSON values."""
        values: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return values

    def to_json(self) -> str:
        """The document as JSON text that ends in a newline: a line for each frame, track and best frame."""
        fields = (f"{json.dumps(name)}: {_lines(value)}" for name, value in self.to_dict().items())
        return "{\n" + ",\n".join(fields) + "\n}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Loop:
        """A loop from its document, without readings and pixels.

        Raises
        ------
        LoopError
            If the text is not a loop of this schema.
        """
        try:
            return _adapter().validate_json(text)
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise LoopError(
                f"A loop follows {SCHEMA}",
                found=f"{where}: {first['msg']}",
                remedy="Read the loop again with this version of Nonet",
            ) from problem

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """The JSON Schema of the document (draft 2020-12)."""
        schema = _adapter().json_schema(mode="serialization")
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def _lines(value: object) -> str:
    """A list with each item on a line of its own, anything else on one line."""
    if not isinstance(value, list) or not value:
        return _line(value)
    return "[\n" + ",\n".join(map(_line, value)) + "\n]"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@cache
def _adapter() -> TypeAdapter[Loop]:
    return TypeAdapter(Loop)
