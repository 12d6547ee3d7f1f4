"""Moran's I and Geary's C: how alike the intensities of near pixels are, over all pairs at once.

Both weigh every pair of pixels by the inverse of its distance. A sum over pairs that depends on
their offset alone is a product of Fourier transforms, so the cost is n log n and not n squared, and
nothing is sampled.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from nonet.radiomics.arithmetic import Reals, dot, total
from nonet.radiomics.region import RegionOfInterest

__all__ = ["Autocorrelation"]


@dataclass(frozen=True, slots=True)
class Autocorrelation:
    """Sums over ordered pairs of different pixels, each weighted by 1 / distance.

    Parameters
    ----------
    count
        Number of pixels.
    squares
        Sum of (x - mean)^2 over pixels.
    weights
        Sum of the weights.
    products
        Weighted sum of (x_a - mean) (x_b - mean).
    differences
        Weighted sum of (x_a - x_b)^2.
    """

    count: int
    squares: np.float64
    weights: np.float64
    products: np.float64
    differences: np.float64

    @classmethod
    def of(cls, region: RegionOfInterest) -> Autocorrelation:
        """The sums over a region's pairs of pixels."""
        deviations = np.zeros(region.mask.shape)
        if region.lowest < region.highest:
            deviations[region.inside] = region.intensities - total(region.intensities) / region.intensities.size
        squares = deviations**2
        half_periods = [fft.next_fast_len(length, real=True) for length in region.mask.shape]
        distances = _inverse_distances(half_periods)
        spectrum = _kernel_spectrum(distances)
        products = _products(_spectrum(deviations, half_periods), spectrum)
        if region.inside.ndim == 2 and region.inside.all():
            nearness = _nearness_in_rectangle(distances[tuple(slice(n) for n in region.mask.shape)])
        else:
            nearness = _nearness(region.inside, spectrum, half_periods)
        return cls(
            count=region.intensities.size,
            squares=total(squares),
            weights=total(nearness[region.inside]),
            products=products,
            differences=2 * (dot(squares, nearness) - products),
        )


def _inverse_distances(half_periods: list[int]) -> Reals:
    """1 / distance of the offsets from 0 to the half periods, and 0 for no offset."""
    steps = [np.arange(half + 1.0) ** 2 for half in half_periods]
    squared = functools.reduce(np.add.outer, steps)
    squared.flat[0] = np.inf
    inverse: Reals = 1 / np.sqrt(squared)
    return inverse


def _kernel_spectrum(distances: Reals) -> Reals:
    """Spectrum of 1 / distance over all offsets, laid out as a real transform's output.

    The kernel is even, so its spectrum is real and a cosine transform of one orthant. Its period is
    twice the half periods, so that no pair of pixels meets itself around the edge.
    """
    spectrum: Reals = fft.dctn(distances, type=1)
    for axis in range(spectrum.ndim - 1):
        mirrored = np.flip(spectrum, axis).take(range(1, spectrum.shape[axis] - 1), axis)
        spectrum = np.concatenate([spectrum, mirrored], axis)
    return spectrum


def _spectrum(image: Reals, half_periods: list[int]) -> NDArray[np.complex128]:
    spectrum: NDArray[np.complex128] = fft.rfftn(image, s=[2 * half for half in half_periods])
    return spectrum


def _products(spectrum: NDArray[np.complex128], kernel: Reals) -> np.float64:
    """Sum of x_p x_q / distance(p, q) over all pairs of pixels, by Parseval's theorem."""
    power = spectrum.real**2 + spectrum.imag**2
    power[..., 1:-1] *= 2  # the half of the last axis that a real transform leaves out
    periods = kernel[..., 0].size * 2 * (kernel.shape[-1] - 1)
    return dot(power, kernel) / float(periods)


def _nearness(inside: NDArray[np.bool_], kernel: Reals, half_periods: list[int]) -> Reals:
    """Sum of 1 / distance from each pixel to all others inside."""
    spectrum = _spectrum(inside.astype(np.float64), half_periods) * kernel
    wide: Reals = fft.irfftn(spectrum, s=[2 * half for half in half_periods])
    return wide[tuple(slice(length) for length in inside.shape)]


def _nearness_in_rectangle(distances: Reals) -> Reals:
    """The same where all pixels are inside: a pixel sees a block of the kernel in each of four quadrants."""
    quadrant: Reals = distances.copy()
    quadrant[0] /= 2  # the axes between two quadrants belong half to each
    quadrant[:, 0] /= 2
    reach: Reals = quadrant.cumsum(axis=0).cumsum(axis=1)
    reach += reach[::-1].copy()
    reach += reach[:, ::-1].copy()
    return reach
