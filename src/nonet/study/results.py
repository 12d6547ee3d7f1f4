"""The figures of a study, derived from its predictions alone."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import figure, frame_weights
from nonet.evaluate.classification import ClassMeasure, Judged, figures, samples, within_auc
from nonet.study.dividing import INTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.study.predictions import Said

__all__ = ["differences", "holm", "pooled", "results"]

_DIGITS = 6

Cell = tuple[str, str, str]
"""Scheme, arm, kind."""


def pooled(said: Iterable[Said]) -> dict[Cell, Said]:
    """The rows of all divisions of a scheme together, by scheme, arm and kind."""
    together: dict[Cell, list[Said]] = {}
    for one in said:
        together.setdefault((one.scheme, one.arm, one.kind), []).append(one)
    return {cell: _joined(parts) for cell, parts in together.items()}


def results(said: Mapping[Cell, Said], positive: str, resamples: int) -> list[dict[str, Any]]:
    """Every figure of every cell with its 95 % interval, by bootstrap over patients, or else frames.

    ``within_layout_auc`` counts only pairs of one screen layout; ``devices`` holds the figures of each device family
    with rows of every class; ``conformal`` the coverage of each class, before the most probable
    class is added, the mean size of the sets and the share of those with one class.
    """
    return [_cell(cell, one, positive, resamples) for cell, one in said.items()]


def differences(
    said: Mapping[Cell, Said], positive: str, resamples: int, arms: Sequence[str], kinds: Sequence[str]
) -> list[dict[str, Any]]:
    """Paired differences of the internal AUC between arms of one kind, Holm-corrected over all of them.

    ``p`` is twice the share of resamples on the other side of no difference, both sides counting one more.
    """
    found: list[dict[str, Any]] = []
    values: list[float] = []
    for kind in kinds:
        drawn = {arm: _auc(said[INTERNAL, arm, kind], positive, resamples) for arm in arms}
        for second, first in _pairs(arms):
            apart = drawn[first] - drawn[second]
            sides = (int((apart[1:] <= 0).sum()), int((apart[1:] >= 0).sum()))
            p = min(1.0, 2 * (min(sides) + 1) / len(apart))
            values.append(p)
            found.append({"kind": kind, "arm": first, "against": second, "auc": _told(apart), "p": p})
    for one, corrected in zip(found, holm(values), strict=True):
        one["p_holm"] = corrected
    return found


def holm(p: Sequence[float]) -> list[float]:
    """P values corrected for their number by Holm's step-down procedure (1979)."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(each) for each in corrected]


def _pairs(arms: Sequence[str]) -> list[tuple[str, str]]:
    """Each arm with each later one."""
    pairs = [(first, second) for place, first in enumerate(arms) for second in arms[place + 1 :]]
    return pairs or list(pairwise(arms))


def _cell(cell: Cell, said: Said, positive: str, resamples: int) -> dict[str, Any]:
    scheme, arm, kind = cell
    judged, weights = _judged(said, positive), _weights(said, resamples)
    layouts = said.words["layout"]
    return {
        "scheme": scheme,
        "arm": arm,
        "kind": kind,
        "rows": len(said.probabilities),
        **_figures(judged, weights),
        "within_layout_auc": _told(within_auc(judged, layouts, weights)),
        "devices": {
            device: {"rows": int(rows.sum()), **_figures(judged.take(rows), weights[:, rows])}
            for device, rows in _by(said.words["device"], said.labels)
        },
        "structures": {
            structure: {"rows": int(rows.sum()), **_figures(judged.take(rows), weights[:, rows])}
            for structure, rows in _by(said.words["structure"], said.labels)
            if structure
        },
        "conformal": _conformal(said, weights),
    }


def _conformal(said: Said, weights: NDArray[np.int32]) -> dict[str, Any]:
    labels, sizes = said.labels, said.sets.sum(axis=1)
    right = said.sets[np.arange(len(labels)), labels]
    return {
        "coverage": {name: _told(_share(right, labels == place, weights)) for place, name in enumerate(said.classes)},
        "mean_size": _told(_share(sizes, np.ones(len(sizes), np.bool_), weights)),
        "singletons": _told(_share(sizes == 1, np.ones(len(sizes), np.bool_), weights)),
        "empty": _told(_share(sizes == 0, np.ones(len(sizes), np.bool_), weights)),
    }


def _share(value: NDArray[Any], among: NDArray[np.bool_], weights: NDArray[np.int32]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = (weights @ (value * among)) / (weights @ among)
    return shares


def _auc(said: Said, positive: str, resamples: int) -> NDArray[np.float64]:
    return samples(_judged(said, positive), _weights(said, resamples))[ClassMeasure.AUC]


def _weights(said: Said, resamples: int) -> NDArray[np.int32]:
    return frame_weights(np.unique(said.words["group"], return_inverse=True)[1], resamples)


def _judged(said: Said, positive: str) -> Judged:
    return Judged(said.classes, said.probabilities, said.labels, said.classes.index(positive))


def _figures(judged: Judged, weights: NDArray[np.int32]) -> dict[str, Any]:
    return {
        measure.value: {end: _rounded(value) for end, value in asdict(told).items()}
        for measure, told in figures(judged, weights).items()
    }


def _told(drawn: NDArray[np.float64]) -> dict[str, float | None]:
    return {end: _rounded(value) for end, value in asdict(figure(drawn)).items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _by(words: NDArray[np.str_], labels: NDArray[np.intp]) -> list[tuple[str, NDArray[np.bool_]]]:
    """The rows of each word of which there are rows of two classes."""
    every = [(str(word), words == word) for word in np.unique(words)]
    return [(word, rows) for word, rows in every if len(np.unique(labels[rows])) > 1]


def _joined(parts: Sequence[Said]) -> Said:
    """Rows in the order of images and structures, so that cells can be compared in pairs."""
    words = {name: np.concatenate([one.words[name] for one in parts]) for name in parts[0].words}
    order = np.lexsort((words["structure"], words["image"]))
    first = parts[0]
    name = first.division if len(parts) == 1 else first.scheme
    return type(first)(
        first.scheme,
        name,
        first.arm,
        first.kind,
        first.classes,
        {key: each[order] for key, each in words.items()},
        np.concatenate([one.probabilities for one in parts])[order],
        np.concatenate([one.sets for one in parts])[order],
    )
