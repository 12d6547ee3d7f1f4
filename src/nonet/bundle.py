"""A model on disk: a folder with a manifest, its files and their hashes. No pickle anywhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nonet.anatomy import Structure
from nonet.errors import BundleError
from nonet.reading import BundleReference

__all__ = [
    "DEFAULT_BUNDLE",
    "Bundle",
    "DetectorCalibration",
    "DetectorManifest",
    "EmbedderManifest",
    "ForeignDetector",
    "GraderManifest",
    "Layout",
    "Manifest",
    "Unit",
]

DEFAULT_BUNDLE = Path(__file__).parent / "bundles" / "default"
"""The bundle that ships inside the package."""

_MANIFEST = "manifest.json"
_MANIFEST_CAP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class DetectorCalibration:
    """What the detector's numbers are worth, learnt on frames held out of its training.

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


@dataclass(frozen=True, slots=True)
class ForeignDetector:
    """How to feed a detector that was made elsewhere, and which of its classes are the nine.

    The frame goes into ``input`` as ``channels`` equal channels, padded with the grey ``padding`` (0
    to 1), as float16 where ``half``. ``output`` is ``[1, 4 + classes, cells]``, or ``[1, cells, 4 +
    classes]`` where ``transposed``. A structure that ``classes`` does not list is never seen.
    """

    input: str
    output: str
    channels: int
    padding: float
    half: bool
    transposed: bool
    classes: dict[Structure, int]


@dataclass(frozen=True, slots=True)
class DetectorManifest:
    """How to run ``detector.onnx`` and read its answers.

    ``input_width`` and ``input_height`` are the network's pixels; a frame is scaled to fit, its
    shape kept, and padded with black. ``operating_points`` maps each structure to the score from
    which it counts as visible. ``layout`` says what its outputs mean; ``foreign`` is there for a
    detector that was imported.
    """

    family: str
    file: str
    input_width: int
    input_height: int
    operating_points: dict[Structure, float]
    calibration: DetectorCalibration | None = None
    layout: Layout = Layout.MAPS
    foreign: ForeignDetector | None = None


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

    ``file`` is its network and ``description`` what stands beside it (`nonet.grade.Description`). A row
    of its features is a whole frame or one structure, by ``unit``; ``parts`` of a description are measured for
    it (`nonet.describe.Part`). ``positive`` is the class whose probability is quoted. ``frames_seen`` is the
    file that lists the frames of its training.
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


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` holds; ``files`` maps every other file's name to its SHA-256.

    ``arrangement`` names the file that tells where structures may lie, if the bundle has one.
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


class Bundle:
    """An opened bundle; opening checks the manifest's form and the hash of every file.

    Parameters
    ----------
    folder
        The bundle's folder.

    Raises
    ------
    BundleError
        If the manifest is missing or not understood, or a file is missing or altered.
    """

    def __init__(self, folder: Path = DEFAULT_BUNDLE) -> None:
        self.folder = Path(folder)
        raw = self._read(_MANIFEST, cap=_MANIFEST_CAP_BYTES)
        try:
            self.manifest = TypeAdapter(Manifest).validate_json(raw)
        except ValidationError as problem:
            first = problem.errors()[0]
            raise BundleError(
                "A bundle's manifest.json follows format 1",
                found=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
                remedy="Export the bundle again with this version of Nonet",
            ) from problem
        self.sha256 = hashlib.sha256(raw).hexdigest()
        self._contents = {name: self._checked(name) for name in self.manifest.files}

    @cached_property
    def reference(self) -> BundleReference:
        """Name, version and hash, as a reading quotes them."""
        return BundleReference(self.manifest.name, self.manifest.version, self.sha256)

    def file(self, name: str) -> bytes:
        """The bytes of a file of the bundle, those whose hash was checked.

        Raises
        ------
        BundleError
            If the manifest does not list the file.
        """
        if name not in self._contents:
            raise BundleError(
                "A bundle runs only files that its manifest lists",
                found=f"{name} is not among {sorted(self._contents)}",
                remedy="Export the bundle again",
            )
        return self._contents[name]

    def _checked(self, name: str) -> bytes:
        raw = self._read(name)
        actual = hashlib.sha256(raw).hexdigest()
        if actual != self.manifest.files[name]:
            raise BundleError(
                "A bundle's files are those its manifest was written for",
                found=f"{name} has sha256 {actual[:12]}..., the manifest says {self.manifest.files[name][:12]}...",
                remedy="Copy the bundle again from where it was published",
            )
        return raw

    def _read(self, name: str, cap: int = 256 << 20) -> bytes:
        path = self.folder / name
        if Path(name).name != name or not path.is_file():
            raise BundleError(
                "A bundle is a folder with manifest.json and the files it lists",
                found=f"no file {name} in {self.folder}",
                remedy="Point --bundle at the folder that holds manifest.json",
            )
        if path.stat().st_size > cap:
            raise BundleError(
                f"A bundle's {name} is at most {cap} bytes",
                found=f"{path.stat().st_size} bytes",
                remedy="Check that this is a Nonet bundle",
            )
        return path.read_bytes()
