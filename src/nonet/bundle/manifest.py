"""What ``manifest.json`` says: how to run each network of a bundle, and what it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nonet.anatomy import GradeBasis, Structure

__all__ = [
    "BoxForm",
    "DetectorCalibration",
    "DetectorManifest",
    "EmbedderManifest",
    "GraderManifest",
    "ImportedDetector",
    "Layout",
    "Manifest",
    "Unit",
]


@dataclass(frozen=True, slots=True)
class DetectorCalibration:
    """Calibration of the detector, fitted on frames held out of its training.

    ``spread_weight`` lowers the score of a box whose edges are uncertain; ``band_factors`` turn the
    spread of an edge into the half-width of a 90 % band; ``visibility`` holds the slope and
    the offset that turn the logit of a score into that of the probability of being visible.
    """

    spread_weight: float
    band_factors: dict[Structure, float]
    visibility: dict[Structure, tuple[float, float]]


class Layout(StrEnum):
    """What a detector's outputs mean: maps of scores and edges, or a column per cell as YOLO exports have it."""

    MAPS = "maps"
    DENSE = "dense"


class BoxForm(StrEnum):
    """What the numbers of a box of an imported detector are.

    ``SCORES``: centre and size in input pixels, then a score for each class (YOLOv8, YOLO11).
    ``NORMALISED_SCORES``: the same, centre and size as shares of the input's sides (RT-DETR).
    ``OBJECTNESS``: centre and size in input pixels, a score that there is anything, one for each class (YOLOv5).
    ``FINAL``: the four edges in input pixels, one score, the number of the class (suppression in the graph).
    """

    SCORES = "scores"
    NORMALISED_SCORES = "normalised_scores"
    OBJECTNESS = "objectness"
    FINAL = "final"

    def rows(self, classes: int) -> int:
        """How many numbers a box has."""
        return {BoxForm.OBJECTNESS: 5 + classes, BoxForm.FINAL: 6}.get(self, 4 + classes)


@dataclass(frozen=True, slots=True)
class ImportedDetector:
    """How to feed a detector that was made elsewhere, and which of its classes are the nine.

    The frame goes into ``input`` as ``channels`` equal channels, padded with the grey ``padding`` (0
    to 1), as float16 where ``half``. ``output`` is ``[1, numbers, boxes]``, or ``[1, boxes, numbers]``
    where ``transposed``; ``boxes`` says what the numbers are. A structure that ``classes`` does not list is
    never seen.
    """

    input: str
    output: str
    channels: int
    padding: float
    half: bool
    transposed: bool
    classes: dict[Structure, int]
    boxes: BoxForm = BoxForm.SCORES


@dataclass(frozen=True, slots=True)
class DetectorManifest:
    """How to run ``detector.onnx`` and read its answers.

    ``input_width`` and ``input_height`` are the network's pixels; a frame is scaled to fit, its
    shape kept, and padded with black. ``first_pass`` is the width and height of a smaller input at
    which the network looks for the head first, None where it looks at the whole one. ``second_pass``
    is that of a smaller input for the second pass: it shows the middle of the head frame, at the scale
    at which the whole input shows all of it. ``average_passes`` says that boxes are the mean of both
    passes, where the first looks at the whole input. ``operating_points`` maps each structure to the
    score from which it counts as visible. ``layout`` says what its outputs mean; ``foreign`` is there
    for a detector that was imported.
    """

    family: str
    file: str
    input_width: int
    input_height: int
    operating_points: dict[Structure, float]
    calibration: DetectorCalibration | None = None
    layout: Layout = Layout.MAPS
    foreign: ImportedDetector | None = None
    first_pass: tuple[int, int] | None = None
    second_pass: tuple[int, int] | None = None
    average_passes: bool = False

    @property
    def passes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Width and height of the network's input in the first pass, and in the second."""
        whole = (self.input_width, self.input_height)
        return self.first_pass or whole, self.second_pass or whole


@dataclass(frozen=True, slots=True)
class EmbedderManifest:
    """How to run ``embedder.onnx``, what its numbers are called, and what it was made from.

    A box becomes a crop of ``input_width`` x ``input_height`` pixels with at least ``margin`` of the
    box's sides around it (`nonet.deep.crop`), and the crop ``features`` numbers named ``prefix`` and
    a number. ``frames_seen`` is the file that lists the frames of its training.
    """

    family: str
    file: str
    input_width: int
    input_height: int
    margin: float
    features: int
    prefix: str
    frames_seen: str
    trained_on: tuple[dict[str, Any], ...]
    warm_start: tuple[dict[str, Any], ...]
    metrics: dict[str, Any]


class Unit(StrEnum):
    """What a grader grades: whole frames, or single structures."""

    FRAME = "frame"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class GraderManifest:
    """How to run a grader of the bundle, and what it was made from.

    ``file`` is its network and ``description`` what stands beside it (`nonet.grade.GraderSpec`). A row
    of its features is a whole frame or one structure, by ``unit``; ``parts`` of a description are measured for
    it (`FeaturePart`). ``positive`` is the class whose probability is quoted. ``frames_seen`` is the
    file that lists the frames of its training.

    A grader of ``labels`` says besides what its grades rest on (``basis``), which ``structures`` it grades, and which
    others had labels but were ``at_chance``, or had too few labels to tell; graders of other tasks have none of the
    three. ``metrics`` has the figures of each scheme of test rows, and within it those of each structure.
    """

    task: str
    unit: Unit
    family: str
    file: str
    description: str
    parts: tuple[str, ...]
    positive: str
    frames_seen: str
    trained_on: tuple[dict[str, Any], ...]
    metrics: dict[str, Any]
    basis: GradeBasis | None = None
    structures: tuple[Structure, ...] | None = None
    at_chance: tuple[Structure, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` holds; ``files`` maps every other file's name to its SHA-256.

    ``shape_prior`` names the file that says where structures may lie, if the bundle has one.
    ``graders`` maps a task (``plane``, ``visibility``, ``labels``) to what grades it.
    """

    format: int
    name: str
    version: str
    licence: str
    structures: tuple[Structure, ...]
    detector: DetectorManifest
    trained_on: tuple[dict[str, Any], ...]
    warm_start: tuple[dict[str, Any], ...]
    metrics: dict[str, Any]
    files: dict[str, str]
    embedder: EmbedderManifest | None = None
    arrangement: str | None = None
    graders: dict[str, GraderManifest] = field(default_factory=dict)

    @property
    def feature_models(self) -> tuple[str, ...]:
        """SHA-256 of each file that a frame's features depend on: detector, shape prior and embedder, no grader."""
        names = (self.detector.file, self.arrangement, self.embedder.file if self.embedder else None)
        return tuple(self.files[name] for name in names if name)
