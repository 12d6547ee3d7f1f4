"""Shares of frames in the resamples of a bootstrap, and figures as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonet.datasets.groups import groups_of
from nonet.datasets.near_copies import near_copies
from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.ratio import ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.datasets.data_set import ImageRow

__all__ = ["Samples", "figures_json", "group_numbers", "share"]

Samples = NDArray[np.float64]
"""A figure of all frames, then of each resample."""


def group_numbers(images: Sequence[ImageRow], hashes: Mapping[str, tuple[str, str]]) -> NDArray[np.int64]:
    """A number for the group of each image: its patient, or else the image and its near copies.

    Parameters
    ----------
    images
        ``N`` images.
    hashes
        By name `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` of each.
    """
    copies = near_copies({image.name: hashes[image.name][1] for image in images})
    groups = groups_of(images, {image.name: hashes[image.name][0] for image in images}, copies)
    return np.unique([groups[image.name] for image in images], return_inverse=True)[1].astype(np.int64)


def share(true: NDArray[np.bool_], of: NDArray[np.bool_], weights: NDArray[np.int32]) -> Samples:
    """The share of some frames that is true in each resample, NaN where there are none."""
    counted = (weights @ of.astype(np.int32)).astype(np.float64)
    above = (weights @ (true & of).astype(np.int32)).astype(np.float64)
    return ratio(above, counted)


def figures_json(drawn: Mapping[str, Samples]) -> dict[str, dict[str, float | None]]:
    """Each figure with its value and interval, by name."""
    return {name: figure_json(one) for name, one in drawn.items()}
