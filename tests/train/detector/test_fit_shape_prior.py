"""A shape prior is fitted to boxes of any zoom, place and mirror, some of them missing, some wrong."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES
from nonet.detect.shape_prior import OUTLIER_SHARE, ShapePrior
from nonet.errors import TrainingError
from nonet.reading import Face
from nonet.simulate.head.structure_positions import draw_layout, layout_prior
from nonet.train.detector.fit_shape_prior import fit_shape_prior


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of heads as the simulator draws them, a tenth missing, and whether each faces right."""
    rng = np.random.default_rng(seed)
    turned = rng.random(count) < 0.5
    frames = np.stack([frame(rng, bool(right)) for right in turned])
    frames[rng.random((count, 9)) < 0.1] = np.nan
    return frames, turned


def frame(rng: np.random.Generator, right: bool) -> np.ndarray:
    layout = draw_layout(rng, rng.uniform(45, 84))
    rows = np.array([layout[structure] for structure in STRUCTURES]) * rng.uniform(5, 15)
    centre = rows[:, :2] * (-1 if right else 1, 1) + rng.uniform(100, 700, 2)
    return np.hstack([centre - rows[:, 2:] / 2, centre + rows[:, 2:] / 2])


@pytest.fixture(scope="module")
def fitted() -> ShapePrior:
    return fit_shape_prior(drawn(150, 0)[0])


def test_the_mean_is_that_of_the_heads(fitted: ShapePrior) -> None:
    places = (4 * np.arange(9)[:, None] + np.arange(2)).ravel()
    assert fitted.mean == pytest.approx(layout_prior().mean[places], abs=0.15)


def test_the_face_is_found_on_heads_not_trained_on(fitted: ShapePrior) -> None:
    frames, turned = drawn(100, 1)
    faces = [fitted.fit(np.nan_to_num(edges), ~np.isnan(edges[:, 0])).face for edges in frames]
    assert faces == [Face.RIGHT if right else Face.LEFT for right in turned]


def test_few_true_boxes_are_rare_and_most_misplaced_ones_are(fitted: ShapePrior) -> None:
    frames = drawn(200, 2)[0]
    known = ~np.isnan(frames[..., 0])
    true = [
        fitted.fit(np.nan_to_num(edges), seen).tail_share[seen, 0] for edges, seen in zip(frames, known, strict=True)
    ]
    assert (np.concatenate(true) < OUTLIER_SHARE).mean() < 4 * OUTLIER_SHARE
    moved = [
        fitted.fit(np.nan_to_num(displaced(edges, 0)), seen).tail_share[0, 0] for edges, seen in with_first(frames)
    ]
    assert (np.array(moved) < OUTLIER_SHARE).mean() > 0.9


def with_first(frames: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(edges, ~np.isnan(edges[:, 0])) for edges in frames if not np.isnan(edges[0, 0])]


def displaced(edges: np.ndarray, index: int) -> np.ndarray:
    """One box a head's unit lower and further on."""
    inner = (edges[:5, :2] + edges[:5, 2:]) / 2
    unit = np.sqrt(((inner - np.nanmean(inner, axis=0)) ** 2).sum(axis=1))
    changed = edges.copy()
    changed[index] += 1.5 * np.nanmean(unit)
    return changed


def test_a_few_wrong_boxes_hardly_move_it(fitted: ShapePrior) -> None:
    frames = drawn(150, 0)[0]
    frames[::50, 0] += 300
    assert fit_shape_prior(frames).mean == pytest.approx(fitted.mean, abs=0.05)


def test_scores_are_left_alone_until_it_is_weighed(fitted: ShapePrior) -> None:
    assert fitted.weight == 0


@pytest.mark.parametrize("frames", [drawn(10, 0)[0], np.full((50, 9, 4), np.nan)])
def test_too_few_frames_are_refused(frames: np.ndarray) -> None:
    with pytest.raises(TrainingError):
        fit_shape_prior(frames)
