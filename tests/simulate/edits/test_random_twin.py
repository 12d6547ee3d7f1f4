"""A random twin is the same whenever it is drawn alike, and no change of it is one that twins evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nonet.frames import picture_changes
from nonet.simulate import simulate
from nonet.simulate.edits.random_twin import random_twin

if TYPE_CHECKING:
    from collections.abc import Callable

EVALUATED = {
    "zoomed": (0.6, 0.68, 0.8, 1.25, 1.5),
    "on_black": (0.6, 0.68, 0.8),
    "with_gain": (0.8, 1.2),
    "with_gamma": (0.8, 1.25),
    "with_dynamic_range": (0.8, 1.2),
    "blurred": (1.0, 1.5),
    "speckled": (6.0,),
    "compressed": (50,),
    "rotated": (-10.0, -5.0, 5.0, 10.0),
}


def frame() -> np.ndarray:
    return np.asarray(simulate(9000051).pixels)[::4, ::4]


def test_the_same_draw_is_the_same_picture() -> None:
    pixels = frame()
    first, again, other = (random_twin(pixels, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous


def test_every_change_is_made_and_none_by_an_evaluated_amount(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts: dict[str, list[float]] = {name: [] for name in EVALUATED}

    def noting(name: str, made: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        def noted(pixels: np.ndarray, amount: float, *rest: Any, **more: Any) -> np.ndarray:
            amounts[name].append(amount)
            return made(pixels, amount, *rest, **more)

        return noted

    for name in EVALUATED:
        monkeypatch.setattr(picture_changes, name, noting(name, getattr(picture_changes, name)))
    pixels, rng = frame(), np.random.default_rng(3)
    for _ in range(150):
        random_twin(pixels, rng)
    for name, evaluated in EVALUATED.items():
        assert len(amounts[name]) >= 10, name
        nearest = np.abs(np.subtract.outer(amounts[name], evaluated)) / np.abs(evaluated)
        assert nearest.min() > 0.015, name


def test_what_is_black_stays_black() -> None:
    rng = np.random.default_rng(5)
    brightest = max(int(random_twin(np.zeros((60, 80), np.uint8), rng).max()) for _ in range(30))
    assert brightest <= 1, "JPEG rounds black to 1 at some qualities"
