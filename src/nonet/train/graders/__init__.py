"""Graders in training: the TabTransformer and two baselines, searched by one rule and written for the run time."""

from __future__ import annotations

from nonet.bundle.grader_kind import GraderKind
from nonet.train.graders.finish_grader import TrainedGrader, finish_grader
from nonet.train.graders.search import Copies, Found, Trial, inner_folds, search

__all__ = ["Copies", "Found", "GraderKind", "TrainedGrader", "Trial", "finish_grader", "inner_folds", "search"]
