"""What a detector says of frames that its training did not learn from, as they are and as others might show them.

A score that parts seen from unseen on eighty frames of one hospital may lie anywhere between the two. The same frames
with other greys, sharpness and noise, and frames in which nothing is to be seen, say where it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import DetectorCalibration
from nonet.bundle.frames_seen import Use
from nonet.bundle.write import write_files
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.evaluate import Predictions
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.train.detector.appearance import other_appearance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet
    from nonet.frame import Frame
    from nonet.reading import Detection

    Watch = Callable[[Sequence[Any]], Iterable[Any]]
    _Found = dict[str, Sequence[Detection]]

__all__ = ["CALLS_ALL", "COPIES", "UNCALIBRATED", "HeldOutLooks", "write_uncalibrated"]

COPIES = 6
"""How many other appearances of each frame are looked at."""

UNCALIBRATED = DetectorCalibration(0.0, dict.fromkeys(STRUCTURES, 1.0), dict.fromkeys(STRUCTURES, (1.0, 0.0)))
"""Leaves scores as they are and gives spreads for bands."""

CALLS_ALL = dict.fromkeys(STRUCTURES, 0.0)
"""Operating points that no score is below."""


@dataclass(frozen=True)
class HeldOutLooks:
    """Predictions of an uncalibrated detector, all scores kept.

    Attributes
    ----------
    boxed
        On boxed frames: as they are, then each of the other appearances.
    empty
        On frames in which none of the structures is, in all the same appearances; of no image where there were none.
    """

    boxed: tuple[Predictions, ...]
    empty: Predictions

    @classmethod
    def of(
        cls, bundle: Bundle, held_out: DataSet, as_they_are: Predictions, empty: Sequence[Frame], watch: Watch = iter
    ) -> HeldOutLooks:
        """Look at every frame in every appearance.

        Parameters
        ----------
        bundle
            Holds the uncalibrated detector (`write_uncalibrated`).
        held_out
            The boxed frames.
        as_they_are
            What the detector said of them already.
        empty
            Frames without any of the structures, their overlays still shown.
        watch
            Gives frames one by one, showing progress if it likes.
        """
        detector = Detector(bundle)
        copies: list[_Found] = [{} for _ in range(COPIES)]
        nothing: _Found = {}
        for image in watch(held_out.images):
            appearances = _appearances(first_frame(image.path))
            for found, frame in zip(copies, appearances[1:], strict=True):
                found[image.name] = detector.detect(frame)
        for number, frame in enumerate(watch(empty)):
            for copy, appearance in enumerate(_appearances(frame)):
                nothing[f"{number}, {copy}"] = detector.detect(appearance)
        return cls((as_they_are, *(_predictions(bundle, one) for one in copies)), _predictions(bundle, nothing))


def write_uncalibrated(folder: Path, bundle: Bundle) -> None:
    """Write a bundle of the same detector that gives scores and spreads as its network does, and calls everything."""
    manifest = bundle.manifest
    detector = replace(manifest.detector, operating_points=CALLS_ALL, calibration=UNCALIBRATED)
    files = {name: bundle.file(name) for name in (manifest.detector.file, manifest.arrangement) if name}
    write_files(folder, files, replace(manifest, detector=detector, embedder=None, graders={}))


def _appearances(frame: Frame) -> list[Frame]:
    """A frame with its overlay hidden, and the copies of it that look otherwise, always in the same ways."""
    shown = hide_overlay(frame)
    seed = int.from_bytes(bytes.fromhex(pixels_sha256(frame.pixels))[:8], "big")
    draws = [np.random.default_rng([seed, copy]) for copy in range(1, COPIES + 1)]
    return [shown, *(replace(shown, pixels=other_appearance(shown.pixels, draw)) for draw in draws)]


def _predictions(bundle: Bundle, found: _Found) -> Predictions:
    return Predictions.from_detections(found, CALLS_ALL, dict.fromkeys(found, Use.CHOSEN_BY), bundle.reference)
