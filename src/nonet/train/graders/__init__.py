"""Graders in training: the TabTransformer and two baselines, searched by one rule and written for the run time."""

from __future__ import annotations

from nonet.train.graders.finish import TrainedGrader, finish_grader
from nonet.train.graders.kinds import Kind
from nonet.train.graders.search import Found, Trial, inner_folds, search

__all__ = ["Found", "Kind", "TrainedGrader", "Trial", "finish_grader", "inner_folds", "search"]
