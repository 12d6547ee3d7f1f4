"""What a detector sees where nothing is to be seen: frames of other anatomy, other planes, noise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from nonet.anatomy import STRUCTURES, PlaneLabel, Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.located import Located
from nonet.evaluate.bootstrap import RESAMPLES, SEED, Figure, figure, frame_weights
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.frame import Frame
from nonet.frames import hide_overlay
from nonet.grade.frame_grader import FrameGrader
from nonet.reading import BundleReference

__all__ = ["ScopeEvaluation", "evaluate_scope", "scope_json", "scope_line"]

_DECIMALS = 6
_PLANE = "plane"


@dataclass(frozen=True, slots=True)
class ScopeEvaluation:
    """How often structures are reported visible in frames that show none.

    Parameters
    ----------
    per_frame
        False structures a frame, 0 to 9.
    any_seen
        Share of frames with at least one.
    called_standard
        Share of frames whose plane a reading labels standard; None where the bundle has no plane grader.
    structures
        How many frames each structure was seen in.
    frames
        How many frames were evaluated.
    bundle
        The bundle that was evaluated.
    """

    per_frame: Figure
    any_seen: Figure
    called_standard: Figure | None
    structures: dict[Structure, int]
    frames: int
    bundle: BundleReference


def evaluate_scope(frames: Iterable[tuple[str, Frame]], bundle: Bundle) -> ScopeEvaluation:
    """Count the structures that a bundle's detector reports as visible, and the planes that it calls standard.

    Parameters
    ----------
    frames
        Frames of which none shows any of the nine structures, each with the name of its exam: the
        bootstrap draws exams.
    bundle
        Holds the detector and its operating points.
    """
    detector, points = Detector(bundle), bundle.manifest.detector.operating_points
    plane = _Plane(bundle, detector) if _PLANE in bundle.manifest.graders else None
    exams, rows, called = [], [], []
    for exam, frame in frames:
        exams.append(exam)
        located = detector.locate(hide_overlay(frame))
        visible = [found.structure for found in located.detections if found.score >= points[found.structure]]
        called.append(plane.is_standard(located, visible) if plane else False)
        rows.append([structure in visible for structure in STRUCTURES])
    seen = np.array(rows, dtype=np.float64).reshape(-1, len(STRUCTURES))
    if not exams:
        nothing = Figure(None, None, None)
        return ScopeEvaluation(nothing, nothing, None, dict.fromkeys(STRUCTURES, 0), 0, bundle.reference)
    weights = frame_weights(np.unique(np.array(exams), return_inverse=True)[1])
    return ScopeEvaluation(
        per_frame=figure(weights @ seen.sum(axis=1) / weights.sum(axis=1)),
        any_seen=figure(weights @ seen.any(axis=1) / weights.sum(axis=1)),
        called_standard=figure(weights @ np.array(called) / weights.sum(axis=1)) if plane else None,
        structures=dict(zip(STRUCTURES, map(int, seen.sum(axis=0)), strict=True)),
        frames=len(exams),
        bundle=bundle.reference,
    )


def scope_json(evaluation: ScopeEvaluation, source: str) -> str:
    """The document as indented JSON that ends in a newline; figures as value, low and high."""
    document = {
        "false_structures_per_frame": _rounded(evaluation.per_frame),
        "frames_with_any": _rounded(evaluation.any_seen),
        "frames_called_standard": _rounded(evaluation.called_standard) if evaluation.called_standard else None,
        "structures": evaluation.structures,
        "frames": evaluation.frames,
        "data": source,
        "bundle": asdict(evaluation.bundle),
        "protocol": {"interval": "95 % percentile bootstrap over exams", "resamples": RESAMPLES, "seed": SEED},
    }
    return json.dumps(document, indent=2) + "\n"


def scope_line(evaluation: ScopeEvaluation, source: str) -> str:
    """The figures in one line for a terminal."""
    rate, some = evaluation.per_frame, evaluation.any_seen
    if rate.value is None or some.value is None:
        return f"no frame could be read of {source}\n"
    standard = evaluation.called_standard
    called = "" if standard is None or standard.value is None else f", {standard.value:.1%} called a standard plane"
    return (
        f"{evaluation.frames} frames of {source}: {rate.value:.3f} ({rate.low:.3f}-{rate.high:.3f}) "
        f"false structures a frame, some in {some.value:.1%} of frames{called}\n"
    )


class _Plane:
    """Whether a reading labels the plane of a frame standard."""

    def __init__(self, bundle: Bundle, detector: Detector) -> None:
        self._grader = FrameGrader(bundle)
        self._extractor = FrameFeatureExtractor(bundle, self._grader.parts, detector=detector)

    def is_standard(self, located: Located, visible: Sequence[Structure]) -> bool:
        plane = self._grader.grade(self._extractor.extract(located), visible, ()).plane
        return plane.label is PlaneLabel.STANDARD


def _rounded(figure: Figure) -> dict[str, float | None]:
    return {part: None if value is None else round(value, _DECIMALS) for part, value in asdict(figure).items()}
