"""An evaluation as JSON: strict figures at the top, everything else beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from nonet.anatomy import STRUCTURES, Structure
from nonet.evaluate.bootstrap import Figure
from nonet.evaluate.detection.average_precision import IOU_THRESHOLDS
from nonet.evaluate.detection.detection_metrics import Measure
from nonet.evaluate.detection.detector_comparison import ComparedDetector
from nonet.evaluate.detection.evaluation import DetectionEvaluation, Scores
from nonet.evaluate.detection.matching import MATCH_IOU

__all__ = ["comparison_json", "evaluation_json"]

_DECIMALS = 6


def evaluation_json(evaluation: DetectionEvaluation, form: str, split: str, overlays: str = "mask") -> str:
    """The document as indented JSON that ends in a newline.

    ``mean`` and ``structures`` hold the strict figures, each as value, low and high rounded to six
    decimals, null where not defined, and each structure its number of boxes ``n`` and its
    ``visibility``. Beside them: ``unboxed_ignored`` and, for each device family, ``by_device`` in the
    same form, ``overlays`` (``keep`` or ``mask``), ``frames``,
    ``frames_seen_in_training`` (null where not known), ``data``, ``bundle`` and ``protocol``.
    """
    document = {
        **_of_detector(evaluation),
        "overlays": overlays,
        "frames": evaluation.frames,
        "frames_seen_in_training": evaluation.frames_seen,
        "data": {"form": form, "split": split},
        "bundle": asdict(evaluation.bundle),
        "protocol": _protocol(evaluation),
    }
    return json.dumps(document, indent=2) + "\n"


def comparison_json(compared: Sequence[ComparedDetector], form: str, split: str) -> str:
    """The document of several detectors as indented JSON that ends in a newline.

    ``detectors`` holds each one's figures as in `evaluation_json`, its ``bundle``, ``frames_seen_in_training``,
    ``milliseconds`` (median, to locate the structures of a frame, side by side) and, but for the first,
    ``less_the_first``: its strict figures less the first's, by the same resamples. Beside it ``frames``, ``data`` and
    ``protocol``.
    """
    first = compared[0].evaluation
    document = {
        "detectors": [
            {
                "bundle": asdict(each.evaluation.bundle),
                **_of_detector(each.evaluation),
                **({"less_the_first": _scores(each.difference)} if each.difference else {}),
                "frames_seen_in_training": each.evaluation.frames_seen,
                "milliseconds": _rounded(each.seconds * 1000),
            }
            for each in compared
        ],
        "frames": first.frames,
        "data": {"form": form, "split": split},
        "protocol": {**_protocol(first), "overlays": "masked", "less_the_first": "the same resamples for all"},
    }
    return json.dumps(document, indent=2) + "\n"


def _of_detector(evaluation: DetectionEvaluation) -> dict[str, object]:
    return {
        "mean": _figures(evaluation.strict.mean),
        "structures": {structure: _strict(evaluation, structure) for structure in STRUCTURES},
        "unboxed_ignored": _scores(evaluation.unboxed_ignored),
        "by_device": {
            device: {"frames": each.frames, **_scores(each.scores)} for device, each in evaluation.by_device.items()
        },
    }


def _strict(evaluation: DetectionEvaluation, structure: Structure) -> dict[str, object]:
    figures = _figures(evaluation.strict.structures[structure])
    return {**figures, "n": evaluation.boxes[structure], "visibility": asdict(evaluation.visibility[structure])}


def _scores(scores: Scores) -> dict[str, object]:
    structures = {structure: _figures(scores.structures[structure]) for structure in STRUCTURES}
    return {"mean": _figures(scores.mean), "structures": structures}


def _figures(figures: Mapping[Measure, Figure]) -> dict[str, object]:
    return {
        name.value: {part: _rounded(value) for part, value in asdict(each).items()} for name, each in figures.items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def _protocol(evaluation: DetectionEvaluation) -> dict[str, object]:
    return {
        "average_precision": "COCO, 101 recalls, one box per structure and frame",
        "iou_thresholds": [round(float(threshold), 2) for threshold in IOU_THRESHOLDS],
        "matched": f"score at or above the operating point and IoU at least {MATCH_IOU}",
        "frames": "those with at least one reference box",
        "interval": "95 % percentile bootstrap",
        "resampled": evaluation.resampled,
        "resamples": evaluation.resamples,
        "seed": evaluation.seed,
    }
