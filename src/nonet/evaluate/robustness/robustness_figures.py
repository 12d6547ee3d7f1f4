"""Every figure on each twin, and what it is less than on the frames as they are, in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.anatomy import PlaneLabel
from nonet.bundle.frames_seen import Use
from nonet.evaluate.bootstrap import RESAMPLES, SEED, frame_weights
from nonet.evaluate.detection.detection_metrics import Measure, mean_over_structures, measure
from nonet.evaluate.detection.matching import match
from nonet.evaluate.detection.predictions import Predictions
from nonet.evaluate.grading.class_metrics import ClassMetric, ScoredRows, samples
from nonet.evaluate.robustness.resampled import Samples, figures_json, group_numbers, share
from nonet.evaluate.robustness.run_twins import OWN
from nonet.evaluate.robustness.twins import TWINS, carried
from nonet.grade.frame_grader import plane_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet
    from nonet.evaluate.robustness.run_twins import PictureReading, TwinRun
    from nonet.evaluate.robustness.twins import Twin

__all__ = ["robustness_figures"]

_OF_PLANES = {
    "plane_auc": ClassMetric.AUC,
    "sensitivity": ClassMetric.SENSITIVITY,
    "specificity": ClassMetric.SPECIFICITY,
}


def robustness_figures(
    run: TwinRun,
    data: DataSet,
    bundle: Bundle,
    twins: Sequence[Twin] = TWINS,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Any]:
    """The figures of each picture, as JSON values.

    Of boxed frames mean AP50 and AP50:95; of frames filed as standard or not the AUC within each bundle's frames,
    sensitivity and specificity at the threshold, coverage of the conformal sets by class, and the share of readings
    whose plane label (undecided among them) is another than on the frame itself. Each figure has its value, low and
    high, and under ``change`` the difference from the frames as they are, by the same resamples.

    Parameters
    ----------
    run
        As `run_twins` gives it.
    data
        The data set of the images.
    bundle
        The first of the bundles: its operating points.
    twins
        Those of the run.
    resamples, seed
        Of the bootstrap, over patients where they are known, else over frames.
    """
    pictures: dict[str, dict[str, Samples]] = {}
    named = {OWN: None, **{twin.name: twin for twin in twins}}
    for name, twin in named.items():
        pictures[name] = {
            **_detection(run, data, bundle, name, twin, resamples, seed),
            **_planes(run, data, name, resamples, seed),
        }
    own = pictures[OWN]
    return {
        OWN: figures_json(own),
        "twins": [
            {
                "twin": twin.name,
                "family": twin.family.value,
                **figures_json(pictures[twin.name]),
                "change": figures_json(
                    {key: pictures[twin.name][key] - own[key] for key in own if key in pictures[twin.name]}
                ),
            }
            for twin in twins
        ],
    }


def _detection(
    run: TwinRun, data: DataSet, bundle: Bundle, name: str, twin: Twin | None, resamples: int, seed: int
) -> dict[str, Samples]:
    """Mean AP of the boxed frames of the run; nothing if none is boxed."""
    frames = {one.image: one for one in run.frames}
    part = data.keeping(image for image in data.images if image.name in frames).boxed()
    if not part.images:
        return {}
    if twin is not None:
        part = carried(part, twin, {name: one.size for name, one in frames.items()})
    points = bundle.manifest.detector.operating_points
    found = {image.name: frames[image.name].readings[name].detections for image in part.images}
    uses = dict.fromkeys(found, Use.UNKNOWN)
    matching = match(part, Predictions.from_detections(found, points, uses, bundle.reference))
    weights = frame_weights(matching.groups, resamples, seed)
    measured = measure(matching, np.ones_like(matching.boxed), weights)
    return {
        "ap50": mean_over_structures(measured[Measure.AP50]),
        "ap50_95": mean_over_structures(measured[Measure.AP50_95]),
    }


def _planes(run: TwinRun, data: DataSet, name: str, resamples: int, seed: int) -> dict[str, Samples]:
    """Figures of the frames that were filed as standard or not; nothing without a plane grader or such frames."""
    images = {image.name: image for image in data.images}
    frames = [one for one in run.frames if images[one.image].plane is not None]
    if not frames or not run.classes:
        return {}
    hashes = {one.image: (one.sha256, one.difference_hash) for one in frames}
    weights = frame_weights(group_numbers([images[one.image] for one in frames], hashes), resamples, seed)
    places = {word: place for place, word in enumerate(run.classes)}
    labels = np.array([places[str(images[one.image].plane)] for one in frames], np.intp)
    probabilities = np.array([one.readings[name].probabilities for one in frames])
    sets = np.array([one.readings[name].conformal for one in frames])
    divisions = np.array([str(one.bundle) for one in frames])
    drawn = samples(ScoredRows(run.classes, probabilities, labels, places[run.positive], divisions), weights)
    kept = sets[np.arange(len(labels)), labels]
    labels_now, labels_own = (np.array([_label(run, one.readings[which]) for one in frames]) for which in (name, OWN))
    changed = labels_now != labels_own
    decided = (labels_now != PlaneLabel.UNDECIDED) & (labels_own != PlaneLabel.UNDECIDED)
    everywhere = np.ones(len(frames), np.bool_)
    return {
        **{key: drawn[metric] for key, metric in _OF_PLANES.items()},
        **{f"coverage, {word}": share(kept, labels == place, weights) for word, place in places.items()},
        "label_changed": share(changed, everywhere, weights),
        "label_reversed": share(changed & decided, everywhere, weights),
    }


def _label(run: TwinRun, reading: PictureReading) -> str:
    """The plane label that a reading would give."""
    probability = float(reading.probabilities[run.classes.index(run.positive)])
    return plane_label(probability, [run.classes[place] for place in np.flatnonzero(reading.conformal)])
