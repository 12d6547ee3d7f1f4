"""The figures of a study, derived from its predictions alone."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.bundle.grader_kind import GraderKind
from nonet.evaluate.bootstrap import frame_weights, over_repeats
from nonet.evaluate.grading import GradedRows, figure_json, grading_figures
from nonet.evaluate.grading.class_metrics import mean_auc
from nonet.study.repeats import repeated
from nonet.study.splits import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.study.plan import Plan

__all__ = ["FIGURES_SCHEMA", "KEYS", "comparisons", "difference", "differences", "holm", "pooled", "results", "runs_of"]

FIGURES_SCHEMA = "urn:nonet:schema:study-figures:4"
"""Identifier of the form of ``figures.json``; a change that breaks a reader raises its number."""

KEYS = ("scheme", "division", "arm", "kind")
"""The keys of an experiment's rows of a split, as columns of ``predictions.csv``."""

_REPEAT = repeated("", 1).removesuffix("1")

ExperimentKey = tuple[str, str, str]
"""Scheme, arm, kind."""

Pair = tuple[tuple[str, str], tuple[str, str]]
"""Arm and kind of two cells."""


def pooled(predictions: Iterable[tuple[tuple[str, ...], GradedRows]]) -> dict[ExperimentKey, GradedRows]:
    """The rows of all divisions of a scheme together, by scheme, arm and kind."""
    together: dict[ExperimentKey, dict[str, GradedRows]] = {}
    for (scheme, division, arm, kind), rows in predictions:
        together.setdefault((scheme, arm, kind), {})[division] = rows
    return {experiment: GradedRows.join(list(of.values()), list(of)) for experiment, of in together.items()}


def results(
    predictions: Mapping[ExperimentKey, GradedRows],
    resamples: int,
    watch: Callable[[Sequence[ExperimentKey]], Iterable[ExperimentKey]] = iter,
    *,
    prevalence: float | None = None,
) -> list[dict[str, Any]]:
    """Every figure of every cell; see `nonet.evaluate.grading.grading_figures`."""
    runs = runs_of(predictions)
    return [
        dict(zip(("scheme", "arm", "kind"), experiment, strict=True))
        | grading_figures(runs[experiment][0], resamples, prevalence, runs[experiment][1:])
        for experiment in watch(list(runs))
    ]


def runs_of(predictions: Mapping[ExperimentKey, GradedRows]) -> dict[ExperimentKey, list[GradedRows]]:
    """The rows of each experiment, those of its repeats after them."""
    together: dict[ExperimentKey, list[GradedRows]] = {}
    for (scheme, arm, kind), rows in predictions.items():
        together.setdefault((scheme.partition(_REPEAT)[0], arm, kind), []).append(rows)
    return together


def differences(
    predictions: Mapping[ExperimentKey, GradedRows], resamples: int, pairs: Sequence[Pair]
) -> list[dict[str, Any]]:
    """Paired differences of the AUC under every scheme of test rows, Holm-corrected over all of them.

    ``p`` is twice the share of resamples on the other side of no difference, both sides counting one more. Schemes in
    which a pair was not tested, and differences that are not defined, are not among them.

    Parameters
    ----------
    predictions
        Rows by scheme, arm and kind.
    resamples
        Of the bootstrap, the same for every cell.
    pairs
        Arm and kind of one cell, and of that which it is held against.
    """
    runs = runs_of(predictions)
    found: list[dict[str, Any]] = []
    for scheme in dict.fromkeys(scheme for scheme, _, _ in runs if scheme != ALL):
        drawn = {
            experiment: [_auc(run, resamples) for run in runs[scheme, *experiment]]
            for experiment in dict.fromkeys(one for pair in pairs for one in pair)
            if (scheme, *experiment) in runs
        }
        for experiment, against in pairs:
            if experiment in drawn and against in drawn:
                both = zip(drawn[experiment], drawn[against], strict=True)
                apart = over_repeats([ours - theirs for ours, theirs in both])
                if not np.isnan(apart[0]):
                    found.append(difference(scheme, experiment, against, apart))
    for one, corrected in zip(found, holm([one["p"] for one in found]), strict=True):
        one["p_holm"] = corrected
    return found


def difference(
    scheme: str, experiment: tuple[str, str], against: tuple[str, str], apart: NDArray[np.float64]
) -> dict[str, Any]:
    """A difference as JSON values.

    Parameters
    ----------
    scheme, experiment, against
        Under which scheme, of which arm and kind, held against which.
    apart
        The difference of all rows and in each resample, ``float64[1 + R]``.
    """
    known = apart[~np.isnan(apart)]
    sides = (int((known[1:] <= 0).sum()), int((known[1:] >= 0).sum()))
    p = min(1.0, 2 * (min(sides) + 1) / len(known))
    return {"scheme": scheme, "cell": list(experiment), "against": list(against), "auc": figure_json(apart), "p": p}


def comparisons(predictions: Mapping[ExperimentKey, GradedRows], plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Families of differences: arms of one kind, kinds of one arm, every cell against each baseline, every variant
    against its arm.

    Each family is corrected for the number of its differences, all schemes together; that of the baselines for each
    baseline by itself.
    """
    arms, kinds = list(plan.arms), [kind.value for kind in plan.kinds]
    experiments = [(arm, kind) for arm in arms for kind in kinds]
    simple = GraderKind.LOGISTIC_REGRESSION.value
    baselines = [(name, simple) for name in plan.baselines]
    variants = [((name, simple), (variant.arm, simple)) for name, variant in plan.variants.items()]
    return {
        "arms": differences(
            predictions,
            plan.resamples,
            [((one, kind), (other, kind)) for kind in kinds for other, one in combinations(arms, 2)],
        ),
        "kinds": differences(
            predictions,
            plan.resamples,
            [((arm, one), (arm, other)) for arm in arms for one, other in combinations(kinds, 2)],
        ),
        "baselines": [
            one
            for baseline in baselines
            for one in differences(predictions, plan.resamples, [(experiment, baseline) for experiment in experiments])
        ],
        "variants": differences(predictions, plan.resamples, variants),
    }


def holm(p: Sequence[float]) -> list[float]:
    """P values corrected for their number by Holm's step-down procedure (1979)."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(each) for each in corrected]


def _auc(rows: GradedRows, resamples: int) -> NDArray[np.float64]:
    return mean_auc(rows.scored, frame_weights(rows.groups, resamples))
