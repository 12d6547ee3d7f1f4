"""Adapt a grader to a site by its own labelled frames, with figures before and after, by cross-fitting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import DatasetError, LeakError
from nonet.evaluate.grading.graded_rows import GradedRows
from nonet.grade.site_calibration import FOLDS, SiteCalibration, site_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.evaluate.grading.run_grader import GradingRun

__all__ = ["LEAST", "Adaptation", "adapt"]

LEAST = 8
"""So many frames of each class a site needs at least."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What a site's frames make of a grader.

    Attributes
    ----------
    site
        From all frames: what ships.
    before
        The rows as the grader predicts them.
    after
        The same rows, each by an adaptation that had not seen its fold: what is to be expected of new frames.
    """

    site: SiteCalibration
    before: GradedRows
    after: GradedRows


def adapt(run: GradingRun, classes: Sequence[str], *, level: float, seed: int = 0) -> Adaptation:
    """Adapt the grader of a run to the run's rows.

    Parameters
    ----------
    run
        The grader's predictions for a site's frames, none of which any part of the bundle was made from.
    classes
        Those of the grader, in the order of its outputs.
    level
        Of the conformal sets.
    seed
        Of the folds.

    Raises
    ------
    LeakError
        If the bundle was made from a frame.
    DatasetError
        If a class has too few frames.
    """
    if run.seen:
        raise LeakError(
            "A grader is adapted on frames that nothing of its bundle was made from",
            found=f"{run.seen} of {run.frames} frames were seen",
            remedy="Give frames of the site that the bundle has not seen",
        )
    rows = run.rows
    counts = {name: int((rows.words["answer"] == name).sum()) for name in classes}
    if min(counts.values()) < LEAST:
        found = ", ".join(f"{count} {name}" for name, count in counts.items())
        raise DatasetError(
            f"A site's threshold is set on {LEAST} frames of each class at least, better on 25 to 50 in all",
            found=found,
            remedy="Label more frames of the rarer class",
        )
    order = [rows.classes.index(name) for name in classes]
    labels, groups = np.argsort(order)[rows.labels], rows.groups
    probabilities = rows.probabilities[:, order]
    after, sets = np.empty(probabilities.shape), np.empty(probabilities.shape, np.bool_)
    fold = site_folds(labels, groups, FOLDS, seed)
    for one in range(fold.max() + 1):
        train, test = fold != one, fold == one
        site = SiteCalibration.fit(probabilities[train], labels[train], groups[train], level=level, seed=seed)
        after[test], sets[test] = site.apply(probabilities[test])
    return Adaptation(
        SiteCalibration.fit(probabilities, labels, groups, level=level, seed=seed),
        rows,
        replace(rows, probabilities=after[:, np.argsort(order)], sets=sets[:, np.argsort(order)]),
    )
