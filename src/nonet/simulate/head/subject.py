"""What a seed decides before any machine scans: the head, and the streams that all else draws from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from nonet.anatomy import Structure
from nonet.simulate.devices import TRAINING_DEVICES, Device
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.sketch import Sketch

__all__ = ["CRL_MM", "Subject", "draw_subject"]

CRL_MM = (45.0, 84.0)
"""Crown-rump lengths for which the sizes of the head are modelled."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A head to be scanned.

    Parameters
    ----------
    head
        Its anatomy in mm.
    device
        The machine that the seed chooses among `TRAINING_DEVICES`.
    posing, scanning, overlay
        Seeds of the pose, of texture, speckle and noise, and of what is drawn over the picture.
    """

    head: Sketch
    device: Device
    posing: np.random.SeedSequence
    scanning: np.random.SeedSequence
    overlay: np.random.SeedSequence


def draw_subject(
    seed: int,
    crl_mm: float | None = None,
    absent: Collection[Structure] = (),
    wanted: Mapping[str, float] | None = None,
) -> Subject:
    """The subject of a seed; machine, head, pose, scan and overlay draw from separate streams of it.

    Parameters
    ----------
    seed
        Any non-negative integer.
    crl_mm
        Crown-rump length in mm, 45 to 84; by default the seed chooses.
    absent
        Structures to leave out.
    wanted
        Sizes that the head has instead of its own, see `nonet.simulate.head.fetal_head.draw_head`.
    """
    choice, anatomy, posing, scanning, overlay = np.random.SeedSequence(seed).spawn(5)
    rng = np.random.default_rng(choice)
    device, drawn_crl = TRAINING_DEVICES[int(rng.integers(len(TRAINING_DEVICES)))], float(rng.uniform(*CRL_MM))
    crl_mm = drawn_crl if crl_mm is None else crl_mm
    head = draw_head(np.random.default_rng(anatomy), crl_mm, frozenset(absent), wanted)
    return Subject(head, device, posing, scanning, overlay)
