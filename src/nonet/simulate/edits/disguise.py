"""A frame of something else in the look of the Fetus Framework data: its greys, a fan on black, a machine's screen.

It is for asking whether a program tells anatomy from the look of its training pictures. The
greys are those of ``look.json``, which ``tools/fit_look.py`` measures on Set1 of that data (Cui and Dong 2022, CC BY
4.0), and the fan and the screen those of the simulator's machines.
"""

from __future__ import annotations

import json
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nonet.frames.overlay import find_overlay, find_sector
from nonet.frames.overlay.hide import fill
from nonet.simulate.devices import STUDY_DEVICES, Device
from nonet.simulate.head.pose import Pose, draw_pose
from nonet.simulate.head.scene import FloatArray
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.screen.callipers import draw_callipers
from nonet.simulate.screen.draw_screen import draw_overlay

__all__ = ["LOOK_FILE", "disguise"]

LOOK_FILE = Path(__file__).parent / "look.json"

_CRL_MM = 65.0
_ZOOM = (1.0, 1.6)
_CALLIPERS_AT = ((0.3, 0.7), (0.6, 0.85))
_NT_MM = (1.0, 2.5)

Pixels = NDArray[np.uint8]


def disguise(pixels: Pixels, *, seed: int = 0) -> Pixels:
    """The frame as one of the machines of a study would have shown it, ``uint8[H', W']`` of that machine's size.

    Marks of its own are filled, its sector is magnified by up to 1.6 times to fill the screen, its greys become
    those of a device family of the data, and fan, text, ruler and callipers are the machine's.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    seed
        With the pixels themselves, it chooses machine, family, magnification, pose of the probe and marks.
    """
    rng = np.random.default_rng([seed, zlib.crc32(np.ascontiguousarray(pixels).tobytes())])
    device = STUDY_DEVICES[int(rng.integers(len(STUDY_DEVICES)))]
    pose = draw_pose(rng, device, _CRL_MM)
    grid = PolarGrid.covering(pose, device)
    fan = grid.convert(np.ones(grid.shape), pose) > 0
    family = str(rng.choice(sorted(_greys())))
    shown = np.where(fan, _matched(_magnified(pixels, device, rng), fan, _greys()[family]), np.uint8(0))
    return _burnt_in(shown, device, pose, rng)


@cache
def _greys() -> dict[str, FloatArray]:
    """For each device family, evenly spaced quantiles of its greys."""
    table: dict[str, dict[str, list[float]]] = json.loads(LOOK_FILE.read_text())
    return {family: np.array(levels) for family, levels in table["quantiles"].items()}


def _magnified(pixels: Pixels, device: Device, rng: np.random.Generator) -> Pixels:
    """The middle of the frame's sector, without what was drawn on it, in the size of the machine's screen."""
    drawn = find_overlay(pixels)
    rows, columns = (_extent(find_sector(pixels, drawn), axis) for axis in (0, 1))
    across, down = columns[1] - columns[0], rows[1] - rows[0]
    scale = max(device.width / across, device.height / down) * rng.uniform(*_ZOOM)
    half = device.width / scale / 2, device.height / scale / 2
    x, y = columns[0] + across / 2, rows[0] + down / 2
    part = (max(x - half[0], 0), max(y - half[1], 0), min(x + half[0], columns[1]), min(y + half[1], rows[1]))
    size = (device.width, device.height)
    return np.asarray(Image.fromarray(fill(pixels, drawn)).resize(size, Image.Resampling.BICUBIC, box=part))


def _extent(mask: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """First and last place along an axis that the mask reaches, half-open; all of it where the mask is empty."""
    places = np.nonzero(mask)[axis]
    return (int(places.min()), int(places.max()) + 1) if places.size else (0, mask.shape[axis])


def _matched(pixels: Pixels, fan: NDArray[np.bool_], greys: FloatArray) -> Pixels:
    """The picture with each level moved to where its rank inside the fan lies among the wanted greys."""
    counts = np.bincount(pixels[fan], minlength=256)
    ranks = (np.cumsum(counts) - counts / 2) / max(counts.sum(), 1)
    levels = np.interp(ranks, np.linspace(0, 1, len(greys)), greys)
    return np.asarray(np.rint(levels).astype(np.uint8)[pixels])


def _burnt_in(pixels: Pixels, device: Device, pose: Pose, rng: np.random.Generator) -> Pixels:
    """The picture with callipers somewhere in its lower half, text, ruler and inset."""
    distance = float(rng.uniform(*_NT_MM))
    x, y = (rng.uniform(*share) * side for share, side in zip(_CALLIPERS_AT, pixels.shape[::-1], strict=True))
    ends = np.array([(x, y), (x, y + distance / pose.mm_per_px)])
    return draw_overlay(draw_callipers(pixels, ends, distance, rng), device, pose.mm_per_px, rng)
