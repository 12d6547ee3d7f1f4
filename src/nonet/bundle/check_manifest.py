"""What a manifest must say to be run: finite numbers in their ranges, the nine structures, files that it lists."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from nonet.anatomy import STRUCTURES
from nonet.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.bundle.manifest import DetectorCalibration, DetectorManifest, EmbedderManifest, Manifest

__all__ = ["FORMAT", "GRADERS_SINCE", "check_manifest", "check_numbers"]

FORMAT = 7
"""The format that is written; older ones are read too. 1 knows one form of imported detectors; graders of 1 and 2 take
features in pixels of their frames, those of 3 in the head frame as it is, those of 4 in the head frame smoothed to one
resolution, those of 7 in the head frame turned upright. Detectors of 5 may look for the head at a smaller input first,
and may give the mean of both passes; those of 6 may have a smaller input for the second pass, and their smaller first
pass looks at the image alone."""

GRADERS_SINCE = 7
"""The first format whose graders take the features that are measured now."""

_FORMATS = (1, 2, 3, 4, 5, 6, FORMAT)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_SIDE = 4096
_MOST_FEATURES = 1 << 20
_CHANNELS = (1, 3)


def check_numbers(raw: bytes) -> None:
    """Refuse a manifest with a number that is none.

    Raises
    ------
    BundleError
        If it holds NaN or infinity, or is nested deeper than it can be parsed.
    """
    try:
        whole = all(math.isfinite(number) for number in _numbers(json.loads(raw)))
    except (ValueError, RecursionError):
        return
    except OverflowError:
        whole = False
    if not whole:
        raise _refusal("a number that is NaN, infinite or too large")


def check_manifest(manifest: Manifest) -> None:
    """Refuse a manifest that has the right form and says what cannot be.

    Raises
    ------
    BundleError
        If so; the first fault is named.
    """
    for fault in _faults(manifest):
        raise _refusal(fault)


def _faults(manifest: Manifest) -> Iterator[str]:
    if manifest.format not in _FORMATS:
        yield f"format {manifest.format}, where this version of Nonet reads {' and '.join(map(str, _FORMATS))}"
    if manifest.structures != STRUCTURES:
        yield f"structures: {', '.join(manifest.structures)}; not the nine in their order"
    for name, digest in manifest.files.items():
        if not _SHA256.fullmatch(digest):
            yield f"files.{name}: no SHA-256"
    yield from _detector_faults(manifest.detector)
    if manifest.embedder:
        yield from _embedder_faults(manifest.embedder)
    for name in _named_files(manifest):
        if name not in manifest.files:
            yield f"{name}, which files does not list"


def _detector_faults(detector: DetectorManifest) -> Iterator[str]:
    yield from _side_faults("detector", detector.input_width, detector.input_height)
    for name, size in (("first_pass", detector.first_pass), ("second_pass", detector.second_pass)):
        if size:
            yield from _side_faults(f"detector.{name}", *size)
    for structure in STRUCTURES:
        point = detector.operating_points.get(structure)
        if point is None or not 0 <= point <= 1:
            yield f"detector.operating_points.{structure}: {point}, not a score from 0 to 1"
    if detector.calibration:
        yield from _calibration_faults(detector.calibration)
    foreign = detector.foreign
    if foreign and (foreign.channels not in _CHANNELS or not 0 <= foreign.padding <= 1):
        yield f"detector.foreign: {foreign.channels} channels, padding {foreign.padding:g}; not 1 or 3, and 0 to 1"
    if foreign and any(number < 0 for number in foreign.classes.values()):
        yield "detector.foreign.classes: a number below 0"


def _calibration_faults(calibration: DetectorCalibration) -> Iterator[str]:
    if calibration.spread_weight < 0:
        yield f"detector.calibration.spread_weight: {calibration.spread_weight:g}, below 0"
    for structure in STRUCTURES:
        if not calibration.band_factors.get(structure, 0) > 0:
            found = calibration.band_factors.get(structure)
            yield f"detector.calibration.band_factors.{structure}: {found}, not above 0"
        if not calibration.visibility.get(structure, (0, 0))[0] > 0:
            found_line = calibration.visibility.get(structure)
            yield f"detector.calibration.visibility.{structure}: {found_line}, no rising line"


def _embedder_faults(embedder: EmbedderManifest) -> Iterator[str]:
    yield from _side_faults("embedder", embedder.input_width, embedder.input_height)
    if not 0 <= embedder.margin <= 1:
        yield f"embedder.margin: {embedder.margin:g}, not from 0 to 1"
    if not 1 <= embedder.features <= _MOST_FEATURES:
        yield f"embedder.features: {embedder.features}, not from 1 to {_MOST_FEATURES}"


def _side_faults(name: str, width: int, height: int) -> Iterator[str]:
    if not (1 <= width <= _MOST_SIDE and 1 <= height <= _MOST_SIDE):
        yield f"{name}: an input of {width} x {height}, not from 1 to {_MOST_SIDE} a side"


def _named_files(manifest: Manifest) -> Iterator[str]:
    yield manifest.detector.file
    if manifest.arrangement:
        yield manifest.arrangement
    if manifest.embedder:
        yield from (manifest.embedder.file, manifest.embedder.frames_seen)
    for grader in manifest.graders.values():
        yield from (grader.file, grader.description, grader.frames_seen)


def _numbers(content: Any) -> Iterator[float]:  # noqa: ANN401 - JSON
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            yield from _numbers(one)
    elif isinstance(content, (int, float)):
        yield float(content)


def _refusal(found: str) -> BundleError:
    return BundleError(
        "A bundle's manifest.json states what can be run",
        found=found,
        remedy="Copy the bundle again from where it was published, or export it with this version of Nonet",
    )
