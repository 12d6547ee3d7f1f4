"""Detectors beside each other on the same frames: the figures of each, and by how much they differ, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nonet.datasets import DataSet
from nonet.evaluate.bootstrap import RESAMPLES, SEED
from nonet.evaluate.detection.detection_metrics import Samples
from nonet.evaluate.detection.evaluation import DetectionEvaluation, Scores, evaluate_with_samples, scores_of
from nonet.evaluate.detection.run_detector import SideBySide

__all__ = ["ComparedDetector", "compare_detectors"]


@dataclass(frozen=True, slots=True)
class ComparedDetector:
    """One of several detectors.

    Attributes
    ----------
    evaluation
        Its own figures.
    difference
        Its strict figures less those of the first detector, paired; None for the first.
    seconds
        Median time to locate the structures of a frame.
    """

    evaluation: DetectionEvaluation
    difference: Scores | None
    seconds: float


def compare_detectors(
    data: DataSet, runs: Sequence[SideBySide], resamples: int = RESAMPLES, seed: int = SEED
) -> list[ComparedDetector]:
    """The figures of each detector and, for all but the first, what they differ by from its.

    Parameters
    ----------
    data
        The frames; those without any reference box are left out.
    runs
        Of at least those frames, by the same detectors in the order in which they are to be compared.
    resamples, seed
        Of the bootstrap, over patients where they are known, else over frames; the same for all.

    Raises
    ------
    DatasetError
        If no frame has a box, or predictions are lacking for one that has.
    """
    first: Samples | None = None
    compared = []
    for run in runs:
        evaluation, samples = evaluate_with_samples(data, run.predictions, resamples, seed)
        difference = scores_of({name: values - first[name] for name, values in samples.items()}) if first else None
        first = first or samples
        compared.append(ComparedDetector(evaluation, difference, run.seconds))
    return compared
