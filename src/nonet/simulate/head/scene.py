"""What a scan sees, in millimetres: tissues with an echo level, and interfaces that reflect."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import Structure

__all__ = ["FloatArray", "Grain", "Interface", "Part", "Region", "Scene", "Tissue"]

FloatArray = NDArray[np.float64]


class Grain(IntEnum):
    """How the unevenness of a tissue runs: not at all, in lumps, along the body, along the wall, in clouds."""

    NONE = 0
    BRAIN = 1
    BODY = 2
    WALL = 3
    FLUID = 4


class Region(StrEnum):
    """What of the fetus and its surroundings is none of the nine structures."""

    PROFILE = "profile"
    NAPE = "nape"
    OCCIPUT = "occiput"
    TRUNK = "trunk"
    SPINAL_CANAL = "spinal_canal"
    BRAIN = "brain"
    BRAIN_STEM = "brain_stem"
    FACE = "face"
    JAW = "jaw"
    WOMB = "womb"


Part = Structure | Region
"""What a tissue or an interface belongs to."""


@dataclass(frozen=True, slots=True)
class Tissue:
    """An area of scatterers.

    Parameters
    ----------
    outline
        ``float[n, 2]``, closed polygon, (x, y) in mm.
    level_db
        Mean backscatter; brain is about 0 dB, fluid below -30.
    grain
        The unevenness it has.
    soft_mm
        Standard deviation of its edge: 0 for a wall, more where one tissue passes into another.
    loss_db_per_mm
        What the beam loses beyond the average that the machine's gain makes up for; fluid is negative.
    part
        What it belongs to.
    opacity
        The share of the beam's thickness that it fills, 0 to 1.
    """

    outline: FloatArray
    level_db: float
    grain: Grain = Grain.NONE
    soft_mm: float = 0.0
    loss_db_per_mm: float = 0.0
    part: Part = Region.WOMB
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Interface:
    """A smooth surface: bright where it faces the beam.

    Parameters
    ----------
    path
        ``float[n, 2]``, open line, (x, y) in mm.
    level_db
        Echo of a stretch that lies across the beam.
    width_mm
        Thickness over which the echo is spread.
    polish
        Exponent on the cosine between normal and beam: 0 scatters alike to all sides.
    loss_db
        What the beam loses in crossing it; bone casts a shadow.
    taper
        Share of the length over which each end fades out.
    missing_mm
        From and to along the path, where there is no surface; None if it is whole.
    part
        What it belongs to.
    """

    path: FloatArray
    level_db: float
    width_mm: float = 0.15
    polish: float = 3.0
    loss_db: float = 0.0
    taper: float = 0.15
    missing_mm: tuple[float, float] | None = None
    part: Part = Region.WOMB


@dataclass(slots=True)
class Scene:
    """Tissues, painted in order, and interfaces; (x, y) in mm, x right, y away from the probe.

    ``grain_angle`` says in radians, clockwise, how each grain is turned; ``anchor_mm`` is the point to
    which the grains hold fast when the scene is moved; ``fluid_db`` is the level where no tissue is. No
    outline may enclose the centre of the probe's curvature.
    """

    tissues: list[Tissue] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    grain_angle: dict[Grain, float] = field(default_factory=dict)
    anchor_mm: tuple[float, float] = (0.0, 0.0)
    fluid_db: float = -60.0
