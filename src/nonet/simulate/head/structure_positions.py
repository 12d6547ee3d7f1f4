"""Where the nine boxes lie relative to each other: the distribution fitted to real boxes, and draws from it.

``tools/fit_structure_positions.py`` writes the table ``structure_positions.json`` from the boxes of Set1 of the
Dataset for Fetus Framework (Cui and Dong 2022, CC BY 4.0). Lengths are in head units: the root mean square
distance of the five inner structures from their mean, which is the origin. The body lies to the left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.simulate.head.scene import FloatArray

__all__ = ["INNER", "LAYOUT_FILE", "LayoutPrior", "draw_layout", "head_unit_mm", "layout_prior"]

LAYOUT_FILE = Path(__file__).parent / "structure_positions.json"

INNER = (
    Structure.THALAMI,
    Structure.MIDBRAIN,
    Structure.PALATE,
    Structure.FOURTH_VENTRICLE,
    Structure.CISTERNA_MAGNA,
)
"""The structures whose spread is the head unit: nearly always boxed, and far apart."""

_CLIP = 2.0
_SIZE_SPREAD = 0.04
_CRL_OF_THE_DATA_MM = 65.0


@dataclass(frozen=True, slots=True)
class LayoutPrior:
    """A normal distribution over nine boxes, and how the real frames show them.

    Parameters
    ----------
    mean
        ``float[36]``: for each structure centre x, centre y, log width, log height.
    factor
        ``float[k, 36]``, principal axes scaled by their standard deviations.
    unit_mm
        Median length of the head unit.
    unit_px, place_x, place_y
        Mean and standard deviation of the head unit in pixels, and of the origin's place as a share of
        the image's width (body to the left) and height.
    """

    mean: FloatArray
    factor: FloatArray
    unit_mm: float
    unit_px: tuple[float, float]
    place_x: tuple[float, float]
    place_y: tuple[float, float]


@cache
def layout_prior() -> LayoutPrior:
    """The fitted distribution that ships with the package."""
    table = json.loads(LAYOUT_FILE.read_text())
    pairs = [(table[name][0], table[name][1]) for name in ("unit_px", "place_x", "place_y")]
    return LayoutPrior(np.array(table["mean"]), np.array(table["factor"]), table["unit_mm"], *pairs)


def head_unit_mm(crl_mm: float) -> float:
    """Length of the head unit: in proportion to the occipito-frontal diameter, about 11 + 0.285 CRL mm."""
    return layout_prior().unit_mm * (11.0 + 0.285 * crl_mm) / (11.0 + 0.285 * _CRL_OF_THE_DATA_MM)


def draw_layout(rng: np.random.Generator, crl_mm: float) -> dict[Structure, FloatArray]:
    """Nine boxes in mm as ``[centre x, centre y, width, height]``, body to the left, origin in the head."""
    prior = layout_prior()
    weights = np.clip(rng.standard_normal(len(prior.factor)), -_CLIP, _CLIP)
    rows = (prior.mean + weights @ prior.factor).reshape(len(STRUCTURES), 4)
    rows[:, 2:] = np.exp(rows[:, 2:])
    own = np.exp(_SIZE_SPREAD * np.clip(rng.standard_normal(), -_CLIP, _CLIP))
    return dict(zip(STRUCTURES, own * head_unit_mm(crl_mm) * rows, strict=True))
