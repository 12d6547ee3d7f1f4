"""How good a model is on a data set: figures with intervals, derived from its predictions alone."""

from __future__ import annotations

from nonet.bundle.frames_seen import Use, lists_of_seen, refuse_seen, uses_by_hash
from nonet.evaluate.bootstrap import RESAMPLES, SEED, Figure
from nonet.evaluate.detection.detection_json import comparison_json, evaluation_json
from nonet.evaluate.detection.detection_metrics import Measure
from nonet.evaluate.detection.detector_comparison import compare_detectors
from nonet.evaluate.detection.evaluation import DetectionEvaluation, Scores, Visibility, evaluate_detection
from nonet.evaluate.detection.out_of_scope import ScopeEvaluation, evaluate_scope
from nonet.evaluate.detection.predictions import Predictions
from nonet.evaluate.detection.predictions_file import read_predictions, write_predictions
from nonet.evaluate.detection.run_detector import run_detector, run_side_by_side, run_unseen

__all__ = [
    "RESAMPLES",
    "SEED",
    "DetectionEvaluation",
    "Figure",
    "Measure",
    "Predictions",
    "ScopeEvaluation",
    "Scores",
    "Use",
    "Visibility",
    "compare_detectors",
    "comparison_json",
    "evaluate_detection",
    "evaluate_scope",
    "evaluation_json",
    "lists_of_seen",
    "read_predictions",
    "refuse_seen",
    "run_detector",
    "run_side_by_side",
    "run_unseen",
    "uses_by_hash",
    "write_predictions",
]
