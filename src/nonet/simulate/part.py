"""The drawing that the parts of the anatomy share: scene, outlines, true sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

from nonet.anatomy import Structure
from nonet.simulate.layout import head_unit_mm
from nonet.simulate.scene import FloatArray, Scene

__all__ = ["Anatomy"]


@dataclass(slots=True)
class Anatomy:
    crl_mm: float
    boxes: dict[Structure, FloatArray]
    absent: frozenset[Structure]
    scene: Scene = field(default_factory=Scene)
    outlines: dict[Structure, FloatArray] = field(default_factory=dict)
    truth: dict[str, float] = field(default_factory=dict)
    landmarks: dict[str, FloatArray] = field(default_factory=dict)

    @property
    def k(self) -> float:
        """Size relative to a fetus of 65 mm."""
        return head_unit_mm(self.crl_mm) / head_unit_mm(65.0)
