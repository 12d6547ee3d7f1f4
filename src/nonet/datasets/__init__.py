"""Data sets: every published form is read into one table of images and boxes, its faults listed."""

from __future__ import annotations

from nonet.datasets.data_set import BoxRow, DataSet, ImageRow, Plane
from nonet.datasets.folds import FoldRow, assign_folds, fold_of, read_folds, write_folds
from nonet.datasets.load import FORMS, Form, load
from nonet.datasets.problems import Problem, Severity

__all__ = [
    "FORMS",
    "BoxRow",
    "DataSet",
    "FoldRow",
    "Form",
    "ImageRow",
    "Plane",
    "Problem",
    "Severity",
    "assign_folds",
    "fold_of",
    "load",
    "read_folds",
    "write_folds",
]
