"""The scatterers of a frame: noise that stands still, or moves on little by little through a cine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Speckle", "branches"]


def branches(seed: np.random.SeedSequence, count: int) -> list[np.random.SeedSequence]:
    """Independent children of a seed, the same at every call."""
    return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key).spawn(count)


class Speckle:
    """Complex Gaussian scatterers, the same for the same seed and phase.

    Parameters
    ----------
    seed
        Two independent sets of scatterers are drawn from it.
    phase
        How far the one has turned into the other, in radians: frames that differ by ``d`` are
        correlated by ``cos(d)``.
    """

    def __init__(self, seed: np.random.SeedSequence, phase: float) -> None:
        self._streams = [np.random.default_rng(child) for child in branches(seed, 2)]
        self._shares = np.array([np.cos(phase), np.sin(phase)], dtype=np.float32)

    def look(self, shape: tuple[int, int]) -> NDArray[np.complex64]:
        """The scatterers of the next look, ``complex[depths, lines]``, unit variance in each part."""
        total = np.zeros((2, *shape), dtype=np.float32)
        for stream, share in zip(self._streams, self._shares, strict=True):
            if share:
                total += share * stream.standard_normal(total.shape, dtype=np.float32)
        return np.asarray(total[0] + 1j * total[1], dtype=np.complex64)
