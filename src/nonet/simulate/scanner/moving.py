"""Chance that follows the tissue: speckle and texture that stay with it, and give way as the plane leaves it.

A plane that moves across the tissue meets other scatterers. Between two sheets of them, a fixed distance apart, the
picture is a mixture whose shares are cosine and sine, so that its variance stays and nearby planes resemble each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nonet.simulate.scanner.speckle import branches

if TYPE_CHECKING:
    from nonet.simulate.head.scene import FloatArray

__all__ = ["DriftingDraws", "MovingSpeckle", "ScattererPlaces"]

_TEXTURE_MM, _SPECKLE_MM = 2.0, 1.2
"""How far apart the sheets of texture and of scatterers lie."""
_CELL_MM, _CELLS = 0.08, 1024
_MANY = 100_000
"""Keeps the numbers of sheets on the far side from being negative."""


class DriftingDraws:
    """Stands for a random generator; its noise changes little by little with a plane's distance from the midline.

    Each call has streams of its own, so that noise of another length has the same beginning.

    Parameters
    ----------
    seed
        The same seed and distance give the same draws.
    across_mm
        Signed distance of the plane from the midline.
    """

    def __init__(self, seed: np.random.SeedSequence, across_mm: float) -> None:
        self._seed, self._calls = seed, 0
        sheet, share = _sheets(np.array(across_mm), _TEXTURE_MM)
        self._sheets, self._shares = (int(sheet), int(sheet) + 1), (float(np.cos(share)), float(np.sin(share)))

    def standard_normal(self, size: Any, dtype: Any = np.float64) -> FloatArray:  # noqa: ANN401
        """Noise of unit variance, as `numpy.random.Generator.standard_normal` gives."""
        self._calls += 1
        parts = zip(self._sheets, self._shares, strict=True)
        return np.asarray(sum(share * self._stream(sheet).standard_normal(size, dtype) for sheet, share in parts))

    def uniform(self, low: float, high: float, size: int) -> FloatArray:
        """Numbers between two limits, the same in every plane."""
        self._calls += 1
        return self._stream(0).uniform(low, high, size)

    def _stream(self, sheet: int) -> np.random.Generator:
        key = (*self._seed.spawn_key, self._calls, sheet)
        return np.random.default_rng(np.random.SeedSequence(self._seed.entropy, spawn_key=key))


@dataclass(frozen=True, slots=True)
class ScattererPlaces:
    """Where in the tissue each sample lies, each ``float[depths, lines]``: in the plane, and across it, mm."""

    x: FloatArray
    y: FloatArray
    across: FloatArray


class MovingSpeckle:
    """Complex Gaussian scatterers that stand still in the tissue.

    Parameters
    ----------
    seed
        The same seed gives the same tissue.
    places
        Where the machine's samples lie in it.
    """

    def __init__(self, seed: np.random.SeedSequence, places: ScattererPlaces) -> None:
        self._seed, self._looks = seed, 0
        self._cell = [np.floor(each / _CELL_MM).astype(np.int64) for each in (places.x, places.y)]
        self._sheet, share = _sheets(places.across, _SPECKLE_MM)
        self._shares = np.cos(share).astype(np.float32), np.sin(share).astype(np.float32)

    def look(self, shape: tuple[int, int]) -> NDArray[np.complex64]:
        """The scatterers of the next look, ``complex[depths, lines]``, unit variance in each part."""
        self._looks += 1
        tile = _tile(self._seed.entropy, self._seed.spawn_key)
        total = np.zeros(shape, dtype=np.complex64)
        for step, share in enumerate(self._shares):
            place = _hashed(self._sheet + step, self._looks)
            column, row = (self._cell[0] + place) % _CELLS, (self._cell[1] + place // _CELLS) % _CELLS
            total += share * tile[row, column]
        return total


def _sheets(across_mm: FloatArray, apart_mm: float) -> tuple[NDArray[np.int64], FloatArray]:
    """The number of the sheet before each distance, and how far on the next one is, as an angle to a quarter turn."""
    along = across_mm / apart_mm + _MANY
    sheet = np.floor(along)
    return sheet.astype(np.int64), np.asarray((along - sheet) * np.pi / 2)


def _hashed(sheet: NDArray[np.int64], look: int) -> NDArray[np.int64]:
    """Where on the tile the scatterers of a sheet and a look begin: any of its cells, and never near each other."""
    mixed = (sheet * 2_654_435_761 + look * 40_503 * 65_537) % (1 << 32)
    return np.asarray((mixed ^ (mixed >> 15)) * 1_103_515_245 % (1 << 32) % (_CELLS * _CELLS))


@lru_cache(maxsize=2)
def _tile(entropy: int | tuple[int, ...], spawn_key: tuple[int, ...]) -> NDArray[np.complex64]:
    """Scatterers for any place, repeated without end, ``complex[1024, 1024]``."""
    stream = np.random.default_rng(branches(np.random.SeedSequence(entropy, spawn_key=spawn_key), 1)[0])
    parts = stream.standard_normal((2, _CELLS, _CELLS), dtype=np.float32)
    return np.asarray(parts[0] + 1j * parts[1], dtype=np.complex64)
