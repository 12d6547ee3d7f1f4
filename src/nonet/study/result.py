"""What a study has computed, as one value without input or output: everything that is published comes from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.bundle import Bundle
    from nonet.bundle.grader_kind import GraderKind
    from nonet.datasets.exclusions import Excluded
    from nonet.datasets.folds import FoldRow
    from nonet.evaluate.grading import GradedRows
    from nonet.study.experiments import FittedExperiment
    from nonet.study.graded_truth import TrueSize
    from nonet.study.plan import Plan
    from nonet.study.rows import StudyRows
    from nonet.study.splits import Split
    from nonet.study.study_features import StudyFeatures

__all__ = ["StudyResult"]


@dataclass(frozen=True, slots=True)
class StudyResult:
    """The rows of a study, how they were split, the features that were selected, the graders and their predictions.

    Attributes
    ----------
    plan, plan_sha256
        The plan, and the hash of its file.
    bundle
        The bundle whose detector and embedder gave the features.
    form
        The published form of the data set.
    rows
        The rows of the study, without the external ones.
    features
        The features of every frame and rating.
    hashes
        `nonet.frame.pixels_sha256` by image name.
    difference_hashes
        `nonet.frames.difference_hash.difference_hash` likewise.
    sources
        Of each copy, the image of the data set that it was made from.
    excluded
        Every image of the split that is not among the rows, and why.
    folds, splits
        The fold of each image, and all splits of the rows.
    selected
        The selections of each arm on each split, by arm and name of the split; see `select_for_split`.
    fitted
        The graders, by arm, kind and name of the split.
    predictions
        For each experiment and split its keys (scheme, split, arm, kind) and its graded rows.
    residuals
        The file that reviewers were drawn from, if there are any.
    truth
        The true sizes of graded structures, by image and structure, where the data set knows them.
    """

    plan: Plan
    plan_sha256: str
    bundle: Bundle
    form: str
    rows: StudyRows
    features: StudyFeatures
    hashes: Mapping[str, str]
    difference_hashes: Mapping[str, str]
    sources: Mapping[str, str]
    excluded: tuple[Excluded, ...]
    folds: tuple[FoldRow, ...]
    splits: tuple[Split, ...]
    selected: Mapping[tuple[str, str], Mapping[str, Any]]
    fitted: Mapping[tuple[str, GraderKind, str], FittedExperiment]
    predictions: tuple[tuple[tuple[str, ...], GradedRows], ...]
    residuals: bytes | None
    truth: Mapping[tuple[str, str], TrueSize]
