"""Where the nine boxes lie relative to each other: the distribution fitted to real boxes, and draws from it.

The table ``layout.json`` is written by ``python -m nonet.simulate.fit_layout``. Lengths are in head
units: the root mean square distance of the five inner structures (thalami, midbrain, palate, fourth
ventricle, cisterna magna) from their mean, which is the origin. The body lies to the left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.simulate.scene import FloatArray

__all__ = ["LAYOUT_FILE", "LayoutPrior", "draw_layout", "layout_prior"]

LAYOUT_FILE = Path(__file__).parent / "layout.json"

_CLIP = 2.0
_UNIT_MM_AT_CRL_65 = 6.77
_OFD_MM = (11.0, 0.285)


@dataclass(frozen=True, slots=True)
class LayoutPrior:
    """A normal distribution over nine boxes.

    Parameters
    ----------
    mean
        ``float[36]``: for each structure centre x, centre y, log width, log height.
    factor
        ``float[k, 36]``, principal axes scaled by their standard deviation.
    """

    mean: FloatArray
    factor: FloatArray


@cache
def layout_prior() -> LayoutPrior:
    """The fitted distribution that ships with the package."""
    table = json.loads(LAYOUT_FILE.read_text())
    return LayoutPrior(np.array(table["mean"]), np.array(table["factor"]))


def head_unit_mm(crl_mm: float) -> float:
    """Length of the head unit: it grows with the occipito-frontal diameter, about 11 + 0.285 CRL."""
    base, slope = _OFD_MM
    return _UNIT_MM_AT_CRL_65 * (base + slope * crl_mm) / (base + slope * 65.0)


def draw_layout(rng: np.random.Generator, crl_mm: float) -> dict[Structure, FloatArray]:
    """Nine boxes in mm as ``[centre x, centre y, width, height]``, body to the left, origin in the head."""
    prior = layout_prior()
    weights = np.clip(rng.standard_normal(len(prior.factor)), -_CLIP, _CLIP)
    rows = (prior.mean + weights @ prior.factor).reshape(len(STRUCTURES), 4)
    unit = head_unit_mm(crl_mm) * float(np.exp(0.04 * np.clip(rng.standard_normal(), -_CLIP, _CLIP)))
    rows[:, 2:] = np.exp(rows[:, 2:])
    return dict(zip(STRUCTURES, unit * rows, strict=True))
