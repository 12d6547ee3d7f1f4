"""Each matrix equals the one that its definition spells out pixel by pixel, on any mask and at any distance."""

from collections import Counter
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from regions import Grey, Mask, masked_images, region_of
from scipy import ndimage

from nonet.radiomics import FixedBinNumber, RadiomicsSettings
from nonet.radiomics.cooccurrence import cooccurrence
from nonet.radiomics.counts import Counts
from nonet.radiomics.gldzm import distance_to_edge, zone_distances
from nonet.radiomics.glrlm import run_lengths
from nonet.radiomics.glszm import zone_sizes
from nonet.radiomics.ngldm import dependences
from nonet.radiomics.ngtdm import tone_differences

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
EVERY_CORNER = np.ones((3, 3))


def entries(counts: Counts, matrix: int = 0) -> Counter[tuple[int, int]]:
    """Level and size of everything counted."""
    found: Counter[tuple[int, int]] = Counter()
    for level, column in zip(*np.nonzero(counts.entries[matrix]), strict=True):
        found[int(level) + 1, int(counts.sizes[column])] += int(counts.entries[matrix, level, column])
    return found


def at(levels: NDArray[np.intp], y: int, x: int) -> int:
    """The level of a pixel, 0 beyond the edge."""
    return int(levels[y, x]) if 0 <= y < levels.shape[0] and 0 <= x < levels.shape[1] else 0


def pixels(levels: NDArray[np.intp]) -> list[tuple[int, int]]:
    return [(int(y), int(x)) for y, x in np.argwhere(levels)]


def around(distance: int) -> list[tuple[int, int]]:
    steps = range(-distance, distance + 1)
    return [step for step in product(steps, steps) if step != (0, 0)]


@given(masked_images(), st.integers(1, 3))
@settings(deadline=None, max_examples=60)
def test_cooccurrence(masked: tuple[Grey, Mask], distance: int) -> None:
    region = region_of(*masked, RadiomicsSettings(FixedBinNumber(5), glcm_distance=distance))
    levels, expected = region.levels, np.zeros((region.level_count,) * 2)
    for (y, x), (dy, dx), sign in product(pixels(levels), DIRECTIONS, (1, -1)):
        other = at(levels, y + sign * distance * dy, x + sign * distance * dx)
        if other:
            expected[levels[y, x] - 1, other - 1] += 1
    found = cooccurrence(region).pairs
    np.testing.assert_array_equal(found[4], expected)
    np.testing.assert_array_equal(found[:4].sum(axis=0), expected)


@given(masked_images())
@settings(deadline=None, max_examples=60)
def test_run_lengths(masked: tuple[Grey, Mask]) -> None:
    region = region_of(*masked, RadiomicsSettings(FixedBinNumber(4)))
    levels, runs = region.levels, Counter()
    for (y, x), (dy, dx) in product(pixels(levels), DIRECTIONS):
        if at(levels, y - dy, x - dx) != levels[y, x]:
            length = next(n for n in range(1, 99) if at(levels, y + n * dy, x + n * dx) != levels[y, x])
            runs[int(levels[y, x]), length] += 1
    found = run_lengths(region)
    assert entries(found, 4) == runs
    assert all((found.entries[k].sum(axis=0) * found.sizes).sum() == len(pixels(levels)) for k in range(4))


@given(masked_images())
@settings(deadline=None, max_examples=60)
def test_zones_and_their_distances(masked: tuple[Grey, Mask]) -> None:
    region = region_of(*masked, RadiomicsSettings(FixedBinNumber(3)))
    levels, sizes, distances = region.levels, Counter(), Counter()
    edge = distance_to_edge(region.mask)
    for level in range(1, region.level_count + 1):
        labels, count = ndimage.label(levels == level, EVERY_CORNER)
        for zone in range(1, count + 1):
            sizes[level, int((labels == zone).sum())] += 1
            distances[level, int(edge[labels == zone].min())] += 1
    assert entries(zone_sizes(region)) == sizes
    assert entries(zone_distances(region)) == distances


def test_a_spiral_is_one_zone() -> None:
    n = 41
    spiral = np.zeros((n, n), dtype=np.uint8)
    y, x, dy, dx = 0, -1, 0, 1
    for length in [n, *(side for k in range(n - 1, 0, -2) for side in (k, k))]:
        for _ in range(length):
            y, x = y + dy, x + dx
            spiral[y, x] = 1
        dy, dx = dx, -dy
    found = entries(
        zone_sizes(region_of(spiral, np.ones_like(spiral, dtype=bool), RadiomicsSettings(FixedBinNumber(2))))
    )
    assert found[2, int(spiral.sum())] == 1


@given(masked_images())
@settings(deadline=None, max_examples=60)
def test_distance_to_edge(masked: tuple[Grey, Mask]) -> None:
    mask = masked[1]
    outside = [tuple(place) for place in np.argwhere(~np.pad(mask, 1)) - 1]
    for y, x in pixels(mask.astype(int)):
        assert distance_to_edge(mask)[y, x] == min(abs(y - v) + abs(x - u) for v, u in outside)


@given(masked_images(), st.integers(1, 2), st.integers(0, 2))
@settings(deadline=None, max_examples=60)
def test_dependences(masked: tuple[Grey, Mask], distance: int, coarseness: int) -> None:
    chosen = RadiomicsSettings(FixedBinNumber(6), ngldm_distance=distance, ngldm_coarseness=coarseness)
    region = region_of(*masked, chosen)
    levels, expected = region.levels, Counter()
    for y, x in pixels(levels):
        neighbours = [at(levels, y + dy, x + dx) for dy, dx in around(distance)]
        alike = sum(1 for other in neighbours if other and abs(other - levels[y, x]) <= coarseness)
        expected[int(levels[y, x]), 1 + alike] += 1
    assert entries(dependences(region)) == expected


@given(masked_images(), st.integers(1, 2))
@settings(deadline=None, max_examples=60)
def test_tone_differences(masked: tuple[Grey, Mask], distance: int) -> None:
    region = region_of(*masked, RadiomicsSettings(FixedBinNumber(6), ngtdm_distance=distance))
    levels, count, difference = region.levels, Counter(), Counter()
    for y, x in pixels(levels):
        neighbours = [other for dy, dx in around(distance) if (other := at(levels, y + dy, x + dx))]
        if neighbours:
            count[int(levels[y, x])] += 1
            difference[int(levels[y, x])] += abs(levels[y, x] - sum(neighbours) / len(neighbours))
    found = tone_differences(region)
    assert dict(zip(found.levels, found.pixels, strict=True)) == count
    np.testing.assert_allclose(found.differences, [difference[level] for level in sorted(count)], atol=1e-12)
