"""Zones: pixels of one grey level that touch by an edge or a corner, found in one pass over the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Zones", "zones_of"]


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a level image.

    Parameters
    ----------
    labels
        ``intp[h, w]``, index of the zone that a pixel belongs to; pixels outside the region form
        zones of level 0.
    levels
        ``intp[k]``, grey level of each zone.
    """

    labels: NDArray[np.intp]
    levels: NDArray[np.intp]


def zones_of(levels: NDArray[np.unsignedinteger]) -> Zones:
    """Label 8-connected pixels of equal level.

    Runs along rows are the nodes of a graph, contacts between runs of neighbouring rows its edges,
    and zones its connected components. The cost is linear in pixels for the image, and in runs
    times a few rounds for the components, whatever the number of levels.
    """
    starts = np.ones(levels.shape, dtype=np.bool_)
    np.not_equal(levels[:, 1:], levels[:, :-1], out=starts[:, 1:])
    runs = np.cumsum(starts, dtype=np.intp).reshape(levels.shape) - 1
    upper, lower = _contacts(levels, starts, runs)
    roots = _components(upper, lower, int(runs[-1, -1]) + 1)
    is_root = roots == np.arange(roots.size)
    index = np.cumsum(is_root) - 1
    return Zones(labels=index[roots][runs], levels=levels[starts][is_root].astype(np.intp))


def _contacts(
    levels: NDArray[np.unsignedinteger], starts: NDArray[np.bool_], runs: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of touching runs of equal level, each pair once or twice."""
    below = levels[1:] == levels[:-1]
    corner = ~(below[:, 1:] | below[:, :-1])
    falling = corner & (levels[1:, 1:] == levels[:-1, :-1])
    rising = corner & (levels[1:, :-1] == levels[:-1, 1:])
    below[:, 1:] &= starts[1:, 1:] | starts[:-1, 1:]  # once where two runs begin to overlap
    upper = np.concatenate([runs[:-1][below], runs[:-1, :-1][falling], runs[:-1, 1:][rising]])
    lower = np.concatenate([runs[1:][below], runs[1:, 1:][falling], runs[1:, :-1][rising]])
    return upper, lower


def _components(a: NDArray[np.intp], b: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Root of each node: hang the greater root of every edge on the smaller, flatten, and repeat."""
    parent = np.arange(count)
    while a.size:
        np.minimum.at(parent, np.maximum(a, b), np.minimum(a, b))
        parent = _flattened(parent)
        a, b = parent[a], parent[b]
        open_edges = a != b
        a, b = a[open_edges], b[open_edges]
    return parent


def _flattened(parent: NDArray[np.intp]) -> NDArray[np.intp]:
    while True:
        grandparent = parent[parent]
        if np.array_equal(grandparent, parent):
            return parent
        parent = grandparent
