"""How often grey levels lie side by side: the co-occurrence matrices and what their formulas share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nonet.radiomics.arithmetic import Reals, shannon, summed
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest

__all__ = ["Cooccurrence", "cooccurrence"]

_DIRECTIONS = ((0, 1), (1, 1), (1, 0), (1, -1))


@dataclass(frozen=True)
class Cooccurrence:
    """Symmetric probabilities of pairs of grey levels in ``m`` matrices.

    Parameters
    ----------
    pairs
        ``float64[m, g, g]``, number of pairs of levels, each pair counted both ways.
    """

    pairs: Reals

    @classmethod
    def stacked(cls, several: Sequence[Cooccurrence]) -> Cooccurrence:
        """The matrices of several regions with as many levels, one after the other."""
        return cls(np.concatenate([one.pairs for one in several])) if len(several) > 1 else several[0]

    @cached_property
    def p(self) -> Reals:
        """``float64[m, g, g]``, p_ij; NaN where a matrix has no pair."""
        return self.pairs / summed(summed(self.pairs))[:, None, None]

    @cached_property
    def levels(self) -> Reals:
        """``float64[g]``, i."""
        return np.arange(1.0, self.pairs.shape[-1] + 1)

    @cached_property
    def marginal(self) -> Reals:
        """``float64[m, g]``, p_i., which is p_.j as well."""
        return summed(self.p)

    @cached_property
    def mean(self) -> Reals:
        """``float64[m]``, mean grey level of a pixel in a pair."""
        return summed(self.marginal * self.levels)

    @cached_property
    def centred(self) -> Reals:
        """``float64[m, g]``, i - mean."""
        return self.levels - self.mean[:, None]

    @cached_property
    def variance(self) -> Reals:
        """``float64[m]``, variance of the grey level of a pixel in a pair."""
        return summed(self.marginal * self.centred**2)

    @cached_property
    def differences(self) -> Reals:
        """``float64[g]``, the differences k = |i - j| that ``p_difference`` speaks of, from 0."""
        return self.levels - 1

    @cached_property
    def p_difference(self) -> Reals:
        """``float64[m, g]``, probability of each difference (p_i-j in IBSI)."""
        signed = _antidiagonal_sums(self.p[:, :, ::-1])[:, self.levels.size - 1 :]
        return np.concatenate([signed[:, :1], 2 * signed[:, 1:]], axis=1)  # as the matrix is symmetric

    @cached_property
    def sums(self) -> Reals:
        """``float64[2 g - 1]``, the sums k = i + j that ``p_sum`` speaks of, from 2."""
        return np.arange(2.0, 2 * self.levels.size + 1)

    @cached_property
    def p_sum(self) -> Reals:
        """``float64[m, 2 g - 1]``, probability of each sum (p_i+j in IBSI)."""
        return _antidiagonal_sums(self.p)

    @cached_property
    def centred_sums(self) -> Reals:
        """``float64[m, 2 g - 1]``, i + j - 2 mean."""
        return self.sums - 2 * self.mean[:, None]

    @cached_property
    def joint_entropy(self) -> Reals:
        """``float64[m]``, HXY, bits."""
        return shannon(self.p.reshape(len(self.p), -1))

    @cached_property
    def marginal_entropy(self) -> Reals:
        """``float64[m]``, HX, which is HY as well, bits."""
        return shannon(self.marginal)


def _antidiagonal_sums(matrices: Reals) -> Reals:
    """Sums over the entries of equal i + j, ``float64[m, g, g]`` to ``float64[m, 2 g - 1]``.

    Rows of twice the length, read as if they were one shorter, stand one column further right each.
    """
    count, side, _ = matrices.shape
    wide = np.zeros((count, side, 2 * side))
    wide[:, :, :side] = matrices
    skewed = wide.reshape(count, -1)[:, : side * (2 * side - 1)].reshape(count, side, -1)
    sums: Reals = np.add.reduce(skewed, axis=1)
    return sums


def cooccurrence(region: RegionOfInterest) -> Cooccurrence:
    """Pairs at the settings' distance in four directions, and in all of them together, ``m = 5``."""
    distance = region.settings.glcm_distance
    padded = framed(region.levels, (0, distance), (distance, distance))
    flat, line, side = padded.ravel(), padded.shape[1], region.level_count + 1
    first = flat * side
    counted = []
    for dy, dx in _DIRECTIONS:
        step = distance * (dy * line + dx)
        codes = first[:-step] + flat[step:]
        counted.append(np.bincount(codes, minlength=side * side))
    pairs = np.stack(counted).reshape(4, side, side)[:, 1:, 1:].astype(np.float64)
    pairs += pairs.transpose(0, 2, 1)
    return Cooccurrence(np.concatenate([pairs, pairs.sum(axis=0, keepdims=True)]))
