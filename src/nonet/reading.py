"""The types that every part of Nonet uses: Box, Detection, Finding, Reading; JSON in and out.

A reading is one document per frame. The same frame, bundle and settings give the same bytes:
numbers are rounded when the reading is made, and the document holds no time and no path.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from nonet.anatomy import Grade, GradeBasis, PlaneLabel, Structure
from nonet.errors import NonetError, RegionError
from nonet.frame import Source, Spacing
from nonet.overlap import iou

__all__ = [
    "SCHEMA",
    "Box",
    "BundleReference",
    "Criterion",
    "Detection",
    "EdgeBands",
    "Face",
    "Finding",
    "Grading",
    "ImageSize",
    "Influence",
    "Measurement",
    "NormComparison",
    "NormsReference",
    "PlaneCriterion",
    "PlaneQuality",
    "Reading",
    "Settings",
]

SCHEMA: Literal["urn:nonet:schema:reading:3"] = "urn:nonet:schema:reading:3"
"""Identifier of the document's form; a change that breaks a reader raises its number."""

_OLDER = re.compile(rb"urn:nonet:schema:reading:([12])\b")


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open pixel box ``[x1, x2) x [y1, y2)``: x to the right, y down, floats allowed."""

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not (self.x1 < self.x2 and self.y1 < self.y2):
            raise RegionError(
                "A box needs x1 < x2 and y1 < y2",
                found=f"({self.x1}, {self.y1}, {self.x2}, {self.y2})",
                remedy="Check the order of the corners",
            )

    @property
    def width(self) -> float:
        """Extent in x, pixels."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Extent in y, pixels."""
        return self.y2 - self.y1

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box as (x, y), pixels."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """The four edges as (x1, y1, x2, y2)."""
        return self.x1, self.y1, self.x2, self.y2

    def iou(self, other: Box) -> float:
        """Intersection over union with another box, 0 to 1."""
        return float(iou(self.xyxy, other.xyxy))


EdgeBands = tuple[float, float, float, float]
"""Half-widths of a band about x1, y1, x2, y2."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a detector places a structure, and its score (0-1).

    ``visibility`` is the calibrated probability that the structure is visible; ``edge_bands_px`` are
    the half-widths of the 90 % band about x1, y1, x2, y2, pixels. Both are None where the detector
    is not calibrated.
    """

    structure: Structure
    box: Box
    score: float
    visibility: float | None = None
    edge_bands_px: EdgeBands | None = None


@dataclass(frozen=True, slots=True)
class NormComparison:
    """A measurement beside what one population has at the same crown-rump length.

    ``norm`` is the norm's id in its table. ``centile`` and ``z`` are None where the norm has no spread, and ``reason``
    says why; with ``bound``, the value lies below or above that centile, the outermost that is published. ``expected``
    is what the population has on average, mm. ``grade`` is by this norm alone, ``undecided`` where the interval of the
    measurement holds several; ``reason`` says why it is none.
    """

    norm: str
    population: str
    source: str
    centile: float | None = None
    z: float | None = None
    bound: Literal["below", "above"] | None = None
    expected: float | None = None
    grade: Grade = Grade.NOT_ASSESSED
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number with its unit; ``value`` is None where it cannot be given, and ``reason`` says why.

    ``low`` and ``high`` are its 90 % interval, ``place`` where it was taken, the two ends in frame pixels; None where a
    measurement has none. ``norms`` has one comparison for each norm of the structure, in the order of the table;
    empty where neither a crown-rump length nor a gestational age was given. ``centile`` is by the first, None past its
    outermost.
    """

    name: str
    value: float | None
    unit: str
    centile: float | None = None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    place: tuple[tuple[float, float], tuple[float, float]] | None = None
    norms: tuple[NormComparison, ...] = ()


@dataclass(frozen=True, slots=True)
class Influence:
    """How one feature influences a probability.

    ``change`` is its log odds as they are, less those with the feature at its median in training.
    """

    feature: str
    value: float | None
    change: float


@dataclass(frozen=True, slots=True)
class Grading:
    """The grade of a structure with its probabilities and conformal set; ``influences`` only if asked for.

    The grade is the one class in the conformal set, ``undecided`` where the set holds several, and
    ``not_assessed`` with a ``reason`` where it holds none or where nothing could be graded. ``basis`` is what the
    grader was trained on, None where nothing was graded; a grade without one is refused. ``disagrees_with`` are the
    norms by which the structure's measurements say the opposite, normal against abnormal
    (`nonet.grade.disagreement`).
    """

    grade: Grade
    probabilities: dict[Grade, float] | None = None
    conformal_set: tuple[Grade, ...] | None = None
    reason: str | None = None
    influences: tuple[Influence, ...] | None = None
    basis: GradeBasis | None = None
    disagrees_with: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.basis is None and (self.grade is not Grade.NOT_ASSESSED or self.probabilities is not None):
            raise NonetError(
                "A grade says what it rests on",
                found=f"{self.grade.value} without a basis",
                remedy="Read the image again with this version of Nonet",
            )


@dataclass(frozen=True, slots=True)
class Finding:
    """The findings about one structure.

    ``box`` is None where the structure is not visible: "not seen by the program", never "absent".
    ``score`` is the detector's, ``operating_point`` the score from which it counts as visible,
    ``visibility`` the calibrated probability that it is. Nine in ten reference edges lie within
    ``edge_bands_px`` of x1, y1, x2, y2. Both are None where the detector is not calibrated.
    """

    structure: Structure
    visible: bool
    score: float
    operating_point: float
    box: Box | None
    measurements: tuple[Measurement, ...]
    grading: Grading
    visibility: float | None = None
    edge_bands_px: EdgeBands | None = None


class Criterion(StrEnum):
    """What a standard plane is held against, one by one."""

    STRUCTURES_SEEN = "structures_seen"
    IN_PLACE = "in_place"
    MAGNIFICATION = "magnification"
    EDGES = "edges"
    SHARPNESS = "sharpness"


@dataclass(frozen=True, slots=True)
class PlaneCriterion:
    """Whether a frame meets one criterion, and what it was held against.

    ``met`` is None where nothing can be said; ``words`` say why, as they say what was found otherwise. ``value`` meets
    the ``limit`` from it on, or, of structures out of place, up to it.
    """

    criterion: Criterion
    met: bool | None
    value: float | None
    limit: float | None
    words: str


@dataclass(frozen=True, slots=True)
class PlaneQuality:
    """Whether the frame is a standard mid-sagittal plane: probability, or the reason for none.

    ``label`` is standard from a probability of one half; below that, non-standard where the conformal set holds it,
    else undecided; undecided, too, where the set holds both. Where none of the nine is seen, it is non-standard,
    without a probability: no grader was made from such frames. ``conformal_set`` is what conformal prediction cannot
    rule out. ``missing`` are the structures that are not visible, ``misplaced`` those that lie where boxed frames
    rarely have them. ``influences`` are given only if asked for. ``criteria`` stand one by one, whatever the label:
    they do not go into the probability. ``as_far_out`` is the share of the frames that the grader was made from that
    lie at least as far from their middle, by its features; None where it does not know.
    """

    probability: float | None
    reason: str | None = None
    label: PlaneLabel | None = None
    conformal_set: tuple[str, ...] | None = None
    missing: tuple[Structure, ...] = ()
    misplaced: tuple[Structure, ...] = ()
    criteria: tuple[PlaneCriterion, ...] = ()
    influences: tuple[Influence, ...] | None = None
    as_far_out: float | None = None


@dataclass(frozen=True, slots=True)
class BundleReference:
    """The models behind a reading: name and version of the bundle, SHA-256 of its manifest."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NormsReference:
    """A table of norms: its own name and the SHA-256 of its file; ``path`` is where a site's lies."""

    name: str
    sha256: str
    path: Annotated[Path | None, Field(exclude=True)] = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose that can change a reading.

    ``spacing_mm`` is the pixel size of files that have none, or of all files if it is forced; with ``ruler`` it is read
    from the ruler on the screen instead. ``explain`` lists the features that most influence each probability.
    ``crl_mm`` and ``ga_days`` are the crown-rump length and the gestational age at which ``norms`` are read.
    """

    spacing_mm: tuple[float, float] | None = None
    explain: bool = False
    force_spacing: bool = False
    ruler: bool = False
    crl_mm: float | None = None
    ga_days: float | None = None
    norms: NormsReference | None = None


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Size of the frame in pixels and the SHA-256 of its grey pixels."""

    width: int
    height: int
    pixels_sha256: str


class Face(StrEnum):
    """The side to which the face looks."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """Everything Nonet says about one frame; ``face`` is None where the boxes do not show its side.

    ``name`` and ``path`` are those of the file. They stand beside the document: they are not part of
    its bytes, and readings are compared without them.
    """

    schema: Literal["urn:nonet:schema:reading:3"]
    source: Source
    image: ImageSize
    spacing: Spacing | None
    plane_quality: PlaneQuality
    findings: tuple[Finding, ...]
    bundle: BundleReference
    settings: Settings
    warnings: tuple[str, ...]
    notice: str = "Research use. Not a diagnosis. A structure not seen by the program is not thereby absent."
    face: Face | None = None
    name: Annotated[str, Field(exclude=True)] = field(default="", compare=False)
    path: Annotated[Path | None, Field(exclude=True)] = field(default=None, compare=False)

    def __repr__(self) -> str:
        """One line: the file, the plane, and what is visible."""
        visible = ", ".join(finding.structure.value for finding in self.findings if finding.visible) or "nothing"
        plane = self.plane_quality.label or "plane not assessed"
        return f"<Reading {self.name or self.source.format} frame {self.source.frame}: {plane}; visible: {visible}>"

    def __getitem__(self, structure: Structure | str) -> Finding:
        """The finding of one structure, by itself or by its code: ``reading["nasal_bone"]``."""
        try:
            return self.finding(Structure(structure))
        except ValueError:
            raise KeyError(structure) from None

    def finding(self, structure: Structure) -> Finding:
        """The finding of one structure.

        Raises
        ------
        KeyError
            If the reading has none, which a complete reading never does.
        """
        for finding in self.findings:
            if finding.structure is structure:
                return finding
        raise KeyError(structure)

    def to_dict(self) -> dict[str, Any]:
        """The document as JSON values."""
        values: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return values

    def to_json(self) -> str:
        """The document as indented JSON text that ends in a newline."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Reading:
        """A reading from its document.

        Raises
        ------
        NonetError
            If the text is not a reading of this schema.
        """
        try:
            return _adapter().validate_json(text)
        except ValidationError as problem:
            raise _not_a_reading(text, problem) from problem

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """The JSON Schema of the document (draft 2020-12)."""
        schema = _adapter().json_schema(mode="serialization")
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def _not_a_reading(text: str | bytes, problem: ValidationError) -> NonetError:
    first = problem.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the document"
    older = _OLDER.search(text.encode() if isinstance(text, str) else text)
    return NonetError(
        f"A reading follows {SCHEMA}",
        found=f"a reading of schema {older[1].decode()}" if older else f"{where}: {first['msg']}",
        remedy="Read the image again with this version of Nonet",
    )


@cache
def _adapter() -> TypeAdapter[Reading]:
    return TypeAdapter(Reading)
