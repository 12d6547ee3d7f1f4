"""The kinds of grader: the ranges of each one's settings, how it is built and how it becomes ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from nonet.bundle.grader_kind import GraderKind
from nonet.train.graders.baseline_export import export_boosting, export_logistic_regression
from nonet.train.graders.baselines import boosting, logistic_regression
from nonet.train.graders.tab_transformer import TabTransformerClassifier, export_tab_transformer

__all__ = ["Setting", "build", "candidates", "export"]

Setting = dict[str, int | float]
"""Parameters of an estimator by their names."""

Choice = Callable[[float], int | float]
"""A value of a parameter from a number in 0 to 1."""


def candidates(kind: GraderKind, budget: int, seed: int) -> tuple[Setting, ...]:
    """``budget`` settings spread evenly over every parameter's range (a Latin hypercube; McKay et al. 1979)."""
    choices = _KINDS[kind].choices
    drawn = qmc.LatinHypercube(len(choices), rng=np.random.default_rng(seed)).random(budget)
    return tuple(
        {name: choose(share) for (name, choose), share in zip(choices.items(), row, strict=True)}
        for row in drawn.tolist()
    )


def build(
    kind: GraderKind,
    setting: Mapping[str, Any],
    *,
    categorical: Sequence[int],
    width: int,
    class_weight: Mapping[Any, float] | str | None,
    seed: int,
    blocks: Sequence[str] = (),
) -> Any:  # noqa: ANN401
    """An unfitted scikit-learn classifier of ``width`` columns, those in ``categorical`` codes of words.

    ``blocks`` names the block of each other column, where blocks are to count alike: in logistic regression, the one
    kind whose penalty depends on how columns are scaled.
    """
    scaled = {"blocks": blocks} if blocks and kind is GraderKind.LOGISTIC_REGRESSION else {}
    return _KINDS[kind].build(categorical, width, class_weight=class_weight, random_state=seed, **scaled, **setting)


def export(kind: GraderKind, classifier: Any) -> bytes:  # noqa: ANN401
    """A fitted classifier as the ONNX model that `nonet.grade.Grader` runs."""
    return _KINDS[kind].export(classifier)


@dataclass(frozen=True, slots=True)
class _Maker:
    build: Callable[..., Any]
    export: Callable[[Any], bytes]
    choices: dict[str, Choice]


def _between(low: float, high: float) -> Choice:
    return lambda share: low + (high - low) * share


def _decades(low: float, high: float) -> Choice:
    """Even on a logarithmic scale."""
    return lambda share: float(low * (high / low) ** share)


def _whole(choice: Choice) -> Choice:
    return lambda share: round(choice(share))


def _one_of(*values: int) -> Choice:
    return lambda share: values[int(share * len(values))]


def _tab_transformer(categorical: Sequence[int], _: int, **settings: Any) -> TabTransformerClassifier:  # noqa: ANN401
    return TabTransformerClassifier(categorical=tuple(categorical), **settings)


_KINDS = {
    GraderKind.TAB_TRANSFORMER: _Maker(
        _tab_transformer,
        export_tab_transformer,
        {
            "rate": _decades(3e-4, 3e-3),
            "weight_decay": _decades(1e-2, 1.0),
            "dropout": _between(0.1, 0.5),
            "depth": _one_of(1, 2),
            "binned": _one_of(8, 16, 32),
        },
    ),
    GraderKind.LOGISTIC_REGRESSION: _Maker(logistic_regression, export_logistic_regression, {"C": _decades(1e-4, 1e2)}),
    GraderKind.BOOSTING: _Maker(
        boosting,
        export_boosting,
        {
            "learning_rate": _decades(0.02, 0.3),
            "max_iter": _whole(_decades(30, 200)),
            "max_leaf_nodes": _whole(_decades(4, 31)),
            "min_samples_leaf": _whole(_decades(5, 50)),
            "l2_regularization": _decades(1e-3, 10),
        },
    ),
}
