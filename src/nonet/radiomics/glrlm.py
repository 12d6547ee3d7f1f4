"""Grey level run length matrix (IBSI 3.7): how long equal grey levels continue in four directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nonet.radiomics import counts
from nonet.radiomics.counts import Counts
from nonet.radiomics.definition import DirectionalFamily
from nonet.radiomics.framing import framed
from nonet.radiomics.region import RegionOfInterest

__all__ = ["FAMILY", "run_lengths"]


def run_lengths(region: RegionOfInterest) -> Counts:
    """Runs by grey level and length, ``[5, g, l]``: rows, columns, both diagonals, and all of them.

    A run ends where the level changes or the region ends. All lines of a direction are laid end to
    end with a zero between them, so that one comparison of neighbours finds every run.
    """
    lines = _lines(region.compact_levels)
    values = np.concatenate(lines)
    starts = np.flatnonzero(values[1:] != values[:-1]) + 1
    starts = np.concatenate([[0], starts])
    levels = values[starts].astype(np.intp)
    lengths = np.diff(starts, append=values.size) * (levels > 0)
    limits = np.searchsorted(starts, np.cumsum([line.size for line in lines]))
    direction = np.repeat(np.arange(4), np.diff(limits, prepend=0))
    return _stacked(levels, lengths, direction, region)


def _lines(levels: NDArray[np.unsignedinteger]) -> list[NDArray[np.unsignedinteger]]:
    """The levels line after line, for each of the four directions, a zero at the end of each line."""
    if levels.shape[0] > levels.shape[1]:
        levels = levels.T  # a diagonal stays a diagonal, and the shorter side costs less padding
    return [
        framed(levels, (0, 0), (0, 1)).ravel(),
        framed(levels.T, (0, 0), (0, 1)).ravel(),
        _diagonals(levels),
        _diagonals(levels[:, ::-1]),
    ]


def _diagonals(levels: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """Lines of the falling diagonal: rows written one column further apart stand in columns when read."""
    height, width = levels.shape
    buffer = np.zeros((height + 1) * (width + height + 1), dtype=levels.dtype)
    buffer[: height * (width + height)].reshape(height, width + height)[:, :width] = levels
    return buffer.reshape(height + 1, -1).T.ravel()


def _stacked(
    levels: NDArray[np.intp], lengths: NDArray[np.intp], direction: NDArray[np.intp], region: RegionOfInterest
) -> Counts:
    rows, columns = region.level_count + 1, int(lengths.max()) + 1
    codes = (direction * rows + levels) * columns + lengths
    counted = np.bincount(codes, minlength=4 * rows * columns).reshape(4, rows, columns)
    entries = counted[:, 1:, 1:].astype(np.float64)
    pixels = float(region.intensities.size)
    return Counts(
        entries=np.concatenate([entries, entries.sum(axis=0, keepdims=True)]),
        sizes=np.arange(1.0, columns),
        pixels=np.array([pixels, pixels, pixels, pixels, 4 * pixels]),
    )


FAMILY = DirectionalFamily("glrlm", "Grey level run length matrix", "TP0I", run_lengths)

for _name, _ibsi_id, _section, _formula in (
    ("short_runs_emphasis", "22OV", "3.7.1", counts.small_emphasis),
    ("long_runs_emphasis", "W4KF", "3.7.2", counts.large_emphasis),
    ("low_grey_level_run_emphasis", "V3SW", "3.7.3", counts.low_grey_level_emphasis),
    ("high_grey_level_run_emphasis", "G3QZ", "3.7.4", counts.high_grey_level_emphasis),
    ("short_run_low_grey_level_emphasis", "HTZT", "3.7.5", counts.small_low_grey_level_emphasis),
    ("short_run_high_grey_level_emphasis", "GD3A", "3.7.6", counts.small_high_grey_level_emphasis),
    ("long_run_low_grey_level_emphasis", "IVPO", "3.7.7", counts.large_low_grey_level_emphasis),
    ("long_run_high_grey_level_emphasis", "3KUM", "3.7.8", counts.large_high_grey_level_emphasis),
    ("grey_level_non_uniformity", "R5YN", "3.7.9", counts.grey_level_non_uniformity),
    ("normalised_grey_level_non_uniformity", "OVBL", "3.7.10", counts.normalised_grey_level_non_uniformity),
    ("run_length_non_uniformity", "W92Y", "3.7.11", counts.size_non_uniformity),
    ("normalised_run_length_non_uniformity", "IC23", "3.7.12", counts.normalised_size_non_uniformity),
    ("run_percentage", "9ZK5", "3.7.13", counts.percentage),
    ("grey_level_variance", "8CE5", "3.7.14", counts.grey_level_variance),
    ("run_length_variance", "SXLW", "3.7.15", counts.size_variance),
    ("run_entropy", "HJ9O", "3.7.16", counts.entropy),
):
    FAMILY.feature(_name, _ibsi_id, _section)(_formula)
