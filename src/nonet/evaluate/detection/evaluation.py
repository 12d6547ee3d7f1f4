"""How well a detector finds the nine structures in the boxed frames of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle.frames_seen import Use
from nonet.datasets import DataSet
from nonet.evaluate.bootstrap import RESAMPLES, SEED, Figure, figure, frame_weights
from nonet.evaluate.detection.detection_metrics import Measure, Samples, mean_over_structures, measure
from nonet.evaluate.detection.matching import Matching, match
from nonet.evaluate.detection.predictions import Predictions
from nonet.reading import BundleReference

__all__ = [
    "DetectionEvaluation",
    "DeviceScores",
    "Scores",
    "Visibility",
    "evaluate_detection",
    "evaluate_with_samples",
    "scores_of",
]


@dataclass(frozen=True, slots=True)
class Scores:
    """Every measure, as the mean over the structures and for each structure."""

    mean: Mapping[Measure, Figure]
    structures: Mapping[Structure, Mapping[Measure, Figure]]


@dataclass(frozen=True, slots=True)
class DeviceScores:
    """The figures on the frames of one device family, and how many those are."""

    frames: int
    scores: Scores


@dataclass(frozen=True, slots=True)
class Visibility:
    """Frames by whether a structure was boxed and whether the detector saw it, overlap aside.

    A missing box is not an absent structure, so ``unboxed_seen`` is no count of errors.
    """

    boxed_seen: int
    boxed_not_seen: int
    unboxed_seen: int
    unboxed_not_seen: int


@dataclass(frozen=True, slots=True)
class DetectionEvaluation:
    """The figures of one detector on one set of frames.

    Parameters
    ----------
    strict
        Every detection counts; one of a structure that was left unboxed in its frame is false.
    unboxed_ignored
        The same, but those detections are ignored.
    boxes
        How many reference boxes each structure has.
    visibility
        The 2 x 2 table of each structure.
    by_device
        The strict figures of each device family that the data set names.
    frames
        How many frames have at least one box: those that were evaluated.
    frames_seen
        How many of them training saw, to learn from or to choose by; None where that is not known.
    resampled
        ``frames``, or ``patients`` where those are known: what the bootstrap draws.
    resamples, seed
        Of the bootstrap.
    bundle
        The bundle that was evaluated.
    """

    strict: Scores
    unboxed_ignored: Scores
    boxes: Mapping[Structure, int]
    visibility: Mapping[Structure, Visibility]
    by_device: Mapping[str, DeviceScores]
    frames: int
    frames_seen: int | None
    resampled: str
    resamples: int
    seed: int
    bundle: BundleReference


def evaluate_detection(
    data: DataSet, predictions: Predictions, resamples: int = RESAMPLES, seed: int = SEED
) -> DetectionEvaluation:
    """Evaluate predictions against the reference boxes of a data set.

    Parameters
    ----------
    data
        The frames; those without any reference box are left out.
    predictions
        At least those frames' predictions.
    resamples, seed
        Of the bootstrap, over patients where they are known, else over frames.

    Raises
    ------
    DatasetError
        If no frame has a box, or predictions are lacking for one that has.
    """
    return evaluate_with_samples(data, predictions, resamples, seed)[0]


def evaluate_with_samples(
    data: DataSet, predictions: Predictions, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[DetectionEvaluation, Samples]:
    """As `evaluate_detection`, with the resamples of the strict figures, to pair with those of others."""
    matching = match(data, predictions)
    boxed_data = data.boxed()
    weights = frame_weights(matching.groups, resamples, seed)
    strict = measure(matching, np.ones_like(matching.boxed), weights)
    evaluation = DetectionEvaluation(
        strict=scores_of(strict),
        unboxed_ignored=scores_of(measure(matching, matching.boxed, weights)),
        boxes=dict(zip(STRUCTURES, map(int, matching.boxed.sum(axis=0)), strict=True)),
        visibility=_visibility(matching),
        by_device=_by_device(boxed_data, matching, weights),
        frames=len(boxed_data.images),
        frames_seen=_seen(predictions.of(image.name for image in boxed_data.images).uses),
        resampled="patients" if any(image.patient for image in boxed_data.images) else "frames",
        resamples=resamples,
        seed=seed,
        bundle=predictions.bundle,
    )
    return evaluation, strict


def _seen(uses: Sequence[Use]) -> int | None:
    return None if Use.UNKNOWN in uses else sum(use is not Use.UNSEEN for use in uses)


def scores_of(samples: Samples) -> Scores:
    """The figures, with intervals, of what was measured in all frames and in each resample."""
    return Scores(
        mean={name: figure(mean_over_structures(values)) for name, values in samples.items()},
        structures={
            structure: {name: figure(values[:, index]) for name, values in samples.items()}
            for index, structure in enumerate(STRUCTURES)
        },
    )


def _by_device(data: DataSet, matching: Matching, weights: NDArray[np.int32]) -> dict[str, DeviceScores]:
    devices = np.array([image.device or "" for image in data.images])
    everything = np.ones_like(matching.boxed)
    found = {}
    for device in sorted(set(devices) - {""}):
        own = devices == device
        found[str(device)] = DeviceScores(int(own.sum()), scores_of(measure(matching, everything, weights * own)))
    return found


def _visibility(matching: Matching) -> dict[Structure, Visibility]:
    boxed, seen = matching.boxed, matching.seen
    cells = (boxed & seen, boxed & ~seen, ~boxed & seen, ~boxed & ~seen)
    counts: NDArray[np.int64] = np.stack([cell.sum(axis=0) for cell in cells], axis=1)
    return {structure: Visibility(*map(int, row)) for structure, row in zip(STRUCTURES, counts, strict=True)}
